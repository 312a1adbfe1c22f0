import { setImmediate } from 'node:timers/promises';
import { EngineError } from '../../shared/errors.ts';
import { Answer } from './answer.ts';
import { applyChatTemplate } from './chatTemplate.ts';
import type { Decoder, DecoderResult, DecoderRun } from './decoder.ts';
import type { GeneratedChunk, GenerationEnd } from './modelHost.ts';
import { Pace } from './pace.ts';
import type { GenerateRequest } from './protocol.ts';
import type { ModelTokenizer } from './tokenizer.ts';

export interface LoadedModel {
  readonly tokenizer: ModelTokenizer;
  readonly decoder: Decoder;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  readonly endOfSequence: readonly number[];
}

type Question = Pick<GenerateRequest, 'prompt' | 'answered' | 'maxTokens' | 'stop'>;

/** One answer being written: the ids of prompt and answer, and what it has taken so far. */
interface Writing {
  readonly ids: number[];
  readonly promptTokens: number;
  readonly answer: Answer;
  readonly reusedTokens: number;
  /** How long `ids` may grow. */
  readonly limit: number;
  generated: number;
  prefillMs: number;
  decodeMs: number;
}

/**
 * Greedy decoding in runs short enough that a cancellation is seen soon. What the cache holds of the prompt, from an
 * earlier question or answer, is not computed again.
 */
export class Generator {
  readonly #model: LoadedModel;
  readonly #pace = new Pace();
  /** The ids whose keys and values the decoder's cache holds. */
  #cached: readonly number[] = [];

  constructor(model: LoadedModel) {
    this.#model = model;
  }

  /**
   * Writes an answer. `cancelled` is asked before each run. Throws an EngineError for a prompt that cannot be put to
   * the model. One answer at a time.
   */
  async *generate(
    question: Question,
    cancelled: () => boolean,
  ): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined> {
    const writing = this.#begin(question);
    let reason: GenerationEnd['reason'] | undefined;
    while (reason === undefined) {
      // Lets messages in: a run blocks the event loop.
      await setImmediate();
      if (cancelled()) reason = 'cancelled';
      else if (writing.ids.length >= writing.limit) reason = 'length';
      else {
        const chunk = await this.#advance(writing);
        if (writing.answer.stopped) reason = 'stop';
        if (chunk && (chunk.ids.length > 0 || chunk.text !== '')) yield chunk;
      }
    }
    const rest = writing.answer.flush();
    if (rest !== '') yield { text: rest, ids: [], logProbabilities: [], lengths: [] };
    return { reason, stats: statsOf(writing) };
  }

  #begin({ prompt: asked, answered = [], maxTokens, stop }: Question): Writing {
    const { tokenizer, contextLength, endOfSequence } = this.#model;
    const prompt = this.#encode(asked);
    const ids = [...prompt, ...answered];
    if (ids.length === 0) throw new EngineError('the prompt is empty: there is nothing to continue');
    if (ids.length >= contextLength) {
      throw new EngineError(
        `the prompt takes ${ids.length} tokens and the model's context holds ${contextLength}: show it a shorter part of the file`,
      );
    }
    return {
      answer: new Answer(tokenizer, { prompt, answered, stop, endOfSequence }),
      promptTokens: ids.length,
      // The last token is run again even if it is cached: its output is the answer's first token.
      reusedTokens: Math.min(commonPrefix(this.#cached, ids), ids.length - 1),
      limit: Math.min(ids.length + maxTokens, contextLength),
      ids,
      generated: 0,
      prefillMs: 0,
      decodeMs: 0,
    };
  }

  #encode(prompt: Question['prompt']): number[] {
    const { tokenizer } = this.#model;
    if ('raw' in prompt) return tokenizer.encodeRaw(prompt.raw);
    if ('messages' in prompt)
      return tokenizer.encode(applyChatTemplate(tokenizer, prompt.messages, prompt.answerPrefix));
    return tokenizer.encode(prompt);
  }

  /** One run: a piece of the prompt, or a few tokens of the answer. */
  async #advance(writing: Writing): Promise<GeneratedChunk | undefined> {
    const { ids, answer, promptTokens, limit } = writing;
    const past = Math.min(commonPrefix(this.#cached, ids), ids.length - 1);
    const prefilling = ids.length === promptTokens;
    const tokens = ids.slice(past, prefilling ? past + this.#pace.prefill : undefined);
    const last = past + tokens.length === ids.length;
    const start = performance.now();
    const result = await this.#run(writing, {
      tokens,
      past,
      decode: prefilling ? Number(last) : Math.min(this.#pace.decode, limit - ids.length),
      stop: answer.stopIds,
    });
    const ms = performance.now() - start;
    if (prefilling) {
      writing.prefillMs += ms;
      this.#pace.prefilled(tokens.length, ms);
    } else {
      writing.decodeMs += ms;
      this.#pace.decoded(result.ids.length, ms);
    }
    if (ids.length === promptTokens) return undefined;
    const chunk = answer.add(result.ids, result.logProbabilities);
    writing.generated += chunk.ids.length;
    return chunk;
  }

  /** Runs, and keeps the books of what the cache holds. */
  async #run(writing: Writing, run: DecoderRun): Promise<DecoderResult> {
    const { decoder } = this.#model;
    // Until the run is over, what is behind `past` is in doubt.
    this.#cached = writing.ids.slice(0, run.past);
    const result = await decoder.run(run);
    writing.ids.push(...result.ids);
    this.#cached = writing.ids.slice(0, decoder.cachedTokens);
    return result;
  }
}

function statsOf({ promptTokens, reusedTokens, generated, prefillMs, decodeMs }: Writing): GenerationEnd['stats'] {
  return {
    promptTokens,
    reusedTokens,
    generatedTokens: generated,
    prefillMs: round(prefillMs),
    decodeMs: round(decodeMs),
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}

function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
