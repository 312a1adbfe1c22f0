import { OutOfPatience } from './failures.ts';

export interface TimeLimits {
  /** How long the server may be silent, in milliseconds: before the answer begins, and within it. */
  readonly silenceMs: number;
  /** Maximum duration of a whole answer, in milliseconds. */
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

  /** Data arrived from the server. */
  heard(): void {
    clearTimeout(this.#silence);
    this.#silence = this.#abortIn(this.#silenceMs, `has said nothing for ${inSeconds(this.#silenceMs)}`);
  }

  /** Sets the limit for all remaining time. */
  atMost(ms: number, what: string): void {
    clearTimeout(this.#total);
    this.#total = this.#abortIn(ms, what);
  }

  /** Aborts a running request. */
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

  /** Nothing more is needed: the connection of a running request is closed. Others stay open for reuse. */
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
