import { Template } from '@huggingface/jinja';
import type { ChatMessage } from '../../shared/conversation/format.ts';
import type { Prompt, PromptPart } from '../../shared/conversation/prompt.ts';
import { EngineError } from '../../shared/errors.ts';
import type { ModelTokenizer } from './tokenizer.ts';

/** A placeholder for a message's content during rendering. Private-use characters, which templates do not test for. */
const placeholder = (index: number) => `\uF8F0${index}\uF8F1`;
const placeholders = /\uF8F0(\d+)\uF8F1/gu;

/**
 * Applies a model's own chat template (Hugging Face's `chat_template`, with the generation prompt added). The
 * template's own text may contain control tokens; the messages' contents stay unchanged, because the template sees
 * placeholders instead. A model that can reason is made to answer at once: reasoning takes many times as
 * long as a user waits for a prediction. Throws an EngineError if the model has no template or rejects such messages.
 */
export function applyChatTemplate(
  tokenizer: ModelTokenizer,
  messages: readonly ChatMessage[],
  answerPrefix: string,
): Prompt {
  const template = parseTemplate(tokenizer.config);
  const variables = specialTokens(tokenizer.config);
  const attempts = [messages, withoutSystem(messages)];
  let refusal = '';
  for (const attempt of attempts) {
    const rendered = render(template, attempt, variables);
    if (rendered.text !== undefined)
      return [...fill(tokenizer, rendered.text, attempt), { kind: 'text', text: answerPrefix }];
    refusal = rendered.refusal;
  }
  throw new EngineError(
    `the model's chat template does not take the prompt (${refusal}); use a format without messages`,
  );
}

/** Variables by which templates enable reasoning (Qwen3 and SmolLM3, DeepSeek and Granite); others use neither. */
const withoutReasoning = { enable_thinking: false, thinking: false };

type Rendered = { readonly text: string } | { readonly text?: undefined; readonly refusal: string };

/** Renders, and checks that each message appears once and in order: some templates drop unknown roles silently. */
function render(template: Template, messages: readonly ChatMessage[], variables: Record<string, string>): Rendered {
  let text: string;
  try {
    text = template.render({
      ...variables,
      ...withoutReasoning,
      messages: messages.map(({ role }, index) => ({ role, content: placeholder(index) })),
      add_generation_prompt: true,
    });
  } catch (error) {
    return { refusal: inShort(error) };
  }
  const shown = [...text.matchAll(placeholders)].map((match) => Number(match[1]));
  const complete = shown.length === messages.length && shown.every((index, place) => index === place);
  return complete ? { text: withThoughtEnded(text) } : { refusal: 'it drops or repeats messages' };
}

/** Templates of models that always reason begin the thought: it is closed at once, as other templates do for none. */
function withThoughtEnded(text: string): string {
  return text.replace(/<think>\s*$/, '<think>\n\n</think>\n\n');
}

/** A short, one-line form of an error; a template can raise any. */
function inShort(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s+/g, ' ').slice(0, 200);
}

function fill(tokenizer: ModelTokenizer, text: string, messages: readonly ChatMessage[]): PromptPart[] {
  return text
    .split(placeholders)
    .flatMap((piece, index) => (index % 2 === 0 ? tokenizer.split(piece) : (messages[Number(piece)]?.content ?? [])));
}

/** For templates without a system role: its text is put first in the user's message. */
function withoutSystem(messages: readonly ChatMessage[]): ChatMessage[] {
  return mergeNeighbours(
    messages.map((message) => (message.role === 'system' ? { ...message, role: 'user' } : message)),
  );
}

/** Consecutive messages of one role are merged; many templates require user and assistant to alternate. */
function mergeNeighbours(messages: readonly ChatMessage[]): ChatMessage[] {
  const merged: ChatMessage[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    if (last?.role !== message.role) merged.push(message);
    else
      merged[merged.length - 1] = {
        ...last,
        content: [...last.content, { kind: 'text', text: '\n\n' }, ...message.content],
      };
  }
  return merged;
}

function parseTemplate(config: object): Template {
  const source = templateSource('chat_template' in config ? config.chat_template : undefined);
  if (source === undefined) {
    throw new EngineError('the model has no chat template, so it cannot be sent messages; use a base-model format');
  }
  try {
    return new Template(source);
  } catch (error) {
    throw new EngineError(`the model's chat template cannot be read (${inShort(error)})`);
  }
}

/** `chat_template` is one template, or several by name; then `default` is used. */
function templateSource(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const named: unknown = value.find((item) => item?.name === 'default') ?? value[0];
  return typeof named === 'object' && named !== null && 'template' in named && typeof named.template === 'string'
    ? named.template
    : undefined;
}

/** `bos_token` and its like, which templates refer to. */
function specialTokens(config: object): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    if (!name.endsWith('_token')) continue;
    if (typeof value === 'string') tokens[name] = value;
    else if (typeof value?.content === 'string') tokens[name] = value.content;
  }
  return tokens;
}
