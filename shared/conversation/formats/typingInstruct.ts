import type { PromptFormat } from '../format.ts';
import { fewShotInstruct } from './fewShotInstruct.ts';
import { typedAt, windowInstruct } from './windowInstruct.ts';

/** How many parameters: between these, one was measured (docs/formats.md). */
const [fewest, most] = [3e8, 1e9];

const { write: _, ...oneShot } = fewShotInstruct;

/**
 * For small general models that chat: where someone is typing, a few lines around the cursor to rewrite; elsewhere, where such a model
 * would only copy them, the one-shot prompt.
 */
export const typingInstruct = {
  ...oneShot,
  name: 'typingInstruct',
  isFor: ({ hasChatTemplate, parameters = 0 }) => hasChatTemplate && fewest <= parameters && parameters < most,
  instead: (conversation) =>
    conversation.instruction === undefined && typedAt(conversation) ? windowInstruct : fewShotInstruct,
} as const satisfies PromptFormat;
