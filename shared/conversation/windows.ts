import type { LineRange } from '../edits/lines.ts';
import type { TargetArea } from './conversation.ts';
import type { View } from './format.ts';
import type { Snippet } from './snippet.ts';

/** How many lines an excerpt may have, the most first. */
export const windowSizes = [1024, 512, 256, 128, 64, 32, 16, 8] as const;

/**
 * The excerpt of `size` lines around the target, which is on lines `first` to `last` (inclusive), in a text of
 * `lineCount` lines; undefined where it does not fit.
 *
 * Windows begin on a grid of half their size, a quarter before the cell that the target begins in. So the same lines are
 * shown while the target moves within its cell, and what a model host has cached of them stays good; and the target has
 * a quarter of the window at least on either side, but at the text's ends.
 */
export function windowAround(size: number, first: number, last: number, lineCount: number): LineRange | undefined {
  const cell = size / 2;
  const start = Math.floor(first / cell) * cell - size / 4;
  const end = start + size;
  if (last >= end) return undefined;
  return { first: Math.max(0, start), last: Math.min(end, lineCount) };
}

/** The whole text, then ever smaller windows around the target: for a format that edits all that it shows. */
export function* wholeThenWindows(snippet: Snippet, target: TargetArea | undefined): Generator<View> {
  yield {};
  const [first, last] = targetLines(snippet, target);
  for (const size of windowSizes) {
    const excerpt = size < snippet.lineCount ? windowAround(size, first, last, snippet.lineCount) : undefined;
    if (excerpt) yield { excerpt };
  }
}

/**
 * Ever smaller excerpts around the target, and in each so many lines above and below the target's that may be changed:
 * for a format that has the model write a few lines anew and shows more. The last are small all over.
 */
export function* linesAroundTarget(
  snippet: Snippet,
  target: TargetArea | undefined,
  above: number,
  below: number,
): Generator<View> {
  const [first, last] = targetLines(snippet, target);
  const around = (most: number) => ({
    first: Math.max(0, first - Math.min(above, most)),
    last: Math.min(snippet.lineCount, last + Math.min(below, most) + 1),
  });
  const all = around(Number.POSITIVE_INFINITY);
  yield { editable: all };
  for (const size of windowSizes) {
    if (size < above + below && size * 2 >= above + below) yield { excerpt: all, editable: all };
    const editable = size >= above + below ? all : around(size / 4);
    const excerpt = size < snippet.lineCount ? windowAround(size, first, last, snippet.lineCount) : undefined;
    if (excerpt) yield { excerpt: joined(excerpt, editable), editable };
  }
}

function joined(a: LineRange, b: LineRange): LineRange {
  return { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}

/** The lines that the target begins and ends on; the first line where there is none. */
function targetLines(snippet: Snippet, target: TargetArea | undefined): [first: number, last: number] {
  if (target?.kind !== 'selection') {
    const { line } = snippet.placeOf(target?.offset ?? 0);
    return [line, line];
  }
  return [snippet.placeOf(target.start).line, snippet.placeOf(target.end).line];
}
