import { setTimeout as sleep } from 'node:timers/promises';
import type { Conversation, Prediction, TargetArea } from '../../shared/conversation/conversation.ts';
import type { Engine } from '../engines/engine.ts';
import type { DocumentPrediction } from './documentPrediction.ts';
import { outsideMasks } from './outsideMasks.ts';
import { SharedCall } from './sharedCall.ts';
import type { StageNumber } from './stages.ts';

/** The caller: the cursor as UTF-16 offset, and a signal that aborts when the answer is no longer wanted. */
export interface Inquiry {
  readonly cursor: number;
  readonly signal: AbortSignal;
}

/** One call of an engine, as it starts. */
export interface EngineCall {
  readonly uri: string;
  readonly engine: Engine;
  /** Whether no caller waits for the call. */
  readonly background: boolean;
  readonly result: Promise<Prediction>;
  readonly cancel: () => void;
}

/** What the calls about one document need from outside. */
export interface CallContext {
  /** The engines to ask, those that answer soon first. */
  readonly engines: () => Promise<readonly Engine[]>;
  /** The conversation about a document, or undefined when no engine must see it. */
  readonly conversation: (uri: string, target: TargetArea | undefined) => Conversation | undefined;
  /** How long the text must rest before an engine is asked, in milliseconds. */
  readonly debounceMs: () => number;
  readonly nextId: () => number;
  /** Told of each engine call as it starts. */
  readonly onCall?: ((call: EngineCall) => void) | undefined;
  /** Called at the end of each call: with the error, or undefined when it succeeded. */
  readonly onEnd: (uri: string, engine: string, error: unknown) => void;
  /** Called when an engine that no caller waited for has predicted something. */
  readonly onLateAnswer?: ((uri: string, version: number) => void) | undefined;
}

/** The reason for an abort that the service itself makes: the text changed, or the document is gone. */
export class Superseded extends Error {
  override readonly name = 'Superseded';
}

/**
 * Asks the engines about one document. All callers that ask about the same text share one call per engine, which ends
 * when the text changes or no caller is left. Engines are asked in order, each only where the earlier ones predicted
 * nothing; otherwise the call continues in the background and its answer is added.
 */
export class DocumentCalls {
  readonly prediction: DocumentPrediction;
  readonly #uri: string;
  readonly #context: CallContext;
  readonly #calls = new Map<StageNumber, SharedCall<void>>();
  #changedAt = Number.NEGATIVE_INFINITY;

  constructor(uri: string, prediction: DocumentPrediction, context: CallContext) {
    this.#uri = uri;
    this.prediction = prediction;
    this.#context = context;
  }

  /** Ends the calls about the old text; the new text must rest before the next call. */
  textChanged(): void {
    this.#changedAt = performance.now();
    this.cancel();
  }

