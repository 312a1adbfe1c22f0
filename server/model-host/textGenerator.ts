import { setImmediate } from 'node:timers/promises';
import type { Prompt } from '../../shared/conversation/prompt.ts';
import { EngineError } from '../../shared/errors.ts';
import { AnswerText } from './answerText.ts';
import { applyChatTemplate } from './chatTemplate.ts';
import { type Decoder, type DecoderResult, type DecoderRun, RunInterrupted } from './decoder.ts';
import type { GenerateRequest } from './hostProtocol.ts';
import type { GeneratedChunk, GenerationEnd } from './modelHost.ts';
import { Pace } from './pace.ts';
import { PromptLookup } from './promptLookup.ts';
import { commonPrefix, type HeldSequence, likelyToStay, Sequences } from './sequences.ts';
import type { ModelTokenizer } from './tokenizer.ts';
import { withTokenizerTimeLimit } from './tokenizerTimeLimit.ts';

export interface LoadedModel {
  readonly tokenizer: ModelTokenizer;
  readonly decoder: Decoder;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  /** The number of ids that the decoder accepts: those below it. */
  readonly vocabularySize: number;
  readonly endOfSequence: readonly number[];
}

/** Fewer tokens are not read ahead: a run of its own for each word that is typed costs more than they do with the question. */
const leastAhead = 16;

type PromptRequest = Pick<GenerateRequest, 'prompt' | 'answered' | 'expected' | 'maxTokens' | 'stop'>;

/** One answer being written: the ids of prompt and answer, and the time used so far. */
interface Generation {
  readonly ids: number[];
  readonly held: HeldSequence;
  readonly promptTokens: number;
  readonly answer: AnswerText;
  readonly reusedTokens: number;
  /** Maximum length of `ids`. */
  readonly limit: number;
  readonly lookup?: PromptLookup;
  generated: number;
  runs: number;
  prefillMs: number;
  decodeMs: number;
}

/**
 * Greedy decoding in short runs, so a cancellation is seen soon. The part of the prompt that a cache holds, from an
 * earlier question or answer, is not computed again.
 */
export class TextGenerator {
  readonly #model: LoadedModel;
  readonly #pace: Pace;
  readonly #sequences: Sequences;

  constructor(model: LoadedModel) {
    this.#model = model;
    this.#pace = new Pace(model.decoder.interrupt !== undefined);
    this.#sequences = new Sequences(model.decoder);
  }

