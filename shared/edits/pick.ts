import type { PredictedEdit } from '../conversation/conversation.ts';
import { LineIndex } from '../positions/lineIndex.ts';
import { type Hunk, toHunks } from './hunks.ts';

/**
 * The hunk to show first: the one nearest the cursor, those below it before those above, because people work
 * downwards; a hunk that is clearly more certain than the nearest one goes first.
 * Undefined when there are no edits. `cursorOffset` is in UTF-16 code units of `text`, clamped to it.
 * Throws a RangeError as `applyEdits` does.
 */
export function pickHunk<T extends PredictedEdit>(
  text: string,
  edits: readonly T[],
  cursorOffset: number,
): Hunk<T> | undefined {
  if (edits.length === 0) return undefined;
  const cursorLine = new LineIndex(text).lineAt(cursorOffset);
  let best: Hunk<T> | undefined;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const hunk of toHunks(text, edits)) {
    const score = confidenceOf(hunk) - detour(hunk, cursorLine);
    if (score > bestScore) [best, bestScore] = [hunk, score];
  }
  return best;
}

/** A hunk is as certain as its least certain edit. */
export function confidenceOf(hunk: Hunk<PredictedEdit>): number {
  return Math.min(...hunk.edits.map((edit) => edit.confidence));
}

/** How much certainty the way to a hunk costs: nothing on the cursor's line, at most 0.5 far below and 0.6 above. */
function detour(hunk: Hunk, cursorLine: number): number {
  const below = hunk.startLine - cursorLine;
  const above = cursorLine - Math.max(hunk.startLine, hunk.endLine - 1);
  const distance = Math.max(below, above, 0);
  const far = (0.5 * distance) / (distance + 10);
  return above > 0 ? 0.1 + far : far;
}
