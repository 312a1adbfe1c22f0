/**
 * One piece of work that several callers wait for. It is aborted when the last of them has gone, or by `cancel`.
 */
export class SharedCall<T> {
  readonly #controller = new AbortController();
  readonly #result: Promise<T>;
  #waiting = 0;
  #ended = false;

  constructor(work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#controller.signal);
    // Each caller sees a failure through `join`; without callers there is nothing to report.
    this.#result
      .catch(() => {})
      .finally(() => {
        this.#ended = true;
      });
  }

  get ended(): boolean {
    return this.#ended;
  }

  get cancelled(): boolean {
    return this.#controller.signal.aborted;
  }

  /** Aborts the work for everyone; callers' promises reject with `reason`. */
  cancel(reason: unknown): void {
    this.#controller.abort(reason);
  }

  /** The work's result. Rejects with `signal.reason` as soon as `signal` aborts, whatever the work does. */
  join(signal: AbortSignal): Promise<T> {
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#waiting++;
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        reject(signal.reason);
        leave();
      };
      const leave = () => {
        signal.removeEventListener('abort', onAbort);
        this.#waiting--;
        if (this.#waiting === 0) this.#controller.abort(signal.reason);
      };
      const onCancel = () => reject(this.#controller.signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#controller.signal.addEventListener('abort', onCancel, { once: true });
      this.#result.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
    });
  }
}
