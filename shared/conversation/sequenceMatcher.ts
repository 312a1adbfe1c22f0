/**
 * Line matching exactly like Python's `difflib.SequenceMatcher` (Ratcliff and Obershelp's gestalt matching, with the
 * rule that in a sequence of 200 or more an element that makes up more than one in a hundred is too popular to start a
 * match). CursorCore was trained on its results, which differ from a shortest edit script. The ports on npm are
 * unmaintained, and use lines as property names.
 */

import type { LineHunk } from '../edits/diff.ts';

interface Block {
  readonly a: number;
  readonly b: number;
  readonly size: number;
}

interface Window {
  readonly aFirst: number;
  readonly aLast: number;
  readonly bFirst: number;
  readonly bLast: number;
}

const popularFrom = 200;

/** The blocks that differ, in order: every opcode of `SequenceMatcher(None, a, b)` that is not `equal`. */
export function sequenceHunks(a: readonly string[], b: readonly string[]): LineHunk[] {
  const hunks: LineHunk[] = [];
  let [start, newStart] = [0, 0];
  for (const match of [...matchingBlocks(a, b), { a: a.length, b: b.length, size: 0 }]) {
    if (start < match.a || newStart < match.b) hunks.push({ start, end: match.a, newStart, newEnd: match.b });
    [start, newStart] = [match.a + match.size, match.b + match.size];
  }
  return hunks;
}

/** How much of both stands in both, 0 to 1: `SequenceMatcher(None, a, b).ratio()`. */
export function sequenceRatio(a: readonly string[], b: readonly string[]): number {
  if (a.length + b.length === 0) return 1;
  const different = sequenceHunks(a, b).reduce(
    (sum, { start, end, newStart, newEnd }) => sum + end - start + newEnd - newStart,
    0,
  );
  return 1 - different / (a.length + b.length);
}

/** The matching blocks in order, none adjacent to the next in both sequences. */
function matchingBlocks(a: readonly string[], b: readonly string[]): Block[] {
  const places = unpopularPlaces(b);
  const found: Block[] = [];
  const open: Window[] = [{ aFirst: 0, aLast: a.length, bFirst: 0, bLast: b.length }];
  for (let window = open.pop(); window; window = open.pop()) {
    const block = longestMatch(a, b, places, window);
    if (block.size === 0) continue;
    found.push(block);
    open.push({ ...window, aLast: block.a, bLast: block.b });
    open.push({ ...window, aFirst: block.a + block.size, bFirst: block.b + block.size });
  }
  found.sort((x, y) => x.a - y.a);
  const joined: Block[] = [];
  for (const block of found) {
    const last = joined.at(-1);
    if (last && last.a + last.size === block.a && last.b + last.size === block.b) {
      joined[joined.length - 1] = { ...last, size: last.size + block.size };
    } else {
      joined.push(block);
    }
  }
  return joined;
}

function unpopularPlaces(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, element] of b.entries()) {
    const known = places.get(element);
    if (known) known.push(at);
    else places.set(element, [at]);
  }
  if (b.length >= popularFrom) {
    const most = Math.floor(b.length / 100) + 1;
    for (const [element, known] of places) if (known.length > most) places.delete(element);
  }
  return places;
}

/** The longest match in a window, the earliest in `a`, then in `b`; extended at both ends by popular elements. */
function longestMatch(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  { aFirst, aLast, bFirst, bLast }: Window,
): Block {
  let best: Block = { a: aFirst, b: bFirst, size: 0 };
  let above = new Map<number, number>();
  for (let i = aFirst; i < aLast; i++) {
    const here = new Map<number, number>();
    for (const j of places.get(a[i] ?? '') ?? []) {
      if (j < bFirst) continue;
      if (j >= bLast) break;
      const size = (above.get(j - 1) ?? 0) + 1;
      here.set(j, size);
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size };
    }
    above = here;
  }
  let { a: i, b: j, size } = best;
  while (i > aFirst && j > bFirst && a[i - 1] === b[j - 1]) {
    i--;
    j--;
    size++;
  }
  while (i + size < aLast && j + size < bLast && a[i + size] === b[j + size]) size++;
  return { a: i, b: j, size };
}
