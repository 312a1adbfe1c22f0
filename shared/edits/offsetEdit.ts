/** Replaces `text.slice(start, end)` by `newText`. Offsets are UTF-16 code units, half-open. */
export interface OffsetEdit {
  readonly start: number;
  readonly end: number;
  readonly newText: string;
}
