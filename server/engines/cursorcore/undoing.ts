import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';

/**
 * Whether the edits only take back what the programmer just did, by leading to a text that was there before. Models
 * that were not made to follow edits like to.
 */
export function undoesHistory({ history, current }: Conversation, edits: readonly OffsetEdit[]): boolean {
  return edits.length > 0 && history.includes(applyEdits(current, edits));
}
