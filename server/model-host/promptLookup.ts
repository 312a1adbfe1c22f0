/** How many ids must match before what followed them is proposed. */
const matched = 3;
/** The cube of this is a whole number that a double holds. */
const largestId = 208_063;
const fewest = 4;
const most = 32;

/**
 * Proposes how an answer continues, by what followed the same ids earlier in the prompt or answer ("prompt lookup
 * decoding"): most of an answer that repeats a file with few changes is predicted. Proposals are always verified, so a
 * bad one costs time and changes nothing.
 */
export class PromptLookup {
  readonly #ids: number[] = [];
  /** Where each run of `matched` ids has ended, in order. */
  readonly #ends = new Map<number, number[]>();
  /** The position in `#ids` that the last proposal reached; the answer is likely to continue from there. */
  #follow = 0;
  #length = fewest;
  #misses = 0;
  /** How many ids are decoded without a proposal, after bad ones. */
  #pause = 0;

  /** `ids`: the prompt. */
  constructor(ids: readonly number[]) {
    for (const id of ids) this.#push(id);
    // An answer is most likely about the end of the prompt.
    this.#follow = ids.length;
  }

  /** At most `limit` ids that may come next; none if nothing is predicted. */
  propose(limit: number): readonly number[] {
    if (this.#pause > 0) return [];
    const start = this.#continuation();
    if (start === undefined) return [];
    this.#follow = start;
    return this.#ids.slice(start, start + Math.min(this.#length, limit));
  }

  /** The ids that the model gave next, how many had been drafted for them, and how many of these it accepted. */
  observe(ids: readonly number[], drafted: number, accepted: number): void {
    for (const id of ids) this.#push(id);
    if (drafted === 0) {
      this.#pause = Math.max(0, this.#pause - ids.length);
      return;
    }
    this.#follow += ids.length;
    if (accepted === drafted) {
      this.#length = Math.min(2 * this.#length, most);
      this.#misses = 0;
    } else {
      this.#length = Math.max(fewest, accepted);
      this.#misses = accepted < 2 ? this.#misses + 1 : 0;
      if (this.#misses > 1) this.#pause = fewest << Math.min(this.#misses, 4);
    }
  }

  /** Where the latest ids occurred before: if in several places, the nearest to where the answer has been following. */
  #continuation(): number | undefined {
    const places = this.#ends.get(this.#key(this.#ids.length)) ?? [];
    let best: number | undefined;
    for (const place of places) {
      if (place === this.#ids.length) continue;
      if (best === undefined || Math.abs(place - this.#follow) <= Math.abs(best - this.#follow)) best = place;
    }
    return best;
  }

  #push(id: number): void {
    this.#ids.push(id);
    if (this.#ids.length < matched) return;
    const key = this.#key(this.#ids.length);
    const places = this.#ends.get(key);
    if (places) places.push(this.#ids.length);
    else this.#ends.set(key, [this.#ids.length]);
  }

  /** The ids before `end` as one number that a double holds exactly. After a collision the proposal is rejected. */
  #key(end: number): number {
    let key = 0;
    for (let index = end - matched; index < end; index++) key = key * largestId + ((this.#ids[index] ?? 0) % largestId);
    return key;
  }
}
