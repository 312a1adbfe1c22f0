import type { DecoderResult, DecoderRun, DecoderSequence } from './decoder.ts';

/** Keys and values of the positions of one sequence. */
export interface SequenceCache<Cache> {
  /** Memory that it takes while `used` positions are in use. */
  bytes(used: number): number;
  /** Another cache that holds the first `used` positions. */
  copy(used: number): Cache;
  /** Frees the memory; the cache is empty afterwards. */
  release(): void;
}

/** Does a run over a cache, in which it leaves the keys and values of all tokens but the last decoded one. */
type Compute<Cache> = (cache: Cache, run: Required<DecoderRun>) => Promise<DecoderResult>;

/** A sequence of any decoder: its cache, and how many of its positions are in use. */
export class CachedSequence<Cache extends SequenceCache<Cache>> implements DecoderSequence {
  readonly #cache: Cache;
  readonly #compute: Compute<Cache>;
  #length = 0;

  constructor(cache: Cache, compute: Compute<Cache>) {
    this.#cache = cache;
    this.#compute = compute;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#cache.bytes(this.#length);
  }

  async run(asked: DecoderRun): Promise<DecoderResult> {
    const run = { verify: 1, ...asked };
    const { tokens, past, decode, verify } = run;
    const result = await this.#compute(this.#cache, run);
    this.#length = past + tokens.length + (decode === 0 ? 0 : result.ids.length - verify);
    return decode === 0 ? { ids: [], logProbabilities: [] } : result;
  }

  fork(count: number): DecoderSequence {
    const other = new CachedSequence(this.#cache.copy(count), this.#compute);
    other.#length = count;
    return other;
  }

  release(): void {
    this.#cache.release();
    this.#length = 0;
  }
}

/** Decodes token by token, with `step`, which computes tokens behind the first `past` and gives the ids of the last `verify`. */
export async function decodeInSteps(
  { tokens, past, decode, verify, stop }: Required<DecoderRun>,
  step: (tokens: readonly number[], past: number, verify: number) => Promise<DecoderResult>,
): Promise<DecoderResult> {
  const first = await step(tokens, past, verify);
  const ids = [...first.ids];
  const logProbabilities = [...first.logProbabilities];
  for (let decoded = 1; decoded < decode; decoded++) {
    const last = ids.at(-1);
    if (last === undefined || stop.includes(last)) break;
    const next = await step([last], past + tokens.length + decoded - 1, 1);
    ids.push(...next.ids);
    logProbabilities.push(...next.logProbabilities);
  }
  return { ids, logProbabilities };
}

/** Copies the first `length` numbers of each head, of `heads` that lie one after the other in caches of any capacity. */
export function copyHeads<Numbers extends Float32Array | Uint16Array>(
  from: Numbers,
  to: Numbers,
  heads: number,
  length: number,
): void {
  for (let head = 0; head < heads; head++) {
    const start = (head * from.length) / heads;
    to.set(from.subarray(start, start + length), (head * to.length) / heads);
  }
}
