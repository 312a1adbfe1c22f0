import type { LineRange } from '../edits/lines.ts';
import type { Conversation } from './conversation.ts';
import { recentChanges } from './recentChanges.ts';
import { cursorOf } from './region.ts';
import { Snippet } from './snippet.ts';

/** Lines of the current text that the last edit made, one of which the cursor is on. */
export interface EditAtCursor extends LineRange {
  /** The cursor's line. */
  readonly cursor: number;
}

/** The last edit, where the cursor is in it: what the programmer is likely to go on with. It is the last of `recentChanges`. */
export function editAtCursor(conversation: Conversation): EditAtCursor | undefined {
  const offset = cursorOf(conversation);
  const edit = recentChanges(conversation, { context: 0, count: 1 }).at(-1);
  if (offset === undefined || !edit || edit.path !== conversation.path) return undefined;
  const current = Snippet.of(conversation.current);
  const cursor = current.placeOf(offset).line;
  const [first, last] = [edit.newStart, edit.newStart + edit.added.length];
  // Behind an edit that is too long to be shown, lines may stand elsewhere by now.
  const isThere = edit.added.every((line, i) => current.lines[first + i] === line);
  return isThere && first <= cursor && cursor < last ? { first, last, cursor } : undefined;
}
