import type { InferenceSession, Tensor } from 'onnxruntime-node';
import { EngineError } from '../../shared/errors.ts';
import type { DecoderDescription } from '../models/manifest.ts';
import { cacheType, checkCacheShape, runSession } from './binding.ts';
import type { Decoder, DecoderResult, DecoderRun, DecoderSequence } from './decoder.ts';
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

  /** Throws an EngineError for a graph with other inputs or outputs. */
  constructor(runtime: Runtime, session: InferenceSession, description: DecoderDescription) {
    checkBinding(session, description.layers);
    checkCacheShape(
      session,
      description,
      Array.from({ length: 2 * description.layers }, (_, index) => pastName(index)),
    );
    this.#runtime = runtime;
    this.#session = session;
    this.#description = description;
  }

  begin(): DecoderSequence {
    const cache = new KvCache(this.#runtime, this.#description, cacheType(this.#session, pastName(0)));
    return new StepSequence(this.#runtime, this.#session, this.#description, cache);
  }

  async dispose(): Promise<void> {
    await this.#session.release();
  }
}

class StepSequence implements DecoderSequence {
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
    const other = new StepSequence(this.#runtime, this.#session, this.#description, this.#cache.copy(count));
    other.#length = count;
    return other;
  }

  release(): void {
    this.#cache.release();
    this.#length = 0;
  }

  async run({ tokens, past, decode, verify = 1, stop }: DecoderRun): Promise<DecoderResult> {
    const result = await this.#step(tokens, past, verify);
    if (decode === 0) return { ids: [], logProbabilities: [] };
    const { ids, logProbabilities } = result;
    for (let decoded = 1; decoded < decode; decoded++) {
      const last = ids.at(-1);
      if (last === undefined || stop.includes(last)) break;
      const next = await this.#step([last], this.#length, 1);
      ids.push(...next.ids);
      logProbabilities.push(...next.logProbabilities);
    }
    return { ids, logProbabilities };
  }

  async #step(tokens: readonly number[], past: number, wanted: number) {
    this.#cache.resize(past, past);
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
    for (const [index, tensor] of this.#cache.tensors.entries()) feeds[pastName(index)] = tensor;
    const outputs = await runSession(this.#session, feeds);
    this.#cache.replace(
      Array.from({ length: 2 * this.#description.layers }, (_, index) => outputs[presentName(index)] as Tensor),
    );
    this.#length = total;
    return pickGreedy(outputs.logits as Tensor, wanted, this.#description.vocabularySize);
  }
}

/** Key and value of each layer alternate. */
function pastName(index: number): string {
  return `past_key_values.${index >> 1}.${side(index)}`;
}

function presentName(index: number): string {
  return `present.${index >> 1}.${side(index)}`;
}

function side(index: number): 'key' | 'value' {
  return index % 2 === 0 ? 'key' : 'value';
}

const known = new Set(['input_ids', 'attention_mask', 'position_ids', 'num_logits_to_keep']);

/** Throws an EngineError for a graph whose inputs or outputs are not those of the layout. */
export function checkBinding(
  { inputNames, outputNames }: Pick<InferenceSession, 'inputNames' | 'outputNames'>,
  layers: number,
): void {
  const indices = Array.from({ length: 2 * layers }, (_, index) => index);
  if (inputNames.includes('use_cache_branch')) {
    throw new EngineError(
      'the model is a merged decoder (it has an input `use_cache_branch`): import the export without it, named decoder_with_past or simply model',
    );
  }
  const caches = new Set(indices.map(pastName));
  const odd = inputNames.find((name) => !known.has(name) && !caches.has(name));
  if (odd !== undefined) throw new EngineError(`the model has an input \`${odd}\`, which is not known how to fill`);
  const wanted = ['input_ids', 'attention_mask', ...caches].find((name) => !inputNames.includes(name));
  if (wanted !== undefined)
    throw new EngineError(`the model has no input \`${wanted}\`: it is no decoder with a cache`);
  const missing = ['logits', ...indices.map(presentName)].find((name) => !outputNames.includes(name));
  if (missing !== undefined)
    throw new EngineError(`the model has no output \`${missing}\`: it is no decoder with a cache`);
}
