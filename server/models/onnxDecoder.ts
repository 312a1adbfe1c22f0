import type { ModelManifest, Precision } from './manifest.ts';
import type { OnnxConfig } from './onnxConfig.ts';
import type { OnnxHeader, OnnxValue } from './onnxHeader.ts';
import { beginningOfSequenceId, highestTokenId, tokenIdOf } from './tokenizer/tokenizerFacts.ts';
import type { TokenizerFiles } from './tokenizer/tokenizerFiles.ts';
import { ModelFileError } from './weightSource.ts';

/** The part of the manifest about an exported decoder. */
export type DecoderBinding = Pick<
  ModelManifest,
  'architecture' | 'parameters' | 'precision' | 'contextLength' | 'decoder'
>;

/** `TensorProto.DataType`. */
const types = { float: 1, int64: 7, float16: 10 };
const tokenInputs = ['input_ids', 'attention_mask', 'position_ids', 'num_logits_to_keep'];
const cacheName = /^past_key_values\.(\d+)\.(key|value)$/;
const maxLayers = 1024;

/**
 * Binds a decoder by its inputs and outputs: `input_ids`, `attention_mask`, maybe `position_ids` (int64 `[batch,
 * tokens]`) and `num_logits_to_keep` (int64 `[]`), `past_key_values.N.key/value` (`[batch, kvHeads, past, headSize]`)
 * in, `logits` and `present.N.key/value` out. Whatever else it wants, or what does not agree with itself, is a
 * ModelFileError.
 */
export function bindDecoder(
  file: string,
  header: OnnxHeader,
  config: OnnxConfig,
  tokenizer: TokenizerFiles,
): DecoderBinding {
  const refuse = (why: string): never => {
    throw new ModelFileError(
      `${file} cannot be used: ${why}; take an export of a text decoder with a key-value cache, as transformers.js or onnxruntime-genai make them`,
    );
  };
  const inputs = byName(header.inputs);
  const outputs = byName(header.outputs);
  for (const { name } of header.inputs) {
    if (name === 'use_cache_branch') refuse('it is an old merged export, with `use_cache_branch` among its inputs');
    if (!tokenInputs.includes(name) && !cacheName.test(name))
      refuse(`it has the input \`${name}\`, which is not known`);
  }
  for (const name of ['input_ids', 'attention_mask']) if (!inputs.has(name)) refuse(`it has no input \`${name}\``);
  for (const name of tokenInputs) {
    const type = inputs.get(name)?.elementType;
    if (type !== undefined && type !== types.int64) refuse(`its input \`${name}\` is not of int64`);
  }
  const logits = outputs.get('logits') ?? refuse('it has no output `logits`');
  const cache = bindCache(header, outputs, config, refuse);
  const vocabularySize = logits.shape.at(-1);
  if (typeof vocabularySize !== 'number') return refuse('its `logits` have no fixed size of vocabulary');
  const highest = highestTokenId(tokenizer);
  if (!isSize(vocabularySize) || highest >= vocabularySize) {
    refuse(`its \`logits\` are of ${vocabularySize} tokens, and its tokenizer goes up to token ${highest}`);
  }
  const { contextLength } = config;
  if (contextLength === undefined) {
    return refuse(
      'neither genai_config.json nor config.json (`max_position_embeddings`) tells how long its context is',
    );
  }
  const endOfSequence = endsOf(config, tokenizer);
  if (endOfSequence.length === 0) {
    refuse('neither generation_config.json, config.json nor the tokenizer tells which token ends an answer');
  }
  const beginningOfSequence = beginningOfSequenceId(tokenizer);
  const { half, ...sizes } = cache;
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  return {
    architecture: config.architecture,
    parameters: config.parameters,
    precision: precisionOf(header, half),
    contextLength,
    decoder: {
      layout: 'step',
      // A decoder with a float16 cache was exported for a GPU; the CPU runs it too, with conversions.
      files: { cpu: name, ...(half ? { cuda: name } : {}) },
      ...sizes,
      vocabularySize,
      endOfSequence,
      ...(beginningOfSequence === undefined ? {} : { beginningOfSequence }),
    },
  };
}

interface CacheBinding {
  readonly layers: number;
  readonly kvHeads: number;
  readonly headSize: number;
  /** Whether it uses float16. */
  readonly half: boolean;
}

function bindCache(
  header: OnnxHeader,
  outputs: ReadonlyMap<string, OnnxValue>,
  config: OnnxConfig,
  refuse: (why: string) => never,
): CacheBinding {
  const past = byName(header.inputs.filter(({ name }) => cacheName.test(name)));
  const layers = Math.ceil(past.size / 2);
  if (layers === 0) refuse('it has no key-value cache (`past_key_values`)');
  if (layers > maxLayers) refuse(`it has ${past.size} inputs for a key-value cache`);
  if (config.layers !== undefined && config.layers !== layers) {
    refuse(`it has a cache of ${layers} layers, and its configuration tells of ${config.layers}`);
  }
  const first = past.get('past_key_values.0.key') ?? refuse('it has no input `past_key_values.0.key`');
  for (let layer = 0; layer < layers; layer++) {
    for (const part of ['key', 'value']) {
      const input = past.get(`past_key_values.${layer}.${part}`);
      if (!input) return refuse(`it has no input \`past_key_values.${layer}.${part}\``);
      if (!outputs.has(`present.${layer}.${part}`)) refuse(`it has no output \`present.${layer}.${part}\``);
      const agrees = input.elementType === first.elementType && input.shape.length === 4;
      if (!agrees || input.shape[1] !== first.shape[1] || input.shape[3] !== first.shape[3]) {
        refuse(`its input \`${input.name}\` has another type or shape than the others`);
      }
    }
  }
  if (first.elementType !== types.float && first.elementType !== types.float16) {
    refuse('its key-value cache is of neither float nor float16');
  }
  const [, heads, , size] = first.shape;
  const kvHeads = typeof heads === 'number' ? heads : config.kvHeads;
  const headSize = typeof size === 'number' ? size : config.headSize;
  if (kvHeads === undefined || headSize === undefined) {
    return refuse('neither it nor config.json tells how many key-value heads it has, and of what size');
  }
  if (!isSize(kvHeads) || !isSize(headSize)) {
    refuse(`its key-value cache is declared with ${kvHeads} heads of ${headSize}, which cannot be`);
  }
  return { layers, kvHeads, headSize, half: first.elementType === types.float16 };
}

/** A plausible dimension: int64 allows others. */
function isSize(size: number): boolean {
  return Number.isInteger(size) && size > 0 && size < 2 ** 31;
}

function precisionOf({ operators }: OnnxHeader, half: boolean): Precision {
  if (operators.has('MatMulNBits') || operators.has('MatMulBnb4')) return 'int4';
  const integers = ['MatMulInteger', 'DynamicQuantizeMatMul', 'MatMulIntegerToFloat', 'QLinearMatMul'];
  if (integers.some((operator) => operators.has(operator))) return 'int8';
  return half ? 'fp16' : 'fp32';
}

function endsOf({ endOfSequence }: OnnxConfig, tokenizer: TokenizerFiles): number[] {
  const own = tokenIdOf(tokenizer, 'eos_token');
  return [...new Set([...(own === undefined ? [] : [own]), ...endOfSequence])];
}

function byName(values: readonly OnnxValue[]): ReadonlyMap<string, OnnxValue> {
  return new Map(values.map((value) => [value.name, value]));
}
