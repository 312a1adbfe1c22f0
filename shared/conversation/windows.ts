import { type LineRange, saysSomething } from '../edits/lines.ts';
import type { TargetArea } from './conversation.ts';
import type { View } from './format.ts';
import type { Snippet } from './snippet.ts';

/** The possible numbers of lines in an excerpt, largest first. */
export const windowSizes = [1024, 512, 256, 128, 64, 32, 16, 8] as const;

/**
 * The excerpt of `size` lines around the target, which is on lines `first` to `last` (inclusive), in a text of
 * `lineCount` lines; undefined where it does not fit.
 *
 * Windows begin on a grid of half their size, a quarter before the target's grid cell. So the same lines are shown
 * while the target moves within its cell, and a model host's cache of them stays valid; and the target has at least a
 * quarter of the window on either side, except at the text's ends.
 */
export function windowAround(size: number, first: number, last: number, lineCount: number): LineRange | undefined {
  const cell = size / 2;
  const start = Math.floor(first / cell) * cell - size / 4;
  const end = start + size;
  if (last >= end) return undefined;
  return { first: Math.max(0, start), last: Math.min(end, lineCount) };
}

/** The whole text, then ever smaller windows around the target: for a format in which all shown lines are editable. */
export function* wholeThenWindows(snippet: Snippet, target: TargetArea | undefined): Generator<View> {
  yield {};
  const [first, last] = targetLines(snippet, target);
  for (const size of windowSizes) {
    const excerpt = size < snippet.lineCount ? windowAround(size, first, last, snippet.lineCount) : undefined;
    if (excerpt) yield { excerpt };
  }
}

/** The whole text where it has at most `most` lines, then ever smaller windows around the target. */
export function* windowsWithin(most: number, snippet: Snippet, target: TargetArea | undefined): Generator<View> {
  for (const view of wholeThenWindows(snippet, target)) {
    const { first, last } = snippet.shown(view.excerpt);
    if (last - first <= most) yield view;
  }
}

/**
 * Ever smaller excerpts around the target, each with a number of editable lines above and below the target: for a
 * format in which the model rewrites a few lines but sees more. In the last, small ones, all lines are editable.
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

/**
 * The range without the lines at its edges that say nothing alone: blank ones and brackets above the target, blank ones
 * below it. A small model leaves them out when it writes the lines again, which then looks like a change.
 */
export function withoutIdleEdges(snippet: Snippet, target: TargetArea | undefined, range: LineRange): LineRange {
  const { lines } = snippet;
  const [upper, lower] = targetLines(snippet, target);
  let { first, last } = range;
  while (first < upper && !saysSomething(lines[first] ?? '')) first++;
  while (last - 1 > lower && lines[last - 1]?.trim() === '') last--;
  return { first, last };
}

function joined(a: LineRange, b: LineRange): LineRange {
  return { first: Math.min(a.first, b.first), last: Math.max(a.last, b.last) };
}

/** The first and last line of the target; the first line of the text if there is no target. */
function targetLines(snippet: Snippet, target: TargetArea | undefined): [first: number, last: number] {
  if (target?.kind !== 'selection') {
    const { line } = snippet.placeOf(target?.offset ?? 0);
    return [line, line];
  }
  return [snippet.placeOf(target.start).line, snippet.placeOf(target.end).line];
}
