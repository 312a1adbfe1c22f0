import type { InferenceSession, Tensor } from 'onnxruntime-node';
import type { DecoderDescription } from '../models/manifest.ts';
import { cacheTensorNames, cacheType, checkCacheShape, checkNames, runSession } from './binding.ts';
import { CachedSequence } from './cachedSequence.ts';
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
  readonly #past: readonly string[];
  readonly #present: readonly string[];

  /** Throws an EngineError for a graph that is not the one described. */
  constructor(runtime: Runtime, session: InferenceSession, description: DecoderDescription) {
    this.#past = cacheTensorNames('past', description.layers);
    this.#present = cacheTensorNames('present', description.layers);
    checkNames(session, [...inputs, ...this.#past], [...outputs, ...this.#present]);
    checkCacheShape(session, description, this.#past);
    this.#runtime = runtime;
    this.#session = session;
    this.#description = description;
  }

  begin(): DecoderSequence {
    const cache = new KvCache(this.#runtime, this.#description, cacheType(this.#session, 'past.0.key'));
    return new CachedSequence(cache, (cache, run) => this.#run(cache, run));
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  async #run(cache: KvCache, { tokens, past, decode, verify, stop }: Required<DecoderRun>): Promise<DecoderResult> {
    const iterations = Math.max(decode, 1);
    cache.reserve(past + tokens.length + iterations - 1, past);
    // The graph wants at least one; no id is negative.
    const stops = stop.length > 0 ? stop : [-1];
    const feeds: Record<string, Tensor> = {
      input_ids: int64Tensor(this.#runtime, tokens, [1, tokens.length]),
      past_length: int64Tensor(this.#runtime, [past], []),
      decode: int64Tensor(this.#runtime, [decode], []),
      verify: int64Tensor(this.#runtime, [verify], []),
      stop_ids: int64Tensor(this.#runtime, stops, [stops.length]),
    };
    for (const [index, tensor] of cache.tensors.entries()) feeds[this.#past[index] ?? ''] = tensor;
    const results = await runSession(this.#session, feeds);
    cache.replace(this.#present.map((name) => output(results, name)));
    return {
      ids: Array.from(output(results, 'ids').data as BigInt64Array, Number),
      logProbabilities: Array.from(output(results, 'log_probabilities').data as Float32Array),
    };
  }
}

const inputs = ['input_ids', 'past_length', 'decode', 'verify', 'stop_ids'];
const outputs = ['ids', 'log_probabilities'];

function output(outputs: InferenceSession.OnnxValueMapType, name: string): Tensor {
  const tensor = outputs[name];
  if (!tensor) throw new Error(`the model gave no output ${name}`);
  return tensor as Tensor;
}
