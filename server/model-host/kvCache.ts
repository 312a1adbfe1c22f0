import { MessageChannel } from 'node:worker_threads';
import type { Tensor } from 'onnxruntime-node';
import type { DecoderDescription } from '../models/manifest.ts';
import { copyHeads, type SequenceCache } from './cachedSequence.ts';
import type { Runtime } from './runtime.ts';

/** float32, or float16 as its bits. */
type Numbers = Float32Array | Uint16Array;

/** Positions by which a cache grows: a run copies the whole capacity in and out, not only the used part. */
const bucket = 256;

/**
 * Keys and values of every layer, each `[1, kvHeads, capacity, headSize]`; the first positions are in use.
 * Forgetting the last ones costs nothing: they are overwritten.
 */
export class KvCache implements SequenceCache<KvCache> {
  readonly #runtime: Runtime;
  readonly #shape: Pick<DecoderDescription, 'layers' | 'kvHeads' | 'headSize'>;
  readonly #type: 'float32' | 'float16';
  #tensors: Tensor[];
  #capacity = 0;

  constructor(
    runtime: Runtime,
    shape: Pick<DecoderDescription, 'layers' | 'kvHeads' | 'headSize'>,
    type: 'float32' | 'float16',
  ) {
    this.#runtime = runtime;
    this.#shape = shape;
    this.#type = type;
    this.#tensors = Array.from({ length: 2 * shape.layers }, () => this.#tensor(this.#numbers(0), 0));
  }

  bytes(): number {
    return this.#tensors.reduce((sum, tensor) => sum + numbersOf(tensor).byteLength, 0);
  }

  /** Another cache of the same capacity, with the first `used` positions of this one. */
  copy(used: number): KvCache {
    const other = new KvCache(this.#runtime, this.#shape, this.#type);
    other.#tensors = this.#tensors.map((tensor) => this.#copied(numbersOf(tensor), this.#capacity, used));
    other.#capacity = this.#capacity;
    return other;
  }

  /** Frees the memory; the cache is empty afterwards. */
  release(): void {
    this.replace(this.#tensors.map(() => this.#tensor(this.#numbers(0), 0)));
  }

  /** Key and value of each layer, in order: the input of a run. */
  get tensors(): readonly Tensor[] {
    return this.#tensors;
  }

  /** Takes the output of a run. Its shape gives the capacity. */
  replace(tensors: readonly Tensor[]): void {
    const old = this.#tensors;
    this.#tensors = [...tensors];
    this.#capacity = tensors[0]?.dims[2] ?? 0;
    freeBuffers(old.map((tensor) => numbersOf(tensor).buffer));
  }

  /** Makes room for `total` positions, in whole buckets, keeping the first `used`. */
  reserve(total: number, used: number): void {
    if (total > this.#capacity) this.resize(Math.ceil(total / bucket) * bucket, used);
  }

  /** Gives the cache exactly `capacity` positions, keeping the first `used`. */
  resize(capacity: number, used: number): void {
    if (capacity === this.#capacity) return;
    this.#tensors = this.#tensors.map((tensor) => {
      const old = numbersOf(tensor);
      const copied = this.#copied(old, capacity, used);
      freeBuffers([old.buffer]);
      return copied;
    });
    this.#capacity = capacity;
  }

  /** A tensor of another capacity with the first `used` positions. */
  #copied(old: Numbers, capacity: number, used: number): Tensor {
    const { kvHeads, headSize } = this.#shape;
    const numbers = this.#numbers(kvHeads * capacity * headSize);
    copyHeads(old, numbers, kvHeads, used * headSize);
    return this.#tensor(numbers, capacity);
  }

  #numbers(length: number): Numbers {
    return this.#type === 'float32' ? new Float32Array(length) : new Uint16Array(length);
  }

  #tensor(numbers: Numbers, capacity: number): Tensor {
    const { kvHeads, headSize } = this.#shape;
    return new this.#runtime.Tensor(this.#type, numbers, [1, kvHeads, capacity, headSize]);
  }
}

function numbersOf({ data }: Tensor): Numbers {
  if (data instanceof Float32Array || data instanceof Uint16Array) return data;
  // Newer Node has a Float16Array, which ONNX Runtime then uses.
  if (ArrayBuffer.isView(data)) return new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  throw new TypeError('a KV cache holds float32 or float16');
}

/** A closed port: what is transferred to it is freed. */
const { port1: nowhere, port2: otherEnd } = new MessageChannel();
otherEnd.close();

/**
 * Frees the memory of buffers at once; afterwards they are empty. A KV cache is replaced with every run, and the
 * garbage collector, which sees only small objects, would let many of them accumulate.
 */
function freeBuffers(buffers: Iterable<ArrayBufferLike>): void {
  for (const buffer of buffers) if (buffer instanceof ArrayBuffer) nowhere.postMessage(undefined, [buffer]);
}
