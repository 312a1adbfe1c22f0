import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { convertModel } from '../../server/models/convert.ts';
import type { ModelManifest } from '../../server/models/manifest.ts';
import type { TokenizerFiles } from '../../server/models/tokenizer/tokenizerFiles.ts';
import type { ModelConfig, TensorInfo, WeightSource } from '../../server/models/weightSource.ts';

/** The byte-level alphabet of GPT-2's tokenizer: bytes that print stand for themselves, the others come after U+0100. */
function byteAlphabet(): string[] {
  const prints = (byte: number) => (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(prints(byte) ? byte : next++));
}

const merges = ['t h', 'th e', 'Ġ the', 'Ġ Ġ', 'ĠĠ ĠĠ', 'r e', 'i n', 'Ġ =', 'Ã ©', 'ð Ł'];
const controls = ['<|endoftext|>', '<|im_start|>', '<|im_end|>', '<|next_start|>', '<|next_end|>', '<|target|>'];
export const firstControl = 256 + merges.length;
const chatTemplate =
  "{%- for message in messages %}{{ '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}{% endfor -%}" +
  "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif -%}";

/** A byte-level BPE tokenizer with a few merges and CursorCore's control tokens. */
export const tinyTokenizer: TokenizerFiles = {
  tokenizer: {
    version: '1.0',
    added_tokens: controls.map((content, index) => ({
      id: firstControl + index,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: true,
    })),
    normalizer: { type: 'NFC' },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: null,
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      unk_token: null,
      vocab: Object.fromEntries(
        [...byteAlphabet(), ...merges.map((merge) => merge.replace(' ', ''))].map((token, id) => [token, id]),
      ),
      merges,
    },
  },
  config: { tokenizer_class: 'Qwen2Tokenizer', eos_token: '<|im_end|>', chat_template: chatTemplate },
};

export const tinyConfig: ModelConfig = {
  architecture: 'Qwen2ForCausalLM',
  hiddenSize: 64,
  intermediateSize: 96,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headSize: 16,
  vocabularySize: 288,
  contextLength: 4096,
  normEpsilon: 1e-6,
  ropeTheta: 10_000,
  tiedEmbeddings: false,
  endOfSequence: [firstControl + 2],
};

export interface RandomWeightsOptions {
  /** The less the numbers spread, the more the model repeats its input. */
  readonly spread?: number;
  /** Whether the model never writes a control token, so that its answers are as long as they may be. */
  readonly endless?: boolean;
}

/** Weights as random numbers, the same on each call. */
export function randomWeights(
  config: ModelConfig,
  { spread = 0.8, endless = false }: RandomWeightsOptions = {},
): WeightSource {
  const { hiddenSize, intermediateSize, heads, kvHeads, headSize, vocabularySize } = config;
  const shapes: [string, number[]][] = [
    ['model.embed_tokens.weight', [vocabularySize, hiddenSize]],
    ['model.norm.weight', [hiddenSize]],
    ['lm_head.weight', [vocabularySize, hiddenSize]],
  ];
  for (let layer = 0; layer < config.layers; layer++) {
    const named = (name: string, ...shape: number[]) => shapes.push([`model.layers.${layer}.${name}`, shape]);
    named('input_layernorm.weight', hiddenSize);
    named('post_attention_layernorm.weight', hiddenSize);
    named('self_attn.q_proj.weight', heads * headSize, hiddenSize);
    named('self_attn.q_proj.bias', heads * headSize);
    for (const side of ['k', 'v']) {
      named(`self_attn.${side}_proj.weight`, kvHeads * headSize, hiddenSize);
      named(`self_attn.${side}_proj.bias`, kvHeads * headSize);
    }
    named('self_attn.o_proj.weight', hiddenSize, heads * headSize);
    named('mlp.gate_proj.weight', intermediateSize, hiddenSize);
    named('mlp.up_proj.weight', intermediateSize, hiddenSize);
    named('mlp.down_proj.weight', hiddenSize, intermediateSize);
  }
  const random = generator(7);
  const values = new Map(
    shapes.map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      const norm = name.includes('norm');
      return [name, Float32Array.from({ length }, () => (norm ? 1 : 0) + (random() - 0.5) * (norm ? 0.2 : spread))];
    }),
  );
  // Some other logit is surely above 0.
  if (endless) values.get('lm_head.weight')?.fill(0, firstControl * hiddenSize);
  const tensors = new Map(shapes.map(([name, shape]): [string, TensorInfo] => [name, { name, shape, type: 'F32' }]));
  return {
    config,
    tensors,
    tokenizer: tinyTokenizer,
    displayName: 'tiny',
    async readRows({ name, shape }, first, last) {
      const width = shape.length === 1 ? (shape[0] ?? 0) : (shape[1] ?? 0);
      return values.get(name)?.slice(first * width, last * width) ?? new Float32Array();
    },
    async readRawRows() {
      throw new Error('random weights are float32');
    },
    async close() {},
  };
}

/** Numbers from 0 to 1 (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface TinyModel {
  readonly folder: string;
  readonly manifest: ModelManifest;
  remove(): void;
}

/** A small model of random weights in a folder, as the store would have it. `layout` chooses which of its graphs decodes. */
export async function tinyModel(
  layout: 'in place' | 'loop' | 'step' = 'in place',
  config: ModelConfig = tinyConfig,
  options?: RandomWeightsOptions,
): Promise<TinyModel> {
  const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-tiny-'));
  const converted = await convertModel(randomWeights(config, options), folder, { precision: 'fp32' });
  writeFileSync(path.join(folder, 'tokenizer.json'), JSON.stringify(tinyTokenizer.tokenizer));
  writeFileSync(path.join(folder, 'tokenizer_config.json'), JSON.stringify(tinyTokenizer.config));
  const { inPlaceFiles, files, scoringFiles = {}, ...decoder } = converted.decoder;
  const manifest: ModelManifest = {
    ...converted,
    manifestVersion: 1,
    name: 'tiny',
    source: 'random numbers',
    promptFormat: 'wholeFile',
    decoder: {
      ...decoder,
      layout: layout === 'step' ? 'step' : 'loop',
      files: layout === 'step' ? scoringFiles : files,
      ...(layout === 'in place' && inPlaceFiles ? { inPlaceFiles } : {}),
    },
    files: readdirSync(folder).map((name) => {
      const bytes = readFileSync(path.join(folder, name));
      return { name, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    }),
  };
  writeFileSync(path.join(folder, 'model.json'), JSON.stringify(manifest));
  return { folder, manifest, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
