import type { LineRange } from '../edits/lines.ts';
import type { RecentChange } from './recentChanges.ts';

/** A text, or a part of it, as it is shown. */
export interface TextAtCursor {
  readonly path: string;
  /** The cursor's line in the document; absent where there is none. */
  readonly cursor: number | undefined;
  /** A line by its number in the document, if it is of this part. */
  readonly lineAt: (line: number) => string | undefined;
}

/** The lines that an edit made, on one of which the cursor is. */
export interface EditAtCursor extends LineRange {
  readonly cursor: number;
}

/**
 * The lines that the last of the recent changes made, where all of them are in the text, and the cursor is on one: what the programmer is
 * likely to go on with. Behind a change that is too long to be shown, lines may stand elsewhere by now: then none.
 */
export function editAtCursor(
  change: RecentChange | undefined,
  { path, cursor, lineAt }: TextAtCursor,
): EditAtCursor | undefined {
  if (cursor === undefined || !change || change.path !== path) return undefined;
  const first = change.newStart + change.above.length;
  const last = first + change.added.length;
  const isThere = change.added.every((line, i) => lineAt(first + i) === line);
  return isThere && first <= cursor && cursor < last ? { first, last, cursor } : undefined;
}
