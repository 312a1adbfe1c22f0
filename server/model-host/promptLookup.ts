/** How many of the latest ids are looked for: the more agree, the likelier what follows does. */
const lengths = [3, 2, 1] as const;
/** The cube of this is a whole number that a double holds. */
const largestId = 208_063;
const most = 64;
/** So far before and behind where the answer has been following the text, two ids are enough, and one. */
const near = { 2: { before: 8, behind: 48 }, 1: { before: 0, behind: 12 } } as const;
/** A draft of what follows few ids is less sure to be right. */
const shareOf = { 3: 1, 2: 0.5, 1: 0.25 } as const;
/** The time of verifying one more id as a share of that of decoding one, while nothing was measured. */
const usualCost = 0.24;
/**
 * An id that is accepted saves less than a run of its own: it would most likely have been accepted in the next draft. Found by
 * simulating answers over the costs measured on a CPU.
 */
const costFactor = 2.3;
/** How soon earlier drafts are forgotten; a draft at the beginning of an answer that repeats a file is mostly right. */
const memory = 0.6;
const prior = { right: 6, wrong: 0.5 };

/**
 * Proposes how an answer continues, by what followed the same ids earlier in the prompt or answer ("prompt lookup
 * decoding"): most of an answer that repeats a file with few changes is predicted. Proposals are always verified, so a
 * bad one costs time and changes nothing. How long they are follows from how many were right lately and what one costs.
 */
export class PromptLookup {
  readonly #ids: number[] = [];
  /** Where each run of that many ids has ended, in order. */
  readonly #ends = new Map(lengths.map((length) => [length, new Map<number, number[]>()]));
  /** The position in `#ids` that the last proposal reached; the answer is likely to continue from there. */
  #follow = 0;
  #right = prior.right;
  #wrong = prior.wrong;

  /** `ids`: the prompt. */
  constructor(ids: readonly number[]) {
    for (const id of ids) this.#push(id);
    // An answer is most likely about the end of the prompt.
    this.#follow = ids.length;
  }

  /** At most `limit` ids that may come next; none if nothing is predicted. `cost`: see `usualCost`. */
  propose(limit: number, cost = usualCost): readonly number[] {
    const found = this.#continuation();
    if (!found) return [];
    const worth = Math.log(clamp(cost * costFactor, 0.02, 0.9)) / Math.log(this.#right / (this.#right + this.#wrong));
    const length = Math.min(most, limit, Math.floor(worth * shareOf[found.agreed]));
    if (length < 1) return [];
    this.#follow = found.place;
    return this.#ids.slice(found.place, found.place + length);
  }

  /** The ids that the model gave next, how many had been drafted for them, and how many of these it accepted. */
  observe(ids: readonly number[], drafted: number, accepted: number): void {
    for (const id of ids) this.#push(id);
    if (drafted === 0) {
      // What went wrong is forgotten while the answer goes its own way.
      const keep = memory ** Math.min(1, ids.length / 8);
      this.#right = keep * this.#right + (1 - keep) * prior.right;
      this.#wrong = keep * this.#wrong + (1 - keep) * prior.wrong;
      return;
    }
    // Of a draft that was wrong at some id, the next id may follow on the one that the model gave, or still be to come.
    this.#follow += accepted;
    this.#right = Math.max(0.5, memory * this.#right + accepted);
    this.#wrong = Math.max(0.05, memory * this.#wrong + (accepted < drafted ? 1 : 0));
  }

  /** Where the latest ids occurred before, by how many of them: if in several places, the nearest to where the answer has been following. */
  #continuation(): { readonly place: number; readonly agreed: (typeof lengths)[number] } | undefined {
    for (const agreed of lengths) {
      const places = this.#ends.get(agreed)?.get(this.#key(this.#ids.length, agreed)) ?? [];
      let best: number | undefined;
      for (const place of places) {
        if (place === this.#ids.length) continue;
        if (agreed < 3) {
          const { before, behind } = near[agreed as 1 | 2];
          if (place < this.#follow - before || place > this.#follow + behind) continue;
        }
        if (best === undefined || Math.abs(place - this.#follow) <= Math.abs(best - this.#follow)) best = place;
      }
      if (best !== undefined) return { place: best, agreed };
    }
    return undefined;
  }

  #push(id: number): void {
    this.#ids.push(id);
    for (const length of lengths) {
      if (this.#ids.length < length) continue;
      const ends = this.#ends.get(length);
      const key = this.#key(this.#ids.length, length);
      const places = ends?.get(key);
      if (places) places.push(this.#ids.length);
      else ends?.set(key, [this.#ids.length]);
    }
  }

  /** The ids before `end` as one number that a double holds exactly. After a collision the proposal is rejected. */
  #key(end: number, length: number): number {
    let key = 0;
    for (let index = end - length; index < end; index++) key = key * largestId + ((this.#ids[index] ?? 0) % largestId);
    return key;
  }
}

function clamp(value: number, least: number, greatest: number): number {
  return Math.min(Math.max(value, least), greatest);
}
