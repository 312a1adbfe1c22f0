import { setTimeout as sleep } from 'node:timers/promises';
import { BackOff, type BackOffOptions } from '../../model-host/backOff.ts';
import { noStats } from '../../model-host/hostProtocol.ts';
import type { GeneratedChunk, GenerationEnd, GenerationRequest, ModelHost } from '../../model-host/modelHost.ts';
import { StopText } from '../../model-host/stopText.ts';
import { EngineError } from '../engine.ts';
import { answerPieces } from './answerEvents.ts';
import { chunkOf } from './chunk.ts';
import type { Connection } from './connection.ts';
import { isEndToken } from './controlSpelling.ts';
import { connectionFailure, OutOfPatience, RequestRefused, ServerBusy } from './failures.ts';
import { Patience, type TimeLimits } from './patience.ts';
import { type Api, continuesAnswers, makeQuestion, type ServerRequest } from './requestBody.ts';
import { askServer, type ServedModel } from './servedModel.ts';
import { ServerTokens } from './serverTokens.ts';

export interface RemoteHostOptions {
  readonly connection: Connection;
  readonly api: Api;
  /** The model's name; empty for the first that the server lists. */
  readonly model: string;
  /** Tokens of prompt and answer together; 0 for the server's own value. */
  readonly contextLength: number;
  readonly limits: TimeLimits;
  /** Called with the server's report about itself, at the first request and after a failure. */
  readonly onServer?: (served: ServedModel) => void;
  /** Called for each generation that the server ended itself. */
  readonly onDone?: (end: GenerationEnd) => void;
  readonly backOff?: BackOffOptions;
  /** How long to wait before a busy server is asked once more, in milliseconds; doubled each time. */
  readonly busyMs?: number;
}

/** Maximum number of attempts at a busy server, and the longest wait, in milliseconds. */
const maxTries = 3;
const longestBusyMs = 5_000;

/**
 * A model on an OpenAI-compatible server. Each answer is a separate request; stopping it closes the connection, which
 * tells servers that nobody waits any more.
 */
export class RemoteHost implements ModelHost {
  readonly device = undefined;
  readonly #options: RemoteHostOptions;
  readonly #backOff: BackOff;
  readonly #tokens: ServerTokens;
  /** The running requests. */
  readonly #running = new Set<Patience>();
  #isDisposed = false;
  #served: ServedModel | undefined;
  /** Whether the server has refused the fields that not all servers accept. */
  #takesPlainOnly = false;
  #lastFailure = new EngineError('');

