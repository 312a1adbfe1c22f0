import type { OffsetEdit } from './offsetEdit.ts';

/** The edits by offset; edits at the same place keep their order, an insertion before a replacement. */
export function sortEdits<T extends OffsetEdit>(edits: readonly T[]): T[] {
  return [...edits].sort((a, b) => a.start - b.start || a.end - b.end);
}

/**
 * Sorts `edits` and checks that they can be applied together to a text of `length` UTF-16 code units.
 * Throws a RangeError for an edit that is reversed or out of bounds, and for two that overlap.
 */
export function checkEdits<T extends OffsetEdit>(length: number, edits: readonly T[]): T[] {
  const sorted = sortEdits(edits);
  let covered = 0;
  for (const { start, end } of sorted) {
    if (!Number.isInteger(start) || !Number.isInteger(end)) {
      throw new RangeError(`edit [${start}, ${end}) has offsets that are not whole numbers`);
    }
    if (start > end) throw new RangeError(`edit [${start}, ${end}) is reversed`);
    if (start < 0 || end > length) {
      throw new RangeError(`edit [${start}, ${end}) lies outside the text of length ${length}`);
    }
    if (start < covered) throw new RangeError(`edit [${start}, ${end}) overlaps one that ends at ${covered}`);
    covered = end;
  }
  return sorted;
}

/**
 * The text with all `edits` applied at once; every offset is one of `text`, and the edits may come in any order.
 * Throws a RangeError when an edit is reversed or out of bounds, or when two overlap.
 */
export function applyEdits(text: string, edits: readonly OffsetEdit[]): string {
  const parts: string[] = [];
  let position = 0;
  for (const { start, end, newText } of checkEdits(text.length, edits)) {
    parts.push(text.slice(position, start), newText);
    position = end;
  }
  parts.push(text.slice(position));
  return parts.join('');
}

/**
 * One edit with the effect of all the edits, which are sorted and disjoint: from the first one's start to the last
 * one's end.
 */
export function mergeEdits(text: string, edits: readonly OffsetEdit[]): OffsetEdit {
  const start = edits[0]?.start ?? 0;
  let end = start;
  let newText = '';
  for (const edit of edits) {
    newText += text.slice(end, edit.start) + edit.newText;
    end = edit.end;
  }
  return { start, end, newText };
}
