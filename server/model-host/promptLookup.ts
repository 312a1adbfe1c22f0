/** So many ids before a place are compared at most. */
const mostAgreeing = 64;
/** So far before and behind where the answer has been following the text, two ids that agree are enough, and one. */
const near = new Map([
  [1, { before: 0, behind: 12 }],
  [2, { before: 8, behind: 48 }],
]);
/**
 * How likely the next id is the one that followed earlier, by how many ids before it agree; found on 140 answers of the 1.5B
 * that rewrite a few lines, of 11,000 ids.
 */
const likely = [0, 0.48, 0.78, 0.85, 0.9, 0.92, 0.93] as const;
const likelyFrom = [
  [40, 0.965],
  [15, 0.955],
  [likely.length, 0.94],
] as const;
const most = 64;
/** The time of verifying one more id as a share of that of decoding one, while nothing was measured. */
const usualCost = 0.24;
/**
 * An id that is accepted saves less than a run of its own: it would most likely have been accepted in the next draft. Found by
 * simulating answers over the costs measured on two CPUs, with and without instructions for products of bytes.
 */
const costFactor = 2;
/** How soon earlier drafts are forgotten; a draft at the beginning of an answer that repeats a file is mostly right. */
const memory = 0.6;
const prior = { right: 6, wrong: 0.3 };

/**
 * Proposes how an answer continues, by what followed the same ids earlier in the prompt or answer ("prompt lookup
 * decoding"), or in a text that the answer is expected to resemble: most of an answer that repeats a file with few changes is
 * predicted. Proposals are always verified, so a bad one costs time and changes nothing. How long they are follows from how much
 * agrees, from how many were right lately, and from what one costs.
 */
export class PromptLookup {
  /** The expected answer behind a copy of the prompt's end, which it follows; then the prompt, and the answer so far. */
  readonly #ids: number[];
  /** Where the expected answer ends. */
  readonly #border: number;
  /** The position in `#ids` that the last proposal reached; the answer is likely to continue from there. */
  #follow: number;
  #right = prior.right;
  #wrong = prior.wrong;

  /** `expected`: what the answer is likely to be but for a few changes, from its beginning on. */
  constructor(prompt: readonly number[], expected: readonly number[] = []) {
    const lead = expected.length > 0 ? prompt.slice(-mostAgreeing) : [];
    this.#ids = [...lead, ...expected, ...prompt];
    this.#border = lead.length + expected.length;
    // Without an expectation, an answer is most likely about the end of the prompt.
    this.#follow = expected.length > 0 ? lead.length : this.#ids.length;
  }

  /** At most `limit` ids that may come next; none if nothing is predicted. `cost`: see `usualCost`. */
  propose(limit: number, cost = usualCost): readonly number[] {
    const found = this.#continuation();
    if (!found) return [];
    const { place, agreeing } = found;
    const end = Math.min(place + Math.min(limit, most), place < this.#border ? this.#border : this.#ids.length);
    const least = clamp(cost * costFactor, 0.02, 0.9);
    const lately = this.#right / (this.#right + this.#wrong);
    let at = place;
    for (let right = 1; at < end; at++) {
      const each = likelihood(agreeing + at - place);
      right *= Math.min(each, lately);
      if (right < least) break;
    }
    if (at > place) this.#follow = place;
    return this.#ids.slice(place, at);
  }

  /** The ids that the model gave next, how many had been drafted for them, and how many of these it accepted. */
  observe(ids: readonly number[], drafted: number, accepted: number): void {
    for (const id of ids) this.#ids.push(id);
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

  /** Where most of the latest ids occurred before: if in several places, the nearest to where the answer has been following. */
  #continuation(): { readonly place: number; readonly agreeing: number } | undefined {
    let best: { place: number; agreeing: number } | undefined;
    for (let place = 1; place < this.#ids.length; place++) {
      // Nothing is known to follow the end of what is expected.
      if (place === this.#border) continue;
      const agreeing = this.#agreeing(place);
      if (agreeing === 0 || (best && agreeing < best.agreeing)) continue;
      const { before = Infinity, behind = Infinity } = near.get(agreeing) ?? {};
      if (place < this.#follow - before || place > this.#follow + behind) continue;
      const isNearer = best && Math.abs(place - this.#follow) <= Math.abs(best.place - this.#follow);
      if (!best || agreeing > best.agreeing || isNearer) best = { place, agreeing };
    }
    return best;
  }

  /** How many ids before a place are those at the end. */
  #agreeing(place: number): number {
    const ids = this.#ids;
    const longest = Math.min(mostAgreeing, place);
    let count = 0;
    while (count < longest && ids[place - 1 - count] === ids[ids.length - 1 - count]) count++;
    return count;
  }
}

function likelihood(agreeing: number): number {
  return likely[agreeing] ?? likelyFrom.find(([from]) => agreeing >= from)?.[1] ?? 0;
}

function clamp(value: number, least: number, greatest: number): number {
  return Math.min(Math.max(value, least), greatest);
}
