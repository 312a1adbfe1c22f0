import { narrowEdit } from './diff.ts';

/** At `start` of the earlier text, `removed` was replaced by `inserted`. UTF-16 offsets. */
export interface DeltaChange {
  readonly start: number;
  readonly removed: string;
  readonly inserted: string;
}

/**
 * The difference between a text and a later one: changes sorted by `start`, all in offsets of the earlier text, that
 * neither overlap nor touch. It holds both sides, so it can be undone without either text.
 */
export type Delta = readonly DeltaChange[];

/** The text after `delta`, which must be a delta of `text`. */
export function applyDelta(text: string, delta: Delta): string {
  const parts: string[] = [];
  let position = 0;
  for (const { start, removed, inserted } of delta) {
    parts.push(text.slice(position, start), inserted);
    position = start + removed.length;
  }
  parts.push(text.slice(position));
  return parts.join('');
}

/** The delta from the later text back to the earlier one. */
export function invertDelta(delta: Delta): Delta {
  let shift = 0;
  return delta.map(({ start, removed, inserted }) => {
    const inverse = { start: start + shift, removed: inserted, inserted: removed };
    shift += inserted.length - removed.length;
    return inverse;
  });
}

/**
 * Whether both texts are equal, even if the changes do not show it (`a` inserted before `a`, `a` removed behind it).
 */
export function changesNothing(delta: Delta, after: string): boolean {
  const [first, last] = [delta[0], delta.at(-1)];
  if (!first || !last) return true;
  const grown = growth(delta);
  if (grown !== 0) return false;
  const window = after.slice(first.start, last.start + last.removed.length);
  const inverse = invertDelta(delta).map((change) => ({ ...change, start: change.start - first.start }));
  return applyDelta(window, inverse) === window;
}

/** How much longer the later text is. */
export function growth(delta: Delta): number {
  let sum = 0;
  for (const { removed, inserted } of delta) sum += inserted.length - removed.length;
  return sum;
}

/** Roughly how many UTF-16 code units the delta keeps in memory. */
export function sizeOf(delta: Delta): number {
  let sum = 0;
  for (const { removed, inserted } of delta) sum += removed.length + inserted.length + 32;
  return sum;
}

/** The same delta without text that its changes remove and insert again at their ends. */
export function narrowDelta(delta: Delta): Delta {
  return delta.flatMap((change) => {
    const { start, removed, inserted } = change;
    if (removed === '' || inserted === '') return removed === inserted ? [] : [change];
    if (removed === inserted) return [];
    const edit = narrowEdit(removed, { start: 0, end: removed.length, newText: inserted });
    return [{ start: start + edit.start, removed: removed.slice(edit.start, edit.end), inserted: edit.newText }];
  });
}

/** A change with its place in the text between the two deltas that are being composed. */
interface Placed {
  readonly at: number;
  readonly end: number;
  readonly change: DeltaChange;
}

/** The delta with the effect of `first` and then `second`; changes that cancel out are removed. */
export function composeDeltas(first: Delta, second: Delta): Delta {
  let shift = 0;
  const firsts = first.map((change): Placed => {
    const at = change.start + shift;
    shift += change.inserted.length - change.removed.length;
    return { at, end: at + change.inserted.length, change };
  });
  const seconds = second.map((change): Placed => {
    return { at: change.start, end: change.start + change.removed.length, change };
  });

  const joined: DeltaChange[] = [];
  let grown = 0;
  for (let i = 0, j = 0; i < firsts.length || j < seconds.length; ) {
    const [fromI, fromJ] = [i, j];
    const at = Math.min(firsts[i]?.at ?? Infinity, seconds[j]?.at ?? Infinity);
    let end = at;
    for (let more = true; more; ) {
      more = false;
      for (let next = firsts[i]; next && next.at <= end; next = firsts[++i])
        [end, more] = [Math.max(end, next.end), true];
      for (let next = seconds[j]; next && next.at <= end; next = seconds[++j])
        [end, more] = [Math.max(end, next.end), true];
    }
    const cluster = joinCluster(firsts.slice(fromI, i), seconds.slice(fromJ, j), at, end, grown);
    joined.push(cluster);
    for (const { change } of firsts.slice(fromI, i)) grown += change.inserted.length - change.removed.length;
  }
  return narrowDelta(joined);
}

