import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

/** A stretch of a text, in UTF-16 offsets, half-open. */
export interface OffsetRange {
  readonly start: number;
  readonly end: number;
}

/** Whether two edits of `text` lead to the same text, however they are written. */
export function sameEffect(text: string, a: OffsetEdit, b: OffsetEdit): boolean {
  if (a.newText.length - (a.end - a.start) !== b.newText.length - (b.end - b.start)) return false;
  const [from, to] = [Math.min(a.start, b.start), Math.max(a.end, b.end)];
  const made = ({ start, end, newText }: OffsetEdit) => text.slice(from, start) + newText + text.slice(end, to);
  return made(a) === made(b);
}

/** Whether a line of `text` overlaps both places. A lone `\r` ends no line here. */
export function touchSameLine(text: string, a: OffsetRange, b: OffsetRange): boolean {
  const [from, to] = [Math.min(a.end, b.end), Math.max(a.start, b.start)];
  return from >= to || !text.slice(from, to).includes('\n');
}

/** Where a place of the text before `change` is in the text after it; what overlaps it becomes part of it. */
export function movePlace({ start, end }: OffsetRange, change: OffsetEdit): OffsetRange {
  const shift = change.newText.length - (change.end - change.start);
  if (change.end < start) return { start: start + shift, end: end + shift };
  if (change.start > end) return { start, end };
  return { start: Math.min(start, change.start), end: Math.max(end, change.end) + shift };
}

/**
 * The edit extended by the parts of the surrounding word that the change removes, which the edit then puts back. Edits
 * contain only what differs, while people retype the whole word.
 */
export function widenInWord<T extends OffsetEdit>(text: string, edit: T, change: OffsetEdit): T {
  const before = text.slice(Math.min(change.start, edit.start), edit.start);
  const after = text.slice(edit.end, Math.max(change.end, edit.end));
  if (!/^[\p{L}\p{N}_$]*$/u.test(before + after)) return edit;
  return {
    ...edit,
    start: edit.start - before.length,
    end: edit.end + after.length,
    newText: before + edit.newText + after,
  };
}
