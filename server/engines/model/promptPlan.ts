import type { Conversation } from '../../../shared/conversation/conversation.ts';
import type { PromptFormat, RenderedPrompt, RenderOptions, View } from '../../../shared/conversation/format.ts';
import type { Prompt } from '../../../shared/conversation/prompt.ts';
import { Snippet } from '../../../shared/conversation/snippet.ts';
import type { LineRange } from '../../../shared/edits/lines.ts';
import type { GenerationRequest } from '../../model-host/modelHost.ts';
import type { TokenCounter } from './tokenCounter.ts';

/** The question to the model, and how to read its answer. */
export interface PromptPlan {
  readonly format: PromptFormat;
  /** The conversation with as much of its history as fits. */
  readonly conversation: Conversation;
  readonly options: RenderOptions;
  readonly rendered: RenderedPrompt;
  /** Tokens of the prompt, estimated, never too low. */
  readonly promptTokens: number;
  /** Maximum tokens of the answer. */
  readonly maxTokens: number;
}

export interface PromptLimits {
  /** Maximum tokens of code shown, current and earlier; the format's own words are extra. */
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
}

/** No source code has more characters for each token on average: longer texts are not counted. */
const maxCharactersPerToken = 12;
/** Tokens that an answer which repeats the snippet may need in addition. */
const growth = 64;
/** The share of the prompt for the last edits before more lines are shown, if a format shows edits. */
const shareForEdits = 1 / 3;
/** There must be room for this many earlier snapshots, if a format shows each as a whole. */
const roomForSnapshots = 2;

/**
 * Cuts the conversation to fit the prompt: as many lines around the target as fit, then as many earlier
 * snapshots as fit beside them. Depends only on the conversation, so the same one gives the same prompt.
 * Undefined if not even the fewest lines around the target fit.
 */
export async function planPrompt(
  preferred: PromptFormat,
  conversation: Conversation,
  limits: PromptLimits,
  counter: TokenCounter,
  signal: AbortSignal,
): Promise<PromptPlan | undefined> {
  const format = preferred.instead?.(conversation) ?? preferred;
  const frame = await countPrompt(format.render(withoutCode(conversation), optionsFor(conversation)), counter, signal);
  const room = limits.contextLength - frame;
  const budget = Math.min(limits.maxPromptTokens, Math.floor(room * 0.6));
  const snippet = Snippet.of(conversation.current);
  const tokensOf = async (range: LineRange | undefined) => {
    const code = snippet.lines.slice(range?.first, range?.last).join('\n');
    return code.length > budget * maxCharactersPerToken ? Infinity : counter.ofText(code, signal);
  };
  for (const view of format.views(snippet, conversation.target, conversation)) {
    const tokens = await tokensOf(view.excerpt);
    const copies = format.history === 'wholes' ? 1 + Math.min(conversation.history.length, roomForSnapshots) : 1;
    if (tokens * copies > budget) continue;
    const rewritten = view.editable ? await tokensOf(view.editable) : tokens;
    if (format.answer === 'rewrite' && rewritten + growth > limits.maxNewTokens) continue;
    const options = optionsFor(conversation, view);
    const plan = await withHistory(format, conversation, options, frame + budget, counter, signal);
    if (!plan) continue;
    const maxTokens = Math.min(limits.maxNewTokens, limits.contextLength - plan.promptTokens);
    return { ...plan, format, options, maxTokens };
  }
  return undefined;
}

/** The prompt with as much history as fits; undefined if it is too long even without history. */
async function withHistory(
  format: PromptFormat,
  conversation: Conversation,
  options: RenderOptions,
  most: number,
  counter: TokenCounter,
  signal: AbortSignal,
): Promise<Pick<PromptPlan, 'conversation' | 'rendered' | 'promptTokens'> | undefined> {
  const all = [...evenShorter(format, conversation)];
  const [whole, bare] = [all[0], all.at(-1)];
  if (format.history === 'edits' && whole && bare) {
    const withEdits = await countPrompt(format.render(whole, options), counter, signal);
    const without = await countPrompt(format.render(bare, options), counter, signal);
    if (without + Math.min(withEdits - without, most * shareForEdits) > most) return undefined;
  }
  for (const shorter of all) {
    const rendered = format.render(shorter, options);
    const promptTokens = await countPrompt(rendered, counter, signal);
    if (promptTokens <= most) return { conversation: shorter, rendered, promptTokens };
  }
  return undefined;
}

/**
 * The conversation with less and less history, the oldest dropped first. Other documents were edited before this
 * one, so their changes are the oldest.
 */
function* evenShorter(format: PromptFormat, conversation: Conversation): Generator<Conversation> {
  const { history, edits, related = [] } = conversation;
  if (format.history === 'none') return void (yield { ...conversation, history: [] });
  if (format.history !== 'edits') {
    for (let dropped = 0; dropped <= history.length; dropped++) {
      yield { ...conversation, history: history.slice(dropped) };
    }
    return;
  }
  for (let dropped = 0; dropped < related.length; dropped++) yield { ...conversation, related: related.slice(dropped) };
  const alone = { ...conversation, related: [] };
  const steps = edits ?? history;
  for (let dropped = 0; dropped <= steps.length; dropped++) {
    yield edits ? { ...alone, edits: edits.slice(dropped) } : { ...alone, history: history.slice(dropped) };
  }
}

/** With an instruction the model may also write prose, or only prose. */
function optionsFor({ instruction }: Conversation, view: View = {}): RenderOptions {
  const asked = instruction !== undefined;
  return {
    ...view,
    chat: asked,
    beginAnswer: !asked,
  };
}

function withoutCode({ path, languageId, instruction }: Conversation): Conversation {
  return { path, languageId, history: [], current: '', ...(instruction === undefined ? {} : { instruction }) };
}

/** Counted line by line, see `TokenCounter.ofText`; control tokens are one each. */
async function countPrompt(rendered: RenderedPrompt, counter: TokenCounter, signal: AbortSignal): Promise<number> {
  const parts = promptParts(rendered);
  const texts = parts.flatMap((part) => (part.kind === 'text' ? part.text.split('\n') : []));
  // All line ends except between parts, all control tokens, and what a chat template adds around each message.
  const others = texts.length + parts.length + 8 * (rendered.messages?.length ?? 0);
  return (await counter.total(texts, signal)) + others;
}

/** The input of the model host. */
export function promptOf({ prompt, messages, answerPrefix }: RenderedPrompt): GenerationRequest['prompt'] {
  return prompt ?? { messages, answerPrefix };
}

/** All that the prompt says, without what a chat template adds. */
export function promptParts({ prompt, messages = [] }: RenderedPrompt): Prompt {
  return prompt ?? messages.flatMap(({ content }) => content);
}