  cancel(): void {
    for (const call of this.#calls.values()) call.cancel(new Superseded('the text changed'));
    this.#calls.clear();
  }

  /**
   * Waits until there is something to offer or every engine has answered. False when the text changed meanwhile.
   * Rejects with `signal.reason` once `signal` aborts.
   */
  async settle({ cursor, signal }: Inquiry): Promise<boolean> {
    signal.throwIfAborted();
    const { version } = this.prediction;
    const engines = await this.#context.engines();
    // `cursor` is an offset of the text before the wait.
    if (this.prediction.version !== version) return false;
    for (const [stage, engine] of engines.entries()) {
      if (this.prediction.isSettled(stage, isQuick(engine))) continue;
      if (stage > 0 && this.prediction.pending.length > 0) this.#inBackground(engine, stage, cursor);
      else if (!(await this.#joined(this.#callOf(engine, stage, cursor, false), signal))) return false;
    }
    return true;
  }

  /** Waits for the rest of predictions that were cut short. False when the text changed meanwhile. Rejects as `settle`. */
  async finish({ cursor, signal }: Inquiry): Promise<boolean> {
    signal.throwIfAborted();
    const { version } = this.prediction;
    for (const [stage, engine] of (await this.#context.engines()).entries()) {
      if (this.prediction.version !== version) return false;
      if (!this.prediction.unfinished(stage)) continue;
      if (!(await this.#joined(this.#callOf(engine, stage, cursor, false), signal))) return false;
    }
    return true;
  }

  /** Asks an engine until `signal` aborts, or the user cancels what `onCall` shows. */
  async call(
    engine: Engine,
    ask: (signal: AbortSignal) => Promise<Prediction>,
    signal: AbortSignal,
    background = false,
  ): Promise<Prediction> {
    signal.throwIfAborted();
    const controller = new AbortController();
    const forward = () => controller.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    try {
      const result = ask(controller.signal);
      const cancel = () => controller.abort(new Superseded('cancelled by the user'));
      this.#context.onCall?.({ uri: this.#uri, engine, background, result, cancel });
      return await result;
    } finally {
      signal.removeEventListener('abort', forward);
    }
  }

  #callOf(engine: Engine, stage: StageNumber, cursor: number, background: boolean): SharedCall<void> {
    const running = this.#calls.get(stage);
    if (running && !running.cancelled && !running.ended) return running;
    const call = new SharedCall((signal) => this.#ask(engine, stage, cursor, signal, background));
    this.#calls.set(stage, call);
    return call;
  }

  #inBackground(engine: Engine, stage: StageNumber, cursor: number): void {
    const running = this.#calls.get(stage);
    if (running && !running.cancelled && !running.ended) return;
    // A caller that never leaves: the call continues until the text changes.
    const { signal } = new AbortController();
    void this.#joined(this.#callOf(engine, stage, cursor, true), signal).then((answered) => {
      const predicted = this.prediction.pendingByStage[stage] ?? [];
      if (answered && predicted.length > 0) this.#context.onLateAnswer?.(this.#uri, this.prediction.version);
    });
  }

  async #joined(call: SharedCall<void>, signal: AbortSignal): Promise<boolean> {
    try {
      await call.join(signal);
      return true;
    } catch (error) {
      if (error instanceof Superseded) return false;
      throw error;
    }
  }

  /** Settles what an engine predicts for the current text. Rejects only when `signal` aborts. */
  async #ask(
    engine: Engine,
    stage: StageNumber,
    cursor: number,
    signal: AbortSignal,
    background: boolean,
  ): Promise<void> {
    const { prediction } = this;
    try {
      if (prediction.unfinished(stage)) await this.#finish(engine, stage, signal, background);
      if (prediction.isSettled(stage, isQuick(engine))) return;
      // Even without a debounce: a change that has arrived already supersedes this call before it costs anything.
      const debounceMs = Math.max(this.#context.debounceMs(), engine.debounceMs ?? 0);
      await sleep(Math.max(this.#changedAt + debounceMs - performance.now(), 0), undefined, { signal });
      const conversation = this.#context.conversation(this.#uri, { kind: 'cursor', offset: cursor });
      if (!conversation) return prediction.settle(stage);
      const answer = await this.call(
        engine,
        async (abort) => outsideMasks(conversation, await engine.predict(conversation, abort)),
        signal,
        background,
      );
      signal.throwIfAborted();
      if (conversation.edits?.length === 0) prediction.forgetCarried();
      prediction.answer(answer, this.#context.nextId, stage, engine.finish && conversation);
      this.#context.onEnd(this.#uri, engine.name, undefined);
    } catch (error) {
      if (signal.aborted) throw error;
      // The same text would fail again; it is asked about again once it changes.
      prediction.settle(stage);
      this.#context.onEnd(this.#uri, engine.name, error);
    }
  }

  /** Asks the engine to continue the prediction that it stopped after the first hunk. */
  async #finish(engine: Engine, stage: StageNumber, signal: AbortSignal, background: boolean): Promise<void> {
    const conversation = this.prediction.unfinished(stage);
    if (!conversation) return;
    // As in `#ask`.
    await sleep(0, undefined, { signal });
    const finished = async (abort: AbortSignal) => (await engine.finish?.(conversation, abort)) ?? { edits: [] };
    const ask = async (abort: AbortSignal) => outsideMasks(conversation, await finished(abort));
    const whole = await this.call(engine, ask, signal, background);
    signal.throwIfAborted();
    this.prediction.complete(whole, this.#context.nextId, stage);
  }
}

/** Whether an engine answers so soon that it need not wait for a pause. */
function isQuick({ debounceMs }: Engine): boolean {
  return !debounceMs;
}
