import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DecoderDescription } from '../models/manifest.ts';
import { cacheType, checkCacheShape, checkNames, runSession } from './binding.ts';
import type { Decoder, DecoderResult, DecoderRun, DecoderSequence } from './decoder.ts';
import { KvCache } from './kvCache.ts';
import { int64Tensor, type Runtime } from './runtime.ts';

/**
 * Runs the graph of `models/graph/loopGraph.ts`: the decoder in an ONNX `Loop`, several tokens per run, ids as output.
 * Inputs: `input_ids` int64 [1, S]; `past_length`, `decode`, `verify` int64 []; `stop_ids` int64 [K];
 * `past.N.key/value` [1, kvHeads, capacity, headSize]. Outputs: `ids` int64 [n], `log_probabilities` float32 [n],
 * `present.N.key/value`.
 */
export class LoopDecoder implements Decoder {
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #description: DecoderDescription;

  /** Throws an EngineError for a graph that is not the one described. */
  constructor(runtime: Runtime, session: InferenceSession, description: DecoderDescription) {
    const past = cacheNames('past', description);
    checkNames(session, [...inputs, ...past], [...outputs, ...cacheNames('present', description)]);
    checkCacheShape(session, description, past);
    this.#runtime = runtime;
    this.#session = session;
    this.#description = description;
  }

  begin(): DecoderSequence {
    const cache = new KvCache(this.#runtime, this.#description, cacheType(this.#session, 'past.0.key'));
    return new LoopSequence(this.#runtime, this.#session, this.#description, cache);
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

class LoopSequence implements DecoderSequence {
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #description: DecoderDescription;
  readonly #cache: KvCache;
  #length = 0;

  constructor(runtime: Runtime, session: InferenceSession, description: DecoderDescription, cache: KvCache) {
    this.#runtime = runtime;
    this.#session = session;
    this.#description = description;
    this.#cache = cache;
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): number {
    return this.#cache.bytes;
  }

  fork(count: number): DecoderSequence {
    const other = new LoopSequence(this.#runtime, this.#session, this.#description, this.#cache.copy(count));
    other.#length = count;
    return other;
  }

  release(): void {
    this.#cache.release();
    this.#length = 0;
  }

  async run({ tokens, past, decode, verify = 1, stop }: DecoderRun): Promise<DecoderResult> {
    const iterations = Math.max(decode, 1);
    this.#cache.reserve(past + tokens.length + iterations - 1, past);
    // The graph wants at least one; no id is negative.
    const stops = stop.length > 0 ? stop : [-1];
    const feeds: Record<string, Tensor> = {
      input_ids: int64Tensor(this.#runtime, tokens, [1, tokens.length]),
      past_length: int64Tensor(this.#runtime, [past], []),
      decode: int64Tensor(this.#runtime, [decode], []),
      verify: int64Tensor(this.#runtime, [verify], []),
      stop_ids: int64Tensor(this.#runtime, stops, [stops.length]),
    };
    const names = cacheNames('past', this.#description);
    for (const [index, tensor] of this.#cache.tensors.entries()) feeds[names[index] ?? ''] = tensor;
    const results = await runSession(this.#session, feeds);
    this.#cache.replace(cacheNames('present', this.#description).map((name) => output(results, name)));
    const ids = Array.from(output(results, 'ids').data as BigInt64Array, Number);
    const logProbabilities = Array.from(output(results, 'log_probabilities').data as Float32Array);
    const decoded = decode === 0 ? 0 : ids.length - verify;
    this.#length = past + tokens.length + decoded;
    return decode === 0 ? { ids: [], logProbabilities: [] } : { ids, logProbabilities };
  }
}

const inputs = ['input_ids', 'past_length', 'decode', 'verify', 'stop_ids'];
const outputs = ['ids', 'log_probabilities'];

/** Key and value of each layer alternate. */
function cacheNames(side: 'past' | 'present', { layers }: Pick<DecoderDescription, 'layers'>): string[] {
  return Array.from({ length: layers }, (_, layer) => [`${side}.${layer}.key`, `${side}.${layer}.value`]).flat();
}

function output(outputs: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const tensor = outputs[name];
  if (!tensor) throw new Error(`the model gave no output ${name}`);
  return tensor as Tensor;
}
