import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError } from '../../shared/errors.ts';
import type { DecoderDescription } from '../models/manifest.ts';
import { cacheTensorNames, cacheType, checkCacheShape, runSession } from './binding.ts';
import { CachedSequence, decodeInSteps } from './cachedSequence.ts';
import type { Decoder, DecoderResult, DecoderSequence } from './decoder.ts';
import { KvCache } from './kvCache.ts';
import { pickGreedy } from './logits.ts';
import { int64Tensor, type Runtime } from './runtime.ts';

/**
 * Runs a decoder in the layout of transformers.js and onnxruntime-genai, one run per token. Inputs: `input_ids`
 * int64 [1, S]; `attention_mask` int64 [1, past + S]; optional `position_ids` int64 [1, S] and `num_logits_to_keep`
 * int64 []; `past_key_values.N.key/value` [1, kvHeads, past, headSize]. Outputs: `logits` [1, S or fewer, vocabulary];
 * `present.N.key/value`.
 */
export class StepDecoder implements Decoder {
  readonly #runtime: Runtime;
  readonly #session: InferenceSession;
  readonly #description: DecoderDescription;
  readonly #past: readonly string[];
  readonly #present: readonly string[];

  /** Throws an EngineError for a graph with other inputs or outputs. */
  constructor(runtime: Runtime, session: InferenceSession, description: DecoderDescription) {
    checkBinding(session, description.layers);
    this.#past = pastNames(description.layers);
    this.#present = presentNames(description.layers);
    checkCacheShape(session, description, this.#past);
    this.#runtime = runtime;
    this.#session = session;
    this.#description = description;
  }

  begin(): DecoderSequence {
    const cache = new KvCache(this.#runtime, this.#description, cacheType(this.#session, this.#past[0] ?? ''));
    return new CachedSequence(cache, (cache, run) =>
      decodeInSteps(run, (tokens, past, verify) => this.#step(cache, tokens, past, verify)),
    );
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }

  async #step(cache: KvCache, tokens: readonly number[], past: number, wanted: number): Promise<DecoderResult> {
    cache.resize(past, past);
    const total = past + tokens.length;
    const feeds: Record<string, Tensor> = {
      input_ids: int64Tensor(this.#runtime, tokens, [1, tokens.length]),
      attention_mask: int64Tensor(this.#runtime, new Array<number>(total).fill(1), [1, total]),
    };
    if (this.#session.inputNames.includes('position_ids')) {
      feeds.position_ids = int64Tensor(
        this.#runtime,
        tokens.map((_, index) => past + index),
        [1, tokens.length],
      );
    }
    if (this.#session.inputNames.includes('num_logits_to_keep'))
      feeds.num_logits_to_keep = int64Tensor(this.#runtime, [wanted], []);
    for (const [index, tensor] of cache.tensors.entries()) feeds[this.#past[index] ?? ''] = tensor;
    const outputs = await runSession(this.#session, feeds);
    cache.replace(this.#present.map((name) => outputs[name] as Tensor));
    return pickGreedy(outputs.logits as Tensor, wanted, this.#description.vocabularySize);
  }
}

const pastNames = (layers: number) => cacheTensorNames('past_key_values', layers);
const presentNames = (layers: number) => cacheTensorNames('present', layers);

const known = new Set(['input_ids', 'attention_mask', 'position_ids', 'num_logits_to_keep']);

/** Throws an EngineError for a graph whose inputs or outputs are not those of the layout. */
export function checkBinding(
  { inputNames, outputNames }: Pick<InferenceSession, 'inputNames' | 'outputNames'>,
  layers: number,
): void {
  if (inputNames.includes('use_cache_branch')) {
    throw new EngineError(
      'the model is a merged decoder (it has an input `use_cache_branch`): import the export without it, named decoder_with_past or simply model',
    );
  }
  const caches = new Set(pastNames(layers));
  const odd = inputNames.find((name) => !known.has(name) && !caches.has(name));
  if (odd !== undefined) throw new EngineError(`the model has an input \`${odd}\`, which is not known how to fill`);
  const wanted = ['input_ids', 'attention_mask', ...caches].find((name) => !inputNames.includes(name));
  if (wanted !== undefined)
    throw new EngineError(`the model has no input \`${wanted}\`: it is no decoder with a cache`);
  const missing = ['logits', ...presentNames(layers)].find((name) => !outputNames.includes(name));
  if (missing !== undefined)
    throw new EngineError(`the model has no output \`${missing}\`: it is no decoder with a cache`);
}
