import { distance } from 'fastest-levenshtein';
import { composeDeltas, countBlocks, type Delta, spansOf } from '../../shared/edits/delta.ts';

/** A delta with more changes than this was made by a tool, and typing does not continue it. */
const maxChanges = 64;

/** The largest product of lengths, added up over a delta's changes, whose edit distance is worth computing: about a millisecond. */
const maxProduct = 1_000_000;

/** Edit distance from the earlier text to the later one; infinite when too expensive to compute. */
function distanceOf(delta: Delta): number {
  let product = 0;
  for (const { removed, inserted } of delta) product += removed.length * inserted.length;
  if (product > maxProduct) return Infinity;
  return delta.reduce((sum, { removed, inserted }) => sum + distance(removed, inserted), 0);
}

/**
 * Whether `next` continues `step`, so that both are one step of the history. As in CursorCore's own deployment: the
 * edit distances of the two add up and the number of changed blocks stays the same. Reverting a part of a step
 * continues it, too, so that a correction leaves no trace. `between` is the text after `step` and before `next`.
 */
export function continues(step: Delta, next: Delta, between: string): boolean {
  if (step.length > maxChanges || next.length > maxChanges) return false;
  const [first, second, whole] = [step, next, composeDeltas(step, next)].map(distanceOf) as [number, number, number];
  if (!Number.isFinite(first + second + whole)) return false;
  if (whole !== first + second) return first === whole + second;
  const spans = spansOf(step, 'after');
  return countBlocks(spans, between) === countBlocks([...spans, ...spansOf(next, 'before')], between);
}

/** Whether `next` changes only the one line that `step` changed. `between` is the text after `step` and before `next`. */
export function staysOnLine(step: Delta, next: Delta, between: string): boolean {
  if (next.length === 0 || [...step, ...next].some(({ removed, inserted }) => /\n/.test(removed + inserted)))
    return false;
  const spans = [...spansOf(step, 'after'), ...spansOf(next, 'before')];
  const from = Math.min(...spans.map(({ start }) => start));
  const to = Math.max(...spans.map(({ end }) => end));
  return to - from <= maxLine && !between.slice(from, to).includes('\n');
}

/** The longest line that people edit, in UTF-16 code units. */
const maxLine = 2000;
