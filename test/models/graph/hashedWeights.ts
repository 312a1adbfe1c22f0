import { crc32 } from 'node:zlib';
import type { ModelConfig, RopeScaling, TensorInfo, WeightSource } from '../../../server/models/weightSource.ts';

/** The numbers of a tensor, the same that scripts/verify/graph_vectors.py makes of its name. */
function testWeight(name: string, count: number): Float32Array {
  const seed = crc32(name);
  return Float32Array.from({ length: count }, (_, index) => {
    const unit = mix((index + seed) >>> 0) / 2 ** 32;
    return name.includes('norm') ? 0.5 + unit : (unit - 0.5) * 0.5;
  });
}

/** MurmurHash3's 32-bit finaliser. */
function mix(value: number): number {
  let bits = value ^ (value >>> 16);
  bits = Math.imul(bits, 0x85ebca6b);
  bits ^= bits >>> 13;
  bits = Math.imul(bits, 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** One entry of vectors.json: a small decoder, and what transformers answers for it. */
export interface DecoderVector {
  readonly architecture: string;
  readonly config: {
    readonly hidden_size: number;
    readonly intermediate_size: number;
    readonly num_hidden_layers: number;
    readonly num_attention_heads: number;
    readonly num_key_value_heads: number;
    readonly vocab_size: number;
    readonly max_position_embeddings: number;
    readonly rms_norm_eps: number;
    readonly tie_word_embeddings: boolean;
    readonly rope_parameters: Readonly<Record<string, number | string>>;
  };
  readonly headSize: number;
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  readonly prompt: readonly number[];
  /** Of the positions that name them. */
  readonly logits: Readonly<Record<string, readonly number[]>>;
  /** The 24 ids that greedy decoding goes on with. */
  readonly greedy: readonly number[];
}

/** Weights that exist in memory only, made of their names. */
export function hashedWeights(vector: DecoderVector): WeightSource {
  const tensors = new Map<string, TensorInfo>();
  for (const [name, shape] of Object.entries(vector.tensors)) tensors.set(name, { name, shape, type: 'F32' });
  return {
    config: modelConfig(vector),
    tensors,
    tokenizer: { tokenizer: {}, config: {} },
    displayName: 'hashed weights',
    async readRows({ name, shape }, first, last) {
      const [rows = 0, columns] = shape;
      const values = testWeight(name, rows * (columns ?? 1));
      return columns === undefined ? values : values.slice(first * columns, last * columns);
    },
    async readRawRows({ name }) {
      throw new Error(`${name} is not stored in blocks`);
    },
    async close() {},
  };
}

function modelConfig({ architecture, config, headSize }: DecoderVector): ModelConfig {
  const scaling = ropeScaling(config);
  return {
    architecture,
    hiddenSize: config.hidden_size,
    intermediateSize: config.intermediate_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads,
    headSize,
    vocabularySize: config.vocab_size,
    contextLength: config.max_position_embeddings,
    normEpsilon: config.rms_norm_eps,
    ropeTheta: Number(config.rope_parameters.rope_theta),
    ...(scaling ? { ropeScaling: scaling } : {}),
    tiedEmbeddings: config.tie_word_embeddings,
    endOfSequence: [],
  };
}

function ropeScaling({
  rope_parameters: rope,
  max_position_embeddings,
}: DecoderVector['config']): RopeScaling | undefined {
  const factor = Number(rope.factor);
  switch (rope.rope_type) {
    case 'linear':
      return { kind: 'linear', factor };
    case 'dynamic':
      return { kind: 'dynamic', factor, originalContextLength: max_position_embeddings };
    case 'llama3':
      return {
        kind: 'llama3',
        factor,
        lowFrequencyFactor: Number(rope.low_freq_factor),
        highFrequencyFactor: Number(rope.high_freq_factor),
        originalContextLength: Number(rope.original_max_position_embeddings),
      };
    default:
      return undefined;
  }
}
