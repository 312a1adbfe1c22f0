/** Replaces `text.slice(start, end)` by `newText`. Offsets are UTF-16 code units, half-open. */
export interface OffsetEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}

/** Whether two edits overlap or touch: then it is not clear which comes first. */
export function touches(edit: OffsetEdit, other: OffsetEdit): boolean {
  return edit.start <= other.end && edit.end >= other.start;
}