  /** How many tokens each text takes by itself, as plain text. Throws an EngineError for one that takes too long. */
  count(texts: readonly string[]): number[] {
    return withTokenizerTimeLimit(() => texts.map((text) => this.#model.tokenizer.count(text)));
  }

  /** Ends the run in progress, where the decoder can: an answer that was cancelled need not wait for it. */
  interrupt(): void {
    this.#model.decoder.interrupt?.();
  }

  /**
   * Writes an answer; with no tokens to write it only reads the prompt, so that an answer to one that begins like it comes sooner.
   * `cancelled` is called before each run. Throws an EngineError for a prompt that the model cannot take. One answer at a time.
   */
  async *generate(
    request: PromptRequest,
    cancelled: () => boolean,
  ): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined> {
    const generation = this.#begin(request);
    let reason: GenerationEnd['reason'] | undefined;
    while (reason === undefined) {
      // Lets messages in: a run may block the event loop.
      await setImmediate();
      if (cancelled()) reason = 'cancelled';
      else if (isComplete(generation)) reason = 'length';
      else {
        const chunk = await this.#advance(generation);
        if (generation.answer.stopped) reason = 'stop';
        if (chunk && (chunk.ids.length > 0 || chunk.text !== '')) yield chunk;
      }
    }
    const rest = generation.answer.flush();
    if (rest !== '') yield { text: rest, ids: [], logProbabilities: [], lengths: [] };
    return { reason, stats: statsOf(generation) };
  }

  #begin({ prompt: asked, answered = [], expected = [], maxTokens, stop }: PromptRequest): Generation {
    const { tokenizer, contextLength, vocabularySize, endOfSequence } = this.#model;
    const prompt = this.#encode(asked);
    const whole = [...prompt, ...answered];
    if (whole.length === 0) throw new EngineError('the prompt is empty: there is nothing to continue');
    const outside = whole.find((id) => id >= vocabularySize);
    if (outside !== undefined) {
      throw new EngineError(
        `the tokenizer gives the id ${outside} and the model knows ${vocabularySize}: they are not of one model; import or pull it again`,
        { topic: 'tokenizer of another model' },
      );
    }
    if (whole.length >= contextLength) {
      throw new EngineError(
        `the prompt takes ${whole.length} tokens and the model's context holds ${contextLength}: show it a shorter part of the file`,
        { topic: 'prompt too long' },
      );
    }
    const held = this.#sequences.take(whole);
    const ids = maxTokens > 0 ? whole : [...likelyToStay(held.prompt, whole)];
    held.prompt = whole;
    return {
      answer: new AnswerText(tokenizer, { prompt, answered, stop, endOfSequence }),
      promptTokens: ids.length,
      reusedTokens: pastOf(held, ids),
      limit: Math.min(ids.length + maxTokens, contextLength),
      // Raw text is for checking a model: plain decoding, at the speed of plain decoding.
      ...('raw' in asked ? {} : { lookup: this.#lookup(prompt, expected, answered) }),
      ids,
      held,
      generated: 0,
      runs: 0,
      prefillMs: 0,
      decodeMs: 0,
    };
  }

  #lookup(prompt: readonly number[], expected: Prompt, answered: readonly number[]): PromptLookup {
    const { tokenizer } = this.#model;
    const lookup = new PromptLookup(
      prompt,
      withTokenizerTimeLimit(() => tokenizer.encodeAnswer(expected)),
    );
    lookup.observe(answered, 0, 0);
    return lookup;
  }

  #encode(prompt: PromptRequest['prompt']): number[] {
    const { tokenizer } = this.#model;
    return withTokenizerTimeLimit(() => {
      if ('raw' in prompt) return tokenizer.encodeRaw(prompt.raw);
      if ('messages' in prompt)
        return tokenizer.encode(applyChatTemplate(tokenizer, prompt.messages, prompt.answerPrefix));
      return tokenizer.encode(prompt);
    });
  }

  /** One run: a piece of the prompt, or a few tokens of the answer. */
  async #advance(generation: Generation): Promise<GeneratedChunk | undefined> {
    const { ids, promptTokens, answer } = generation;
    const { ids: newIds, logProbabilities } = await this.#interruptible(
      ids.length === promptTokens ? this.#prefill(generation) : this.#decode(generation),
    );
    if (newIds.length === 0) return undefined;
    ids.push(...newIds);
    const chunk = answer.add(newIds, logProbabilities);
    generation.generated += chunk.ids.length;
    return chunk;
  }

  /** An interrupted run gives nothing; whoever interrupts has cancelled the answer, too. */
  async #interruptible(run: Promise<DecoderResult>): Promise<DecoderResult> {
    try {
      return await run;
    } catch (error) {
      if (error instanceof RunInterrupted) return { ids: [], logProbabilities: [] };
      throw error;
    }
  }

  /** As much of the prompt as one run may process; the last run gives the answer's first tokens. */
  async #prefill(generation: Generation): Promise<DecoderResult> {
    const { ids, answer, held, limit } = generation;
    const past = pastOf(held, ids);
    const isWanted = limit > ids.length;
    const most = this.#pace.prefill(isWanted);
    const tokens = ids.slice(past, past + most);
    const isLast = isWanted && past + tokens.length === ids.length;
    const draft = isLast ? this.#draft(generation, most - tokens.length) : [];
    const run = { tokens: [...tokens, ...draft], past, decode: Number(isLast), verify: draft.length + 1 };
    const { result, ms } = await this.#run(generation, { ...run, stop: answer.stopIds });
    generation.prefillMs += ms;
    this.#pace.prefilled(run.tokens.length, ms);
    return accepted(generation, draft, result);
  }

  /** The next few tokens: decoded one after the other, or, if there is a draft, verified all at once. */
  async #decode(generation: Generation): Promise<DecoderResult> {
    const { ids, answer, limit, held } = generation;
    const past = pastOf(held, ids);
    const room = limit - ids.length;
    const draft = this.#draft(generation, this.#pace.prefill(true) - 1);
    const decode = draft.length > 0 ? 1 : Math.min(this.#pace.decode, room);
    const run = { tokens: [...ids.slice(past), ...draft], past, decode, verify: draft.length + 1 };
    const { result, ms } = await this.#run(generation, { ...run, stop: answer.stopIds });
    generation.decodeMs += ms;
    if (draft.length === 0) this.#pace.decoded(result.ids.length, ms);
    return accepted(generation, draft, result);
  }

  /** At most `most` ids that may come next. */
  #draft({ ids, limit, lookup }: Generation, most: number): readonly number[] {
    const room = Math.min(limit - ids.length - 1, most);
    return room > 0 ? (lookup?.propose(room, this.#pace.draftCost) ?? []) : [];
  }

  /** Runs, and updates the record of what the cache holds. */
  async #run(generation: Generation, run: DecoderRun): Promise<{ result: DecoderResult; ms: number }> {
    const { held, ids } = generation;
    const start = performance.now();
    // Until the run is over, the cache behind `past` is undefined.
    held.ids = ids.slice(0, run.past);
    generation.runs++;
    const result = await held.sequence.run(run);
    if (result.logProbabilities.some(Number.isNaN)) {
      held.ids = [];
      throw new EngineError(
        'the model computes NaN instead of probabilities: its weights or its configuration are damaged; import or pull it again',
      );
    }
    const decoded = result.ids.slice((run.verify ?? 1) - 1);
    held.ids = [...held.ids, ...run.tokens, ...decoded].slice(0, held.sequence.length);
    return { result, ms: performance.now() - start };
  }
}

/** Of what a run gave, the ids that count: the first that differs from the draft is the model's own; those behind it followed a wrong one. */
function accepted({ lookup }: Generation, draft: readonly number[], result: DecoderResult): DecoderResult {
  const right = commonPrefix(draft, result.ids);
  const count = draft.length > 0 ? right + 1 : result.ids.length;
  const ids = result.ids.slice(0, count);
  lookup?.observe(ids, draft.length, right);
  return { ids, logProbabilities: result.logProbabilities.slice(0, count) };
}

/** How many of `ids` need not be run again. The last one does: its output is the next token. */
function pastOf({ ids: cached }: HeldSequence, ids: readonly number[]): number {
  return Math.min(commonPrefix(cached, ids), ids.length - 1);
}

/** Whether the answer is as long as it may be; where none is wanted, whether the prompt is read. */
function isComplete({ ids, limit, held, promptTokens }: Generation): boolean {
  if (limit > promptTokens) return ids.length >= limit;
  return ids.length - commonPrefix(held.ids, ids) < leastAhead;
}

function statsOf({
  promptTokens,
  reusedTokens,
  generated,
  runs,
  prefillMs,
  decodeMs,
}: Generation): GenerationEnd['stats'] {
  return {
    promptTokens,
    reusedTokens,
    generatedTokens: generated,
    runs,
    prefillMs: round(prefillMs),
    decodeMs: round(decodeMs),
  };
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10;
}
