import type { Engine } from '../engines/engine.ts';
import type { CallContext } from './documentCalls.ts';

/** After a change: short, so that a pause finds something read; yet no engine reads for every key. */
const firstMs = 150;
/** Between two preparations: while someone types on, only the line at the cursor differs. */
const restMs = 1_000;

/**
 * Has engines get ready, while the user types, for the question that is likely to come (`Engine.prepare`): a model loads and
 * reads what will stay of its prompt. It works for one document at a time, the last changed, and ends at once when an engine is asked.
 */
export class ReadAhead {
  readonly #context: Pick<CallContext, 'engines' | 'conversation'>;
  #place: { readonly uri: string; readonly cursor: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: AbortController | undefined;
  #lastBegun = Number.NEGATIVE_INFINITY;

  constructor(context: Pick<CallContext, 'engines' | 'conversation'>) {
    this.#context = context;
  }

  /** A document was changed, up to `cursor`. */
  changed(uri: string, cursor: number): void {
    this.#place = { uri, cursor };
    const waitMs = Math.max(firstMs, this.#lastBegun + restMs - performance.now());
    this.#timer ??= setTimeout(() => this.#begin(), waitMs).unref();
  }

  /** An engine is asked, or the document is gone: what was to be read is read now, or not wanted. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#place = undefined;
    this.#running?.abort();
    this.#running = undefined;
  }

  #begin(): void {
    this.#timer = undefined;
    const place = this.#place;
    if (!place) return;
    this.#lastBegun = performance.now();
    // What the one before has read stays read.
    this.#running?.abort();
    const controller = new AbortController();
    this.#running = controller;
    void this.#prepare(place.uri, place.cursor, controller.signal);
  }

  async #prepare(uri: string, cursor: number, signal: AbortSignal): Promise<void> {
    const engines = (await this.#context.engines()).filter(canPrepare);
    if (engines.length === 0 || signal.aborted) return;
    const conversation = this.#context.conversation(uri, { kind: 'cursor', offset: cursor });
    if (!conversation) return;
    // Whoever asks the engine next is told what is wrong with it.
    for (const engine of engines) await engine.prepare(conversation, signal).catch(() => {});
  }
}

function canPrepare(engine: Engine): engine is Engine & Required<Pick<Engine, 'prepare'>> {
  return engine.prepare !== undefined;
}
