/**
 * Maximum duration of a run, in milliseconds: a decoder that cannot be interrupted sees cancellations only between runs, and what an
 * interrupted one has read is lost.
 */
const prefillBudgetMs = 250;
const interruptibleBudgetMs = 1000;
const decodeBudgetMs = 150;

const firstPrefill = 32;
/** A shorter run is mostly overhead, also on a machine that is busy with other things. */
const minPrefill = 32;
const maxPrefill = 1024;
/** Few, so the first words come soon; their duration determines how many come next. */
const firstDecode = 4;
const maxDecode = 32;

/** Sets run sizes by the measured speed to keep each run short. Sizes change what is decoded only where rounding decides between close candidates. */
export class Pace {
  readonly #isInterruptible: boolean;
  #prefillMs: number | undefined;
  #decodeMs: number | undefined;

  /** `isInterruptible`: whether a run can be ended before it is over. */
  constructor(isInterruptible: boolean) {
    this.#isInterruptible = isInterruptible;
  }

  /** Tokens to prefill in one run. `isWanted`: whether someone waits for it, so that it is not likely to be interrupted. */
  prefill(isWanted: boolean): number {
    if (this.#prefillMs === undefined) return firstPrefill;
    const budgetMs = isWanted && this.#isInterruptible ? interruptibleBudgetMs : prefillBudgetMs;
    return clamp(Math.round(budgetMs / this.#prefillMs), minPrefill, maxPrefill);
  }

  /** Tokens to decode in one run. */
  get decode(): number {
    if (this.#decodeMs === undefined) return firstDecode;
    return clamp(Math.floor(decodeBudgetMs / this.#decodeMs), 1, maxDecode);
  }

  /** The time of verifying one drafted token as a share of that of decoding one; undefined until both were measured. */
  get draftCost(): number | undefined {
    if (this.#prefillMs === undefined || this.#decodeMs === undefined) return undefined;
    return this.#prefillMs / this.#decodeMs;
  }

  prefilled(tokens: number, ms: number): void {
    // A short run's time is mostly overhead and does not predict that of a long one.
    if (tokens >= minPrefill) this.#prefillMs = smoothed(this.#prefillMs, ms / tokens);
  }

  decoded(tokens: number, ms: number): void {
    if (tokens > 0) this.#decodeMs = smoothed(this.#decodeMs, ms / tokens);
  }
}

function smoothed(before: number | undefined, now: number): number {
  return before === undefined ? now : (before + now) / 2;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
