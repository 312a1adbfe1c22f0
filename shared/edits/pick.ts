import type { PredictedEdit } from '../conversation/conversation.ts';
import { LineIndex } from '../positions/lineIndex.ts';
import { type Hunk, toHunks } from './hunks.ts';

/** A hunk whose certainty is below this share of the highest one waits until more certain hunks are done. */
const leastShare = 0.4;

/**
 * The hunk to show first: the next one in reading order, from the cursor's line downwards, because people work through
 * a change that way; if there is none, the nearest one above. Skips hunks that are far less certain than another one.
 * Undefined when there are no edits. `cursorOffset` is in UTF-16 code units of `text`, clamped to it. Throws a
 * RangeError as `applyEdits` does.
 */
export function pickHunk<T extends PredictedEdit>(
  text: string,
  edits: readonly T[],
  cursorOffset: number,
): Hunk<T> | undefined {
  if (edits.length === 0) return undefined;
  const cursorLine = new LineIndex(text).lineAt(cursorOffset);
  const hunks = toHunks(text, edits).map((hunk) => ({ hunk, confidence: confidenceOf(hunk) }));
  const least = leastShare * Math.max(...hunks.map(({ confidence }) => confidence));
  const likely = hunks.filter(({ confidence }) => confidence >= least).map(({ hunk }) => hunk);
  return likely.find(({ startLine, endLine }) => Math.max(startLine, endLine - 1) >= cursorLine) ?? likely.at(-1);
}

/** A hunk is as certain as its least certain edit. */
function confidenceOf(hunk: Hunk<PredictedEdit>): number {
  return Math.min(...hunk.edits.map((edit) => edit.confidence));
}
