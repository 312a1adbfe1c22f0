import type { PredictedEdit } from '../../shared/conversation/conversation.ts';
import { toHunks } from '../../shared/edits/hunks.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { printable } from '../../shared/printable.ts';

/** Edits farther from the cursor than this many UTF-16 code units are never shown as ghost text. */
const maxReach = 2000;

/**
 * What to insert at `cursor` to get the effect of `edit`, or undefined where no insertion there does. Ghost text can
 * only be such an insertion: a client draws it at the cursor and cannot show that text before or behind the cursor is
 * removed.
 */
export function ghostText(text: string, edit: OffsetEdit, cursor: number): string | undefined {
  const from = Math.min(edit.start, cursor);
  const to = Math.max(edit.end, cursor);
  if (to - from > maxReach || cursor > text.length) return undefined;
  // The same insertion can be written at several places in repeated text, so the stretch up to the cursor counts too.
  const before = text.slice(from, cursor);
  const after = text.slice(cursor, to);
  const made = text.slice(from, edit.start) + edit.newText + text.slice(edit.end, to);
  if (made.length <= before.length + after.length || !made.startsWith(before) || !made.endsWith(after))
    return undefined;

  const inserted = made.slice(before.length, made.length - after.length);
  // Clients omit what is at the cursor already, as if the user had typed it, and would draw the rest behind it.
  if (inserted[0] === text[cursor] && !/[\r\n]/.test(text[cursor] ?? '')) return undefined;
  // Clients draw further lines below the whole line, so text behind the cursor would be shown in the wrong place.
  return /[\r\n]/.test(inserted) && !restOfLineIsBlank(text, cursor) ? undefined : inserted;
}

function restOfLineIsBlank(text: string, cursor: number): boolean {
  return /^[ \t]*(?:[\r\n]|$)/.test(text.slice(cursor, cursor + maxReach));
}

/** The description of a hunk's edits: the engine's, if all agree, or what the hunk does to its lines. */
export function describeEdits(text: string, edits: readonly PredictedEdit[]): string {
  const reasons = new Set(edits.map((edit) => edit.reason).filter((reason) => reason !== undefined && reason !== ''));
  const [reason] = reasons;
  if (reason !== undefined && reasons.size === 1) return printable(reason);
  const [hunk] = toHunks(text, edits);
  if (!hunk) return 'edit';
  if (hunk.oldLines.length === 0) return `insert ${lines(hunk.newLines.length)}`;
  if (hunk.newLines.length === 0) return `delete ${lines(hunk.oldLines.length)}`;
  return `change ${lines(hunk.oldLines.length)}`;
}

function lines(count: number): string {
  return count === 1 ? '1 line' : `${count} lines`;
}
