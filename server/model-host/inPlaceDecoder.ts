import type { DecoderDescription } from '../models/manifest.ts';
import { cacheTensorNames, notComputable } from './binding.ts';
import { CachedSequence, copyHeads, decodeInSteps, type SequenceCache } from './cachedSequence.ts';
import { type Decoder, type DecoderResult, type DecoderSequence, RunInterrupted } from './decoder.ts';
import { NativeError, type NativeRuntime, type NativeSession, type NativeTensor } from './nativeRuntime.ts';

/** Positions of a cache at first; it doubles when it is full. Only what is used takes memory. */
const firstCapacity = 1024;

/**
 * Runs the graph of `models/graph/inPlaceGraph.ts`: each run is given the same tensors as past and as present, so that
 * keys and values are written where they stay, and a run costs the same however long the cache may become.
 */
export class InPlaceDecoder implements Decoder {
  readonly #runtime: NativeRuntime;
  readonly #session: NativeSession;
  readonly #shape: CacheShape;
  readonly #past: readonly string[];
  readonly #present: readonly string[];

  constructor(runtime: NativeRuntime, session: NativeSession, shape: CacheShape) {
    this.#runtime = runtime;
    this.#session = session;
    this.#shape = shape;
    this.#past = cacheTensorNames('past', shape.layers);
    this.#present = cacheTensorNames('present', shape.layers);
  }

  begin(): DecoderSequence {
    return new CachedSequence(new InPlaceCache(this.#runtime, this.#shape), (cache, run) =>
      decodeInSteps(run, (tokens, past, verify) => this.#step(cache, tokens, past, verify)),
    );
  }

  interrupt(): void {
    this.#session.interrupt();
  }

  async dispose(): Promise<void> {
    this.#session.release();
  }

  async #step(cache: InPlaceCache, tokens: readonly number[], past: number, verify: number): Promise<DecoderResult> {
    cache.reserve(past + tokens.length, past);
    const inputIds = this.#runtime.int64(tokens, [1, tokens.length]);
    const pastLength = this.#runtime.int64([past], []);
    const wanted = this.#runtime.int64([verify], []);
    const ids = this.#runtime.tensor('int64', [verify]);
    const logProbabilities = this.#runtime.tensor('float32', [verify]);
    const inputs = new Map<string, NativeTensor>([
      ['input_ids', inputIds],
      ['past_length', pastLength],
      ['verify', wanted],
      ...cache.named(this.#past),
    ]);
    const outputs = new Map<string, NativeTensor>([
      ['ids', ids],
      ['log_probabilities', logProbabilities],
      ...cache.named(this.#present),
    ]);
    try {
      await this.#session.run(inputs, outputs);
    } catch (error) {
      if (this.#session.interrupted) throw new RunInterrupted();
      throw error instanceof NativeError ? notComputable(error) : error;
    } finally {
      for (const tensor of [inputIds, pastLength, wanted, ids, logProbabilities]) this.#runtime.release(tensor);
    }
    return { ids: Array.from(ids.data, Number), logProbabilities: Array.from(logProbabilities.data) };
  }
}

type CacheShape = Pick<DecoderDescription, 'layers' | 'kvHeads' | 'headSize'>;
type CacheTensor = NativeTensor & { readonly data: Float32Array };

/** Key and value of each layer, in order, each `[1, kvHeads, capacity, headSize]`, in memory that runs write into. */
class InPlaceCache implements SequenceCache<InPlaceCache> {
  readonly #runtime: NativeRuntime;
  readonly #shape: CacheShape;
  #tensors: readonly CacheTensor[] = [];
  #capacity = 0;

  constructor(runtime: NativeRuntime, shape: CacheShape) {
    this.#runtime = runtime;
    this.#shape = shape;
  }

  bytes(used: number): number {
    const { layers, kvHeads, headSize } = this.#shape;
    return 2 * layers * kvHeads * used * headSize * Float32Array.BYTES_PER_ELEMENT;
  }

  copy(used: number): InPlaceCache {
    const other = new InPlaceCache(this.#runtime, this.#shape);
    other.#tensors = this.#copied(this.#capacity, used);
    other.#capacity = this.#capacity;
    return other;
  }

  release(): void {
    for (const tensor of this.#tensors) this.#runtime.release(tensor);
    this.#tensors = [];
    this.#capacity = 0;
  }

  /** Makes room for `total` positions, keeping the first `used`. */
  reserve(total: number, used: number): void {
    if (total <= this.#capacity) return;
    const capacity = Math.max(firstCapacity, 2 ** Math.ceil(Math.log2(total)));
    const tensors = this.#copied(capacity, used);
    this.release();
    this.#tensors = tensors;
    this.#capacity = capacity;
  }

  /** The tensors, each with its name of `names`. */
  named(names: readonly string[]): [string, NativeTensor][] {
    return this.#tensors.map((tensor, index) => [names[index] ?? '', tensor]);
  }

  #copied(capacity: number, used: number): CacheTensor[] {
    const { layers, kvHeads, headSize } = this.#shape;
    return Array.from({ length: 2 * layers }, (_, index) => {
      const tensor = this.#runtime.tensor('float32', [1, kvHeads, capacity, headSize]);
      const old = this.#tensors[index];
      if (old) copyHeads(old.data, tensor.data, kvHeads, used * headSize);
      return tensor;
    });
  }
}
