import { closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import path from 'node:path';

export interface TinyOptions {
  /** Makes the vocabulary, and so the embedding, larger: its rows are holes in the file that read as zeros. */
  readonly vocabulary?: number;
  readonly tokens?: readonly string[];
  readonly chatTemplate?: string;
  /** Bytes that tokenizer.json is to be longer than it need be. */
  readonly padding?: number;
}

const hidden = 32;
const intermediate = 64;

/** A byte-level tokenizer without merges, as tokenizer.json has it. */
export function tinyTokenizer(added: readonly string[] = [], padding = 0): object {
  // The byte alphabet of GPT-2: printable bytes as they are, the others from U+0100 on.
  const vocab: Record<string, number> = {};
  let next = 0x100;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
    vocab[String.fromCodePoint(printable ? byte : next++)] = byte;
  }
  const special = ['<|endoftext|>', ...added].map((content, index) => ({
    id: 256 + index,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  return {
    version: '1.0',
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: { type: 'BPE', vocab, merges: [] },
    ...(padding === 0 ? {} : { padding: 'x'.repeat(padding) }),
  };
}

/** Writes a Hugging Face folder: a Qwen2 of one layer with small, regular weights. Returns the folder. */
export function writeTinyFolder(folder: string, options: TinyOptions = {}): string {
  const { vocabulary = 288, tokens = [], chatTemplate, padding } = options;
  mkdirSync(folder, { recursive: true });
  const json = (name: string, value: object) => writeFileSync(path.join(folder, name), JSON.stringify(value));
  json('config.json', {
    architectures: ['Qwen2ForCausalLM'],
    hidden_size: hidden,
    intermediate_size: intermediate,
    num_hidden_layers: 1,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    vocab_size: vocabulary,
    max_position_embeddings: 64,
    rms_norm_eps: 1e-6,
    rope_theta: 10_000,
    tie_word_embeddings: true,
    eos_token_id: 256,
  });
  json('tokenizer.json', tinyTokenizer(tokens, padding));
  json('tokenizer_config.json', {
    eos_token: '<|endoftext|>',
    ...(chatTemplate === undefined ? {} : { chat_template: chatTemplate }),
  });
  writeSafetensors(path.join(folder, 'model.safetensors'), vocabulary);
  return folder;
}

function writeSafetensors(file: string, vocabulary: number): void {
  const layer = 'model.layers.0.';
  const shapes: Record<string, number[]> = {
    [`${layer}input_layernorm.weight`]: [hidden],
    [`${layer}self_attn.q_proj.weight`]: [hidden, hidden],
    [`${layer}self_attn.q_proj.bias`]: [hidden],
    [`${layer}self_attn.k_proj.weight`]: [hidden / 2, hidden],
    [`${layer}self_attn.k_proj.bias`]: [hidden / 2],
    [`${layer}self_attn.v_proj.weight`]: [hidden / 2, hidden],
    [`${layer}self_attn.v_proj.bias`]: [hidden / 2],
    [`${layer}self_attn.o_proj.weight`]: [hidden, hidden],
    [`${layer}post_attention_layernorm.weight`]: [hidden],
    [`${layer}mlp.gate_proj.weight`]: [intermediate, hidden],
    [`${layer}mlp.up_proj.weight`]: [intermediate, hidden],
    [`${layer}mlp.down_proj.weight`]: [hidden, intermediate],
    'model.norm.weight': [hidden],
    'model.embed_tokens.weight': [vocabulary, hidden],
  };
  const header: Record<string, object> = {};
  let offset = 0;
  let filled = 0;
  for (const [name, shape] of Object.entries(shapes)) {
    const bytes = 4 * shape.reduce((size, n) => size * n, 1);
    header[name] = { dtype: 'F32', shape, data_offsets: [offset, offset + bytes] };
    if (!name.includes('embed')) filled = offset + bytes;
    offset += bytes;
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const numbers = Float32Array.from({ length: filled / 4 + 256 * hidden }, (_, index) => Math.sin(index) / 8);
  const handle = openSync(file, 'w');
  writeSync(handle, Buffer.concat([length, head, Buffer.from(numbers.buffer)]));
  ftruncateSync(handle, 8 + head.length + offset);
  closeSync(handle);
}
