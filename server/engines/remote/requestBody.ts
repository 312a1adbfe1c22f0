import { type Prompt, promptText } from '../../../shared/conversation/prompt.ts';
import type { GenerationRequest } from '../../model-host/modelHost.ts';
import { disarm } from './controlSpelling.ts';
import type { ServedModel, ServerKind } from './servedModel.ts';

export type Api = 'completions' | 'chat';

/** A request as it is sent, and how to read its answer. */
export interface ServerRequest {
  /** Relative to the API's address. */
  readonly method: '/completions' | '/chat/completions';
  readonly body: object;
  /** The same without the fields that only some servers accept. */
  readonly plainBody: object;
  /** The model's answer, as it would be for the original prompt. */
  reveal(answer: string): string;
  /** Maximum tokens to generate, including repeated text. */
  readonly maxTokens: number;
  /** The part that the server repeats of an answer that it cannot continue. */
  readonly repeats: string;
}

/** OpenAI's own server accepts no more. */
const maxStops = 4;

/** Whether a server can be told to continue a begun answer. */
export function continuesAnswers(api: Api, server: ServerKind): boolean {
  return api === 'completions' || server !== 'other';
}

/**
 * The request to a server. A slightly edited conversation gives prompts with the same beginning, and other
 * differences between requests come after it, so the server's prefix cache stays valid.
 * Undefined if the prompt cannot be sent as text; see `disarm`.
 */
export function makeQuestion(api: Api, served: ServedModel, request: GenerationRequest): ServerRequest | undefined {
  const { answered = [], answeredText = '' } = request;
  const { contents, ask } = asked(api, served, request);
  const disarmed = disarm(contents);
  if (!disarmed) return undefined;
  const goesOn = continuesAnswers(api, served.server);
  const maxTokens = request.maxTokens + (goesOn ? 0 : answered.length);
  const common = { model: served.model, max_tokens: maxTokens, temperature: 0, stream: true };
  const question = ask(disarmed.prompts, goesOn ? disarmed.hide(answeredText) : '');
  const stop = request.stop.length > 0 ? { stop: request.stop.slice(0, maxStops) } : {};
  const controls = contents.flat().flatMap((part) => (part.kind === 'control' ? [part.token] : []));
  return {
    method: api === 'chat' ? '/chat/completions' : '/completions',
    body: {
      ...question,
      ...common,
      ...(api === 'chat' ? { logprobs: true, top_logprobs: 1 } : { logprobs: 1 }),
      stream_options: { include_usage: true },
      ...extras(api, served.server, request.stop, controls),
    },
    plainBody: { ...question, ...common, ...stop },
    reveal: disarmed.reveal,
    maxTokens,
    repeats: goesOn ? '' : answeredText,
  };
}

interface Asked {
  readonly contents: readonly Prompt[];
  ask(contents: readonly Prompt[], answered: string): object;
}

function asked(api: Api, { server }: ServedModel, { prompt }: GenerationRequest): Asked {
  if ('raw' in prompt) return asText([{ kind: 'text', text: prompt.raw }]);
  if (!('messages' in prompt)) return asText(prompt);
  if (api === 'completions') throw new Error('messages are for the chat API');
  const { messages, answerPrefix } = prompt;
  return {
    contents: messages.map(({ content }) => content),
    ask: (contents, answered) => {
      const messagesSent = messages.map(({ role }, i) => ({ role, content: promptText(contents[i] ?? []) }));
      const begun = answerPrefix + answered;
      if (begun === '') return { messages: messagesSent };
      // llama-server by itself continues a last message of the assistant's.
      const goOn = server === 'llama-server' ? {} : { continue_final_message: true, add_generation_prompt: false };
      return { messages: [...messagesSent, { role: 'assistant', content: begun }], ...goOn };
    },
  };
}

function asText(prompt: Prompt): Asked {
  return { contents: [prompt], ask: ([content = []], answered) => ({ prompt: promptText(content) + answered }) };
}

/**
 * Extra fields for a kind of server: control tokens in the answer are spelled out, and the stop text is part of it,
 * as formats require.
 */
function extras(api: Api, server: ServerKind, stop: readonly string[], controls: readonly string[]): object {
  const thinking = api === 'chat' ? { chat_template_kwargs: { enable_thinking: false } } : {};
  const stops = stop.length > 0 ? { stop } : {};
  const spelled = controls.length > 0 ? { skip_special_tokens: false, spaces_between_special_tokens: false } : {};
  switch (server) {
    case 'llama-server':
      // The server would omit the stop text from the answer: the answer is stopped here, by closing the connection.
      return { cache_prompt: true, preserved_tokens: [...new Set([...stop, ...controls])], ...thinking };
    case 'vLLM':
      return { ...stops, ...spelled, include_stop_str_in_output: true, ...thinking };
    case 'SGLang':
      return { ...stops, ...spelled, no_stop_trim: true, ...thinking };
    default:
      return stop.length > 0 ? { stop: stop.slice(0, maxStops) } : {};
  }
}
