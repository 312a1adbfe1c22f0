import { OutOfPatience } from './failures.ts';

export interface TimeLimits {
  /** How long the server may say nothing, in milliseconds: before the answer begins, and within it. */
  readonly silenceMs: number;
  /** How long an answer may take from beginning to end, in milliseconds. */
  readonly answerMs: number;
}

/** The time limits of one request, as a signal that ends it. */
export class Patience {
  readonly #silenceMs: number;
  readonly #controller = new AbortController();
  readonly #outer: AbortSignal;
  readonly #forward = () => this.#controller.abort(this.#outer.reason);
  #unread = 0;
  #silence: NodeJS.Timeout | undefined;
  #total: NodeJS.Timeout | undefined;

  constructor({ silenceMs, answerMs }: TimeLimits, signal: AbortSignal) {
    this.#silenceMs = silenceMs;
    this.#outer = signal;
    if (signal.aborted) this.#forward();
    signal.addEventListener('abort', this.#forward, { once: true });
    this.heard();
    this.atMost(answerMs, `has not finished its answer in ${inSeconds(answerMs)}`);
  }

  /** Aborts with the outer signal's reason, or an `OutOfPatience`. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** The server has said something. */
  heard(): void {
    clearTimeout(this.#silence);
    this.#silence = this.#abortIn(this.#silenceMs, `has said nothing for ${inSeconds(this.#silenceMs)}`);
  }

  /** Sets the limit for all that is still to come. */
  atMost(ms: number, what: string): void {
    clearTimeout(this.#total);
    this.#total = this.#abortIn(ms, what);
  }

  /** Ends a request that runs. */
  abort(reason: Error): void {
    this.#controller.abort(reason);
  }

  /** A request has been sent; `answered` when all of its answer has been read, or it failed. */
  asked(): void {
    this.#unread++;
  }

  answered(): void {
    this.#unread--;
  }

  /** Nothing more is wanted: the connection of a request that still runs is closed. Others stay, to be used again. */
  end(): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#total);
    this.#outer.removeEventListener('abort', this.#forward);
    if (this.#unread > 0) this.#controller.abort(new OutOfPatience('is no longer needed'));
  }

  #abortIn(ms: number, what: string): NodeJS.Timeout {
    return setTimeout(() => this.#controller.abort(new OutOfPatience(what)), ms);
  }
}

function inSeconds(ms: number): string {
  return `${ms / 1000} s`;
}
