import type { Message } from './format.ts';
import { control, cursorCoreTokens, joinTexts, type Prompt, type PromptPart, text } from './prompt.ts';

/** CursorCore's three chat templates, by their names in its tokenizer. */
export type ChatTemplate = 'default' | 'assistant-conversation' | 'prefix_response';

const defaultSystem = 'You are a helpful programming assistant.';

/**
 * The whole prompt that CursorCore's chat template makes of `messages`. `default` lets the assistant begin freely,
 * `assistant-conversation` begins its answer with a change of the code, and `prefix_response` lets it continue the last
 * message. (Source: `train/prepare_conversation.py` of the authors' repository.)
 */
export function cursorCorePrompt(messages: readonly Message[], template: ChatTemplate): Prompt {
  const { imStart, imEnd, nextStart } = cursorCoreTokens;
  const parts: PromptPart[] = [];
  const first = messages[0];
  if (first && first.role !== 'system') {
    parts.push(control(imStart), text(`system\n${defaultSystem}`), control(imEnd), text('\n'));
  }
  for (const [i, { role, content }] of messages.entries()) {
    if (i > 0) parts.push(text('\n'));
    parts.push(control(imStart), text(`${role}\n`), ...content);
    if (template !== 'prefix_response' || i + 1 < messages.length) parts.push(control(imEnd));
  }
  if (first && template !== 'prefix_response') {
    parts.push(text('\n'), control(imStart), text('assistant\n'));
    if (template === 'assistant-conversation') parts.push(control(nextStart));
  }
  return joinTexts(parts);
}
