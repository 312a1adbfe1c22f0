import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type GGUFTypedMetadata, GGUFValueType, serializeGgufMetadata } from '@huggingface/gguf';

export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: string;
  readonly bytes: Uint8Array;
}

/** A safetensors file as the format wants it: tensors one after another. `change` may make its header lie. */
export function safetensorsBytes(
  tensors: readonly TensorToWrite[],
  change: (header: string) => string = (header) => header,
): Uint8Array {
  let offset = 0;
  const entries = tensors.map(({ name, shape, type, bytes }) => {
    const entry = { dtype: type, shape, data_offsets: [offset, offset + bytes.length] };
    offset += bytes.length;
    return [name, entry];
  });
  const header = Buffer.from(
    change(JSON.stringify({ __metadata__: { format: 'pt' }, ...Object.fromEntries(entries) })),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, ...tensors.map(({ bytes }) => bytes)]);
}

/** Little-endian float32 bytes of 0, 1, 2… times `scale`. */
export function ramp(count: number, scale = 1): Uint8Array {
  return new Uint8Array(Float32Array.from({ length: count }, (_, i) => i * scale).buffer);
}

export const llamaConfig = {
  architectures: ['LlamaForCausalLM'],
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: 6,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
  eos_token_id: 5,
};

export const smallTokenizer = {
  version: '1.0',
  added_tokens: [{ id: 5, content: '<|im_end|>', special: true }],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel' },
  model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2, Ġ: 3, '!': 4 }, merges: ['a b'] },
};

export const embedding: TensorToWrite = {
  name: 'model.embed_tokens.weight',
  shape: [6, 8],
  type: 'F32',
  bytes: ramp(48),
};

/** A Hugging Face folder with the files given over the usual ones; a name with undefined is left out. */
export async function writeFolder(folder: string, files: Record<string, unknown> = {}): Promise<string> {
  await mkdir(folder, { recursive: true });
  const all: Record<string, unknown> = {
    'config.json': llamaConfig,
    'tokenizer.json': smallTokenizer,
    'tokenizer_config.json': { eos_token: '<|im_end|>' },
    'model.safetensors': safetensorsBytes([embedding]),
    ...files,
  };
  for (const [name, content] of Object.entries(all)) {
    if (content === undefined) continue;
    const raw = typeof content === 'string' || content instanceof Uint8Array ? content : JSON.stringify(content);
    await writeFile(join(folder, name), raw);
  }
  return folder;
}

type Scalar = string | number | boolean;
export type MetadataToWrite = Record<string, Scalar | readonly string[] | readonly number[]>;

const ggmlTypes: Record<string, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 8, Q2_K: 10, Q4_K: 12 };

/** A GGUF file of version 3. The metadata is written by `@huggingface/gguf`, so that our reader is held against another's writer. */
export function ggufBytes(metadata: MetadataToWrite, tensors: readonly TensorToWrite[]): Uint8Array {
  const typed: GGUFTypedMetadata = {
    version: { value: 3, type: GGUFValueType.UINT32 },
    tensor_count: { value: BigInt(tensors.length), type: GGUFValueType.UINT64 },
    kv_count: { value: BigInt(Object.keys(metadata).length), type: GGUFValueType.UINT64 },
  };
  for (const [key, value] of Object.entries(metadata)) typed[key] = typedValue(value);
  const head = serializeGgufMetadata(typed, { alignment: 1 });
  const infos: Uint8Array[] = [];
  const data: Uint8Array[] = [];
  let offset = 0;
  for (const { name, shape, type, bytes } of tensors) {
    const info = Buffer.alloc(8 + name.length + 4 + 8 * shape.length + 12);
    info.writeBigUInt64LE(BigInt(name.length));
    info.write(name, 8);
    let at = 8 + name.length;
    at = info.writeUInt32LE(shape.length, at);
    for (const size of shape.toReversed()) at = info.writeBigUInt64LE(BigInt(size), at);
    at = info.writeUInt32LE(ggmlTypes[type] ?? Number(type), at);
    info.writeBigUInt64LE(BigInt(offset), at);
    const padding = -bytes.length & 31;
    infos.push(info);
    data.push(bytes, new Uint8Array(padding));
    offset += bytes.length + padding;
  }
  const header = Buffer.concat([head, ...infos]);
  return Buffer.concat([header, new Uint8Array(-header.length & 31), ...data]);
}

function typedValue(value: MetadataToWrite[string]): GGUFTypedMetadata[string] {
  if (typeof value === 'string') return { value, type: GGUFValueType.STRING };
  if (typeof value === 'boolean') return { value, type: GGUFValueType.BOOL };
  if (typeof value === 'number') {
    return { value, type: Number.isInteger(value) ? GGUFValueType.UINT32 : GGUFValueType.FLOAT32 };
  }
  const subType = typeof value[0] === 'number' ? GGUFValueType.INT32 : GGUFValueType.STRING;
  return { value: [...value], type: GGUFValueType.ARRAY, subType };
}

export const ggufMetadata: MetadataToWrite = {
  'general.architecture': 'llama',
  'general.name': 'Small Llama',
  'llama.block_count': 1,
  'llama.context_length': 64,
  'llama.embedding_length': 8,
  'llama.feed_forward_length': 16,
  'llama.attention.head_count': 2,
  'llama.attention.head_count_kv': 1,
  'llama.attention.layer_norm_rms_epsilon': 1e-5,
  'llama.rope.dimension_count': 4,
  'tokenizer.ggml.model': 'gpt2',
  'tokenizer.ggml.pre': 'smollm',
  'tokenizer.ggml.tokens': ['a', 'b', 'ab', 'Ġ', '!', '<|im_end|>'],
  'tokenizer.ggml.token_type': [1, 1, 1, 1, 1, 3],
  'tokenizer.ggml.merges': ['a b'],
  'tokenizer.ggml.eos_token_id': 5,
};

export const ggufTensors: readonly TensorToWrite[] = [
  { name: 'token_embd.weight', shape: [6, 8], type: 'F32', bytes: ramp(48) },
  { name: 'blk.0.attn_q.weight', shape: [8, 8], type: 'F32', bytes: ramp(64) },
];
