import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DecoderDescription } from '../models/manifest.ts';
import { cacheType, checkCacheShape, checkNames, runSession } from './binding.ts';
import type { Decoder, DecoderResult, DecoderRun } from './decoder.ts';
import { KvCache } from './kvCache.ts';
import { int64Tensor, type Runtime } from './runtime.ts';

/**
 * Runs the graph that `models/graph` builds: the decoder in an ONNX `Loop`, several tokens per run, ids as output.
 * Inputs: `input_ids` int64 [1, S]; `past_length`, `decode`, `verify` int64 []; `stop_ids` int64 [K];
 * `past.N.key/value` [1, kvHeads, capacity, headSize]. Outputs: `ids` int64 [n], `log_probabilities` float32 [n],
 * `present.N.key/value`.
 */
export class LoopDecoder implements Decoder {
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #cache: KvCache;
  readonly #layers: number;
  #cachedTokens = 0;

  /** Throws an EngineError for a graph that is not the one described. */
  constructor(runtime: Runtime, session: InferenceSession, description: DecoderDescription) {
    const indices = Array.from({ length: 2 * description.layers }, (_, index) => index);
    const past = indices.map((index) => cacheName('past', index));
    const present = indices.map((index) => cacheName('present', index));
    checkNames(session, [...inputs, ...past], [...outputs, ...present]);
    checkCacheShape(session, description, past);
    this.#runtime = runtime;
    this.#session = session;
    this.#layers = description.layers;
    this.#cache = new KvCache(runtime, description, cacheType(session, 'past.0.key'));
  }

  get cachedTokens(): number {
    return this.#cachedTokens;
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
    for (const [index, tensor] of this.#cache.tensors.entries()) feeds[cacheName('past', index)] = tensor;
    const results = await runSession(this.#session, feeds);
    this.#cache.replace(
      Array.from({ length: 2 * this.#layers }, (_, index) => output(results, cacheName('present', index))),
    );
    const ids = Array.from(output(results, 'ids').data as BigInt64Array, Number);
    const logProbabilities = Array.from(output(results, 'log_probabilities').data as Float32Array);
    const decoded = decode === 0 ? 0 : ids.length - verify;
    this.#cachedTokens = past + tokens.length + decoded;
    return decode === 0 ? { ids: [], logProbabilities: [] } : { ids, logProbabilities };
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

const inputs = ['input_ids', 'past_length', 'decode', 'verify', 'stop_ids'];
const outputs = ['ids', 'log_probabilities'];

/** Key and value of each layer alternate. */
function cacheName(side: 'past' | 'present', index: number): string {
  return `${side}.${index >> 1}.${index % 2 === 0 ? 'key' : 'value'}`;
}

function output(outputs: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const tensor = outputs[name];
  if (!tensor) throw new Error(`the model gave no output ${name}`);
  return tensor as Tensor;
}
