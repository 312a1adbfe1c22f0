import type { Engine } from '../engines/engine.ts';
import type { CallContext } from './documentCalls.ts';

/** After a change: short, so that a pause finds something read; yet no engine reads for every key. */
const firstMs = 150;
/** Without a change for so long, someone has stopped typing, and may ask next. */
const pauseMs = 400;
/** Between two preparations while someone types on: only the line at the cursor differs then. */
const restMs = 1_000;
/** And a rest of so many times what the one before took, so that engines leave most of the machine to others. */
const restShare = 10;
const longestRestMs = 10_000;

/**
 * Has engines get ready, while the user types, for the question that is likely to come (`Engine.prepare`): a model loads and
 * reads what will stay of its prompt. It works for one document at a time, the last changed, and ends at once when an engine is asked.
 */
export class ReadAhead {
  readonly #context: Pick<CallContext, 'engines' | 'conversation'>;
  #place: { readonly uri: string; readonly cursor: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: AbortController | undefined;
  /** Of the changes that nothing was prepared for yet, when the first came. */
  #since: number | undefined;
  #restUntil = Number.NEGATIVE_INFINITY;

  constructor(context: Pick<CallContext, 'engines' | 'conversation'>) {
    this.#context = context;
  }

  /** A document was changed, up to `cursor`. */
  changed(uri: string, cursor: number): void {
    this.#place = { uri, cursor };
    const now = performance.now();
    this.#since ??= now;
    const due = Math.max(this.#since + firstMs, this.#restUntil);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#begin(), Math.min(due - now, pauseMs)).unref();
  }

  /** An engine is asked, or the document is gone: what was to be read is read now, or not wanted. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#place = undefined;
    this.#since = undefined;
    this.#running?.abort();
    this.#running = undefined;
  }

  #begin(): void {
    this.#timer = undefined;
    this.#since = undefined;
    const place = this.#place;
    if (!place) return;
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
    const begun = performance.now();
    this.#restUntil = begun + restMs;
    // Whoever asks the engine next is told what is wrong with it.
    for (const engine of engines) await engine.prepare(conversation, signal).catch(() => {});
    const ended = performance.now();
    const rest = Math.min(restShare * (ended - begun), longestRestMs);
    this.#restUntil = Math.max(this.#restUntil, ended + rest);
  }
}

function canPrepare(engine: Engine): engine is Engine & Required<Pick<Engine, 'prepare'>> {
  return engine.prepare !== undefined;
}