/** Changes of both deltas that touch one another and together cover `at` to `end` of the text between. */
function joinCluster(firsts: Placed[], seconds: Placed[], at: number, end: number, grown: number): DeltaChange {
  const [only] = firsts;
  const [other] = seconds;
  if (only && firsts.length === 1 && !other) return only.change;
  if (other && seconds.length === 1 && !only) return { ...other.change, start: at - grown };

  // Every character in the range was left by the first delta or removed by the second.
  let between = '';
  const known = [
    ...firsts.map((placed) => ({ at: placed.at, text: placed.change.inserted })),
    ...seconds.map((placed) => ({ at: placed.at, text: placed.change.removed })),
  ].sort((a, b) => a.at - b.at);
  for (const { at: from, text } of known) between += text.slice(at + between.length - from);
  between = between.slice(0, end - at);

  const removed = replacePlaced(between, at, firsts, (change) => change.removed);
  const inserted = replacePlaced(between, at, seconds, (change) => change.inserted);
  return { start: at - grown, removed, inserted };
}

function replacePlaced(text: string, at: number, placed: Placed[], by: (change: DeltaChange) => string): string {
  let result = '';
  let position = 0;
  for (const item of placed) {
    result += text.slice(position, item.at - at) + by(item.change);
    position = item.end - at;
  }
  return result + text.slice(position);
}

/**
 * Swaps two deltas: given `first` and then `second`, gives `under` and then `over` with the same result. Changes of
 * `second` that touch one of `first`'s cannot move below it and become part of `over`.
 */
export function commuteDeltas(first: Delta, second: Delta): { under: Delta; over: Delta } {
  const under: DeltaChange[] = [];
  const stuck: DeltaChange[] = [];
  let shift = 0;
  let i = 0;
  for (const change of second) {
    const end = change.start + change.removed.length;
    let next = first[i];
    for (; next && liesBefore(next, next.start + shift + next.inserted.length, change); next = first[++i]) {
      shift += next.inserted.length - next.removed.length;
    }
    if (next && next.start + shift <= end) stuck.push(change);
    else under.push({ ...change, start: change.start - shift });
  }
  let moved = 0;
  let k = 0;
  const over = composeDeltas(first, stuck).map((change) => {
    for (let next = under[k]; next && next.start < change.start; next = under[++k]) {
      moved += next.inserted.length - next.removed.length;
    }
    return { ...change, start: change.start + moved };
  });
  return { under, over };
}

/**
 * Whether `first`, which ends at `end`, does not touch `second`. Whole lines do not touch the start of the next line.
 */
function liesBefore(first: DeltaChange, end: number, second: DeltaChange): boolean {
  return end < second.start || (end === second.start && (first.inserted || first.removed).endsWith('\n'));
}

/**
 * The place of a change in some text, and whether it consists of whole lines, which do not touch the line behind them.
 */
export interface DeltaSpan {
  readonly start: number;
  readonly end: number;
  readonly wholeLines: boolean;
}

/** The places of the changes in the text before (`'before'`) or after the delta. */
export function spansOf(delta: Delta, side: 'before' | 'after'): DeltaSpan[] {
  let shift = 0;
  return delta.map(({ start, removed, inserted }) => {
    const at = start + shift;
    if (side === 'after') shift += inserted.length - removed.length;
    const length = side === 'after' ? inserted.length : removed.length;
    return { start: at, end: at + length, wholeLines: (inserted || removed).endsWith('\n') };
  });
}

/** The maximum length of two lines of code together, in UTF-16 code units. */
const farApart = 2000;

/** The number of line blocks in the spans: spans with no whole line of `text` between them are one block. */
export function countBlocks(spans: readonly DeltaSpan[], text: string): number {
  if (spans.length < 2) return spans.length;
  let [blocks, from] = [0, -1];
  for (const { start, end, wholeLines } of [...spans].sort((a, b) => a.start - b.start)) {
    if (from < 0 || hasWholeLine(text, from, start)) blocks++;
    from = Math.max(from, wholeLines && text[end - 1] === '\n' ? end - 1 : end);
  }
  return blocks;
}

/** Whether a line that starts behind `from` ends before `to`. A lone `\r` ends no line here: it is rare and only joins blocks. */
function hasWholeLine(text: string, from: number, to: number): boolean {
  // Over such a distance there is always one; this avoids reading a text that was just built.
  if (to - from > farApart) return true;
  const first = text.indexOf('\n', from);
  if (first < 0 || first >= to) return false;
  const second = text.indexOf('\n', first + 1);
  return second >= 0 && second < to;
}
