/** A run blocks the host; between runs it sees cancellations. So long, in milliseconds, may one take. */
const prefillBudgetMs = 250;
const decodeBudgetMs = 150;

const firstPrefill = 32;
/** Below this a run is mostly overhead, also on a machine that is busy with other things. */
const minPrefill = 32;
const maxPrefill = 1024;
/** Few, so that the first words come soon; what they take tells how many come next. */
const firstDecode = 4;
const maxDecode = 32;

/** Sizes runs by the measured speed, so that each stays short. Sizes never change what is decoded. */
export class Pace {
  #prefillMs: number | undefined;
  #decodeMs: number | undefined;

  /** Tokens to prefill in one run. */
  get prefill(): number {
    if (this.#prefillMs === undefined) return firstPrefill;
    return clamp(Math.round(prefillBudgetMs / this.#prefillMs), minPrefill, maxPrefill);
  }

  /** Tokens to decode in one run. */
  get decode(): number {
    if (this.#decodeMs === undefined) return firstDecode;
    return clamp(Math.floor(decodeBudgetMs / this.#decodeMs), 1, maxDecode);
  }

  prefilled(tokens: number, ms: number): void {
    // A short run's time is mostly overhead and tells little of a long one's.
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