  constructor(options: RemoteHostOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.backOff);
    this.#tokens = new ServerTokens(options.connection);
  }

  get contextLength(): number | undefined {
    return this.#options.contextLength || this.#served?.contextLength;
  }

  /** Whether a begun answer can be continued; known after the first request. */
  get continuesAnswers(): boolean {
    return continuesAnswers(this.#options.api, this.#served?.server ?? 'other');
  }

  async *generate(
    request: GenerationRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined> {
    const begun = performance.now();
    const patience = this.#begin(signal);
    try {
      const served = await this.#server(patience);
      const question = makeQuestion(this.#options.api, served, request);
      if (!question) return { reason: 'cancelled', stats: noStats };
      const end = yield* this.#answer(question, request, patience, begun);
      this.#backOff.worked();
      return end;
    } catch (error) {
      throw this.#failed(error, signal);
    } finally {
      this.#running.delete(patience);
      patience.end();
    }
  }

  /** With the server's own tokenizer if available, else by an estimate. */
  async count(texts: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
    const patience = this.#begin(signal);
    try {
      const served = await this.#server(patience);
      return await this.#tokens.count(texts, served, patience);
    } catch (error) {
      throw this.#failed(error, signal);
    } finally {
      this.#running.delete(patience);
      patience.end();
    }
  }

  async dispose(): Promise<void> {
    this.#isDisposed = true;
    for (const patience of this.#running) patience.abort(stopped());
  }

  /** Throws an EngineError during the pause after a server failed. */
  #begin(signal: AbortSignal): Patience {
    signal.throwIfAborted();
    if (this.#isDisposed) throw stopped();
    const { waitMs } = this.#backOff;
    if (waitMs > 0) {
      const { message, topic } = this.#lastFailure;
      throw new EngineError(`${message}. It is asked again in ${Math.ceil(waitMs / 1000)} s`, { topic });
    }
    const patience = new Patience(this.#options.limits, signal);
    this.#running.add(patience);
    return patience;
  }

  async #server(patience: Patience): Promise<ServedModel> {
    if (this.#served) return this.#served;
    const { connection, model, onServer } = this.#options;
    const served = await this.#whileBusy(patience, () => askServer(connection, model, patience));
    if (served.model === '') {
      throw new EngineError(`the server at ${connection.endpoint.host} lists no model: name one with remote.model`, {
        topic: 'remote: no model',
      });
    }
    this.#served = served;
    onServer?.(served);
    return served;
  }

  async *#answer(
    question: ServerRequest,
    { stop, answeredText = '' }: GenerationRequest,
    patience: Patience,
    begun: number,
  ): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined> {
    const { connection, onDone } = this.#options;
    const response = await this.#send(question, patience);
    const stopText = new StopText(stop, answeredText);
    let { repeats } = question;
    let tokens = 0;
    let beganAt: number | undefined;
    const pieces = answerPieces(connection, response, patience);
    for (;;) {
      const { value, done } = await pieces.next();
      beganAt ??= performance.now();
      if (done) {
        const { reason, promptTokens = 0, cachedTokens = 0 } = value;
        const end: GenerationEnd = {
          reason,
          stats: {
            promptTokens,
            reusedTokens: cachedTokens,
            generatedTokens: tokens,
            runs: 0,
            prefillMs: beganAt - begun,
            decodeMs: performance.now() - beganAt,
          },
        };
        onDone?.(end);
        return end;
      }
      // A user's text never comes as one piece that is such a token; see `disarm`.
      if (isEndToken(value.text) && !stop.includes(value.text)) return { reason: 'stop', stats: noStats };
      let text = question.reveal(value.text);
      const again = Math.min(text.length, repeats.length);
      // A restarted answer that differs from the first is not a continuation of it.
      if (text.slice(0, again) !== repeats.slice(0, again)) return { reason: 'length', stats: noStats };
      text = text.slice(again);
      repeats = repeats.slice(again);
      const chunk = chunkOf(stopText.upTo(text), value.tokens, question.reveal);
      tokens += Math.max(chunk.ids.length, Math.sign(again));
      // The server knows the maximum, but continues nevertheless.
      if (tokens > question.maxTokens) return { reason: 'length', stats: noStats };
      // Repeated text was returned before.
      if (chunk.text !== '' || (again === 0 && chunk.ids.length > 0)) yield chunk;
      if (stopText.found) return { reason: 'stop', stats: noStats };
    }
  }

  /** The answer's beginning. If a server refuses the optional fields, it is asked without them. */
  async #send({ method, body, plainBody }: ServerRequest, patience: Patience): Promise<Response> {
    const { connection } = this.#options;
    const url = `${connection.endpoint.api}${method}`;
    if (!this.#takesPlainOnly) {
      try {
        return await this.#whileBusy(patience, () => connection.request(url, patience, body));
      } catch (error) {
        if (!(error instanceof RequestRefused)) throw error;
      }
    }
    const response = await this.#whileBusy(patience, () => connection.request(url, patience, plainBody));
    this.#takesPlainOnly = true;
    return response;
  }

  /** Asks a busy server a few more times, at growing intervals, or at the time it requests. */
  async #whileBusy<T>(patience: Patience, ask: () => Promise<T>): Promise<T> {
    let waitMs = this.#options.busyMs ?? 250;
    for (let tries = 1; ; tries++) {
      try {
        return await ask();
      } catch (error) {
        if (!(error instanceof ServerBusy) || tries === maxTries) throw error;
        const ms = Math.max(error.retryAfterMs, waitMs);
        if (ms > longestBusyMs) throw error;
        await sleep(ms, undefined, { signal: patience.signal }).catch(() => {
          throw patience.signal.reason;
        });
        waitMs *= 2;
      }
    }
  }

  /** The caller's error for a failure, which is also counted here; a cancelled call is not a failure. */
  #failed(error: unknown, signal: AbortSignal): unknown {
    if (signal.aborted) return signal.reason;
    if (this.#isDisposed) return stopped();
    if (!(error instanceof EngineError) && !(error instanceof OutOfPatience)) return error;
    const failure = connectionFailure(error, this.#options.connection.endpoint.host, false);
    // After the failure it may be another server, or another model.
    this.#served = undefined;
    this.#lastFailure = failure;
    this.#backOff.died(error instanceof ServerBusy ? error.retryAfterMs : 0);
    return failure;
  }
}

function stopped(): EngineError {
  return new EngineError('the remote engine was stopped');
}
