import type { Decoder, DecoderSequence } from './decoder.ts';

/** A sequence that a decoder holds, with the ids whose keys and values are known to be valid. */
export interface HeldSequence {
  readonly sequence: DecoderSequence;
  ids: readonly number[];
  /** The last prompt that was asked about on it, read or not. */
  prompt: readonly number[];
}

/** Bytes of keys and values kept for prompts that may be asked about again. */
const memoryLimit = 256 * 2 ** 20;
const mostSequences = 4;

/**
 * The sequences kept of earlier prompts and answers, the latest last. A prompt goes on with the one that it shares the longest beginning
 * with. While a user types in one place, each prompt shares most with the one before and takes its place; one
 * about another place, or another document, shares little and gets a sequence of its own, so that to come back costs nothing.
 */
export class Sequences {
  readonly #decoder: Decoder;
  readonly #memoryLimit: number;
  #held: HeldSequence[] = [];

  constructor(decoder: Decoder, limit = memoryLimit) {
    this.#decoder = decoder;
    this.#memoryLimit = limit;
  }

  /** The sequence on which to compute `ids`. */
  take(ids: readonly number[]): HeldSequence {
    let best: HeldSequence | undefined;
    let shared = 0;
    for (const held of this.#held) {
      const common = commonPrefix(held.ids, ids);
      if (common >= shared) {
        best = held;
        shared = common;
      }
    }
    if (!best || shared < best.ids.length / 2) best = this.#another(best, shared);
    this.#held = [...this.#held.filter((held) => held !== best), best];
    this.#forgetOldest();
    return best;
  }

  /** A sequence that begins with what the prompt shares with `similar`. */
  #another(similar: HeldSequence | undefined, shared: number): HeldSequence {
    if (similar && shared > 0) {
      return { sequence: similar.sequence.fork(shared), ids: similar.ids.slice(0, shared), prompt: [] };
    }
    return { sequence: this.#decoder.begin(), ids: [], prompt: [] };
  }

  #forgetOldest(): void {
    let bytes = this.#held.reduce((sum, { sequence }) => sum + sequence.bytes, 0);
    while (this.#held.length > 1 && (this.#held.length > mostSequences || bytes > this.#memoryLimit)) {
      const [oldest, ...others] = this.#held;
      bytes -= oldest?.sequence.bytes ?? 0;
      oldest?.sequence.release();
      this.#held = others;
    }
  }
}

/** What of a prompt is likely to stay as it is, while it is asked about again and again: what it shares with the one before. */
export function likelyToStay(before: readonly number[], ids: readonly number[]): readonly number[] {
  const common = commonPrefix(before, ids);
  // Another prompt altogether says nothing.
  return common < ids.length / 2 ? ids : ids.slice(0, common);
}

export function commonPrefix(a: readonly number[], b: readonly number[]): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length++;
  return length;
}
