import type { Conversation, PredictedEdit, Prediction } from '../../shared/conversation/conversation.ts';

/** The mask of a secret: whole or, in a URL, a short one. */
const mask = /x{8,}|:x{3,}@/;

/**
 * An engine's edits without those that write what it cannot know: edits of a part that it saw masked, and edits that
 * put a mask into the text. Engines see masks as text and copy them like any other.
 */
export function outsideMasks(conversation: Conversation, prediction: Prediction): Prediction {
  const edits = prediction.edits.filter((edit) => leavesMasks(conversation, edit));
  return edits.length === prediction.edits.length ? prediction : { ...prediction, edits };
}

function leavesMasks({ current, masked = [] }: Conversation, { start, end, newText }: PredictedEdit): boolean {
  if (masked.some((part) => start < part.end && end > part.start)) return false;
  const copied = mask.exec(newText)?.[0];
  return copied === undefined || current.slice(start, end).includes(copied);
}
