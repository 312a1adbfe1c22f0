import type { Excerpt } from '../../../shared/conversation/format.ts';

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
export function windowAround(size: number, first: number, last: number, lineCount: number): Excerpt | undefined {
  const cell = size / 2;
  const start = Math.floor(first / cell) * cell - size / 4;
  const end = start + size;
  if (last >= end) return undefined;
  return { first: Math.max(0, start), last: Math.min(end, lineCount) };
}
