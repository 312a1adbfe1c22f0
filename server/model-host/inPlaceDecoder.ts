import { EngineError } from '../../shared/errors.ts';
import type { DecoderDescription } from '../models/manifest.ts';
import { type Decoder, type DecoderResult, type DecoderRun, type DecoderSequence, RunInterrupted } from './decoder.ts';
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
  readonly #description: Cached;

  constructor(runtime: NativeRuntime, session: NativeSession, description: Cached) {
    this.#runtime = runtime;
    this.#session = session;
    this.#description = description;
  }

  begin(): DecoderSequence {
    return new InPlaceSequence(this.#runtime, this.#session, this.#description);
  }

  interrupt(): void {
    this.#session.interrupt();
  }

  async dispose(): Promise<void> {
    this.#session.release();
  }
}

type Cached = Pick<DecoderDescription, 'layers' | 'kvHeads' | 'headSize' | 'vocabularySize'>;
type CacheTensor = NativeTensor & { readonly data: Float32Array };

class InPlaceSequence implements DecoderSequence {
  readonly #runtime: NativeRuntime;
  readonly #session: NativeSession;
  readonly #description: Cached;
  #length = 0;
  #capacity = 0;
  /** Key and value of each layer, in order, each `[1, kvHeads, capacity, headSize]`. */
  #cache: readonly CacheTensor[] = [];

  constructor(runtime: NativeRuntime, session: NativeSession, description: Cached) {
    this.#runtime = runtime;
    this.#session = session;
    this.#description = description;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    const { layers, kvHeads, headSize } = this.#description;
    return 2 * layers * kvHeads * this.#length * headSize * Float32Array.BYTES_PER_ELEMENT;
  }

  async run({ tokens, past, decode, verify = 1, stop }: DecoderRun): Promise<DecoderResult> {
    const result = await this.#step(tokens, past, verify);
    if (decode === 0) return { ids: [], logProbabilities: [] };
    const ids = [...result.ids];
    const logProbabilities = [...result.logProbabilities];
    for (let decoded = 1; decoded < decode; decoded++) {
      const last = ids.at(-1);
      if (last === undefined || stop.includes(last)) break;
      const next = await this.#step([last], this.#length, 1);
      ids.push(...next.ids);
      logProbabilities.push(...next.logProbabilities);
    }
    return { ids, logProbabilities };
  }

  fork(count: number): DecoderSequence {
    const other = new InPlaceSequence(this.#runtime, this.#session, this.#description);
    other.#resize(this.#capacity);
    copyRows(this.#cache, other.#cache, this.#description, count);
    other.#length = count;
    return other;
  }

  release(): void {
    for (const tensor of this.#cache) this.#runtime.release(tensor);
    this.#cache = [];
    this.#capacity = 0;
    this.#length = 0;
  }

  async #step(tokens: readonly number[], past: number, verify: number): Promise<DecoderResult> {
    const total = past + tokens.length;
    if (total > this.#capacity) this.#resize(Math.max(firstCapacity, 2 ** Math.ceil(Math.log2(total))));
    this.#length = past;
    const inputIds = this.#runtime.int64(tokens, [1, tokens.length]);
    const pastLength = this.#runtime.int64([past], []);
    const wanted = this.#runtime.int64([verify], []);
    const ids = this.#runtime.tensor('int64', [verify]);
    const logProbabilities = this.#runtime.tensor('float32', [verify]);
    const inputs = new Map([
      ['input_ids', inputIds],
      ['past_length', pastLength],
      ['verify', wanted],
      ...this.#named('past'),
    ]);
    const outputs = new Map<string, NativeTensor>([
      ['ids', ids],
      ['log_probabilities', logProbabilities],
      ...this.#named('present'),
    ]);
    try {
      await this.#session.run(inputs, outputs);
    } catch (error) {
      if (this.#session.interrupted) throw new RunInterrupted();
      if (!(error instanceof NativeError)) throw error;
      // The error contains names of nodes and shapes, never text of the prompt.
      const why = error.message.split('\n', 1)[0];
      throw new EngineError(`ONNX Runtime cannot compute the model (${why}); import or pull it again`, {
        topic: 'model not computable',
      });
    } finally {
      for (const tensor of [inputIds, pastLength, wanted, ids, logProbabilities]) this.#runtime.release(tensor);
    }
    this.#length = total;
    return { ids: Array.from(ids.data, Number), logProbabilities: Array.from(logProbabilities.data) };
  }

  #named(side: 'past' | 'present'): [string, NativeTensor][] {
    return this.#cache.map((tensor, index) => [`${side}.${index >> 1}.${index % 2 === 0 ? 'key' : 'value'}`, tensor]);
  }

  /** Gives the cache another capacity; what it holds stays. */
  #resize(capacity: number): void {
    const { layers, kvHeads, headSize } = this.#description;
    const old = this.#cache;
    this.#cache = Array.from({ length: 2 * layers }, () =>
      this.#runtime.tensor('float32', [1, kvHeads, capacity, headSize]),
    );
    this.#capacity = capacity;
    copyRows(old, this.#cache, this.#description, this.#length);
    for (const tensor of old) this.#runtime.release(tensor);
  }
}

/** Copies the first `count` positions of each head. */
function copyRows(
  from: readonly CacheTensor[],
  to: readonly CacheTensor[],
  { kvHeads, headSize }: Cached,
  count: number,
): void {
  for (const [index, { data: source }] of from.entries()) {
    const target = to[index]?.data;
    if (!target) continue;
    for (let head = 0; head < kvHeads; head++) {
      const start = (head * source.length) / kvHeads;
      target.set(source.subarray(start, start + count * headSize), (head * target.length) / kvHeads);
    }
  }
}
