import type { Conversation } from './conversation.ts';
import { cursorCorePrompt } from './cursorCoreTemplate.ts';
import type { Message, ModelTraits, ParsedAnswer, RenderedPrompt, RenderOptions } from './format.ts';
import { cursorCoreTokens, type Prompt, text } from './prompt.ts';
import { Snippet } from './snippet.ts';
import { fencedSnippet } from './snippetPrompt.ts';

interface MessageStyle extends RenderOptions {
  readonly language: string;
  readonly lineNumbers?: boolean;
}

/** A model with CursorCore's control tokens is a CursorCore model. */
export function isCursorCore({ controlTokens }: ModelTraits): boolean {
  return controlTokens.has(cursorCoreTokens.nextStart) && controlTokens.has(cursorCoreTokens.nextEnd);
}

/** Names end in `-SR` or `-LC` if the model was trained on an answer format other than whole files. */
export function isNamed({ names }: ModelTraits, suffix: RegExp): boolean {
  return names.some((name) => suffix.test(name));
}

/** H, C and U as messages; the history's are rendered by the format. */
export function cursorCoreMessages(
  conversation: Conversation,
  history: readonly Prompt[],
  { language, lineNumbers = false, excerpt, targetArea = true }: MessageStyle,
): Message[] {
  const { current, target, instruction } = conversation;
  const marked = target && targetArea ? { area: target, as: 'control' as const } : undefined;
  return [
    ...history.map((content): Message => ({ role: 'history', content })),
    {
      role: 'current',
      content: fencedSnippet(Snippet.of(current), { language, lineNumbers, excerpt, target: marked }),
    },
    ...(instruction ? [{ role: 'user', content: [text(instruction)] } satisfies Message] : []),
  ];
}

/** The messages in CursorCore's own template, up to where its answer begins. */
export function cursorCoreRendering(messages: readonly Message[], options: RenderOptions): RenderedPrompt {
  const template = templateOf(options);
  return {
    messages,
    prompt: cursorCorePrompt(messages, template),
    answerPrefix: template === 'assistant-conversation' ? cursorCoreTokens.nextStart : '',
    stop: options.chat ? [] : [cursorCoreTokens.nextEnd],
  };
}

/** If words are wanted, the model itself decides whether it changes anything. */
export function templateOf({ template, chat = false }: RenderOptions): NonNullable<RenderOptions['template']> {
  return template ?? (chat ? 'default' : 'assistant-conversation');
}

/** An answer that changes nothing and contains only words. */
export function onlyWords(answer: string, complete: boolean): ParsedAnswer {
  const chat = (answer.split(cursorCoreTokens.imEnd)[0] ?? '').trim();
  return { state: complete ? 'complete' : 'unchanged so far', edits: [], ...(chat === '' ? {} : { chat }) };
}
