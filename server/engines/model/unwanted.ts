import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';

/**
 * Whether nobody who did not ask for it can want the edits: they only take back what the programmer just did, by leading
 * to a text that was there before, or they leave nothing. Models that were not made to follow edits like to do both.
 */
export function isUnwanted({ history, current }: Conversation, edits: readonly OffsetEdit[]): boolean {
  if (edits.length === 0) return false;
  const after = applyEdits(current, edits);
  return after.trim() === '' || history.includes(after);
}
