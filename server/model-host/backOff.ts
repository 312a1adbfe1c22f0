const longestMs = 60_000;

export interface BackOffOptions {
  /** The pause after the host's second crash in a row, in milliseconds; doubled with each, up to a minute. */
  readonly firstMs?: number | undefined;
  /** How long there must have been no crash, in milliseconds, before a good answer resets the count. */
  readonly calmMs?: number | undefined;
}

/** The pause before a host that crashes repeatedly is started again. */
export class BackOff {
  readonly #firstMs: number;
  readonly #calmMs: number;
  #deaths = 0;
  #diedAt = Number.NEGATIVE_INFINITY;
  #notBefore = Number.NEGATIVE_INFINITY;

  constructor({ firstMs = 1_000, calmMs = longestMs }: BackOffOptions = {}) {
    this.#firstMs = firstMs;
    this.#calmMs = calmMs;
  }

  /** How many milliseconds are left; 0 when the host may be started. */
  get waitMs(): number {
    return Math.max(this.#notBefore - performance.now(), 0);
  }

  /** `leastMs`: the pause, in milliseconds, that the host itself asked for; limited to a minute. */
  died(leastMs = 0): void {
    this.#deaths++;
    this.#diedAt = performance.now();
    // One crash may be an accident; the next request starts the host at once.
    const alone = this.#deaths > 1 ? this.#firstMs * 2 ** (this.#deaths - 2) : 0;
    this.#notBefore = this.#diedAt + Math.min(Math.max(alone, leastMs), longestMs);
  }

  /**
   * The host wrote an answer. One alone proves nothing: a host that crashes at every second question loads its model
   * each time, and one that crashes while it generates has counted tokens before.
   */
  worked(): void {
    if (performance.now() - this.#diedAt >= this.#calmMs) this.#deaths = 0;
  }
}
