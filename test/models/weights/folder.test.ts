import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelFileError, type WeightSource } from '../../../server/models/weightSource.ts';
import { openWeights } from '../../../server/models/weights/openWeights.ts';
import { requireTensor } from './requireTensor.ts';
import { embedding, llamaConfig, ramp, safetensorsBytes, smallTokenizer, writeFolder } from './writers.ts';

let root: string;
let next = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'weights-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const folderWith = (files: Record<string, unknown> = {}) => writeFolder(join(root, `model-${next++}`), files);

async function withSource<T>(
  files: Record<string, unknown>,
  use: (source: WeightSource) => T | Promise<T>,
): Promise<T> {
  const source = await openWeights(await folderWith(files));
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

async function refusal(files: Record<string, unknown>): Promise<string> {
  const folder = await folderWith(files);
  const error = await openWeights(folder).then(
    (source) => source.close(),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ModelFileError);
  const { message } = error as ModelFileError;
  expect(message).toMatch(/^.*\.$/s);
  expect(message).toContain(folder);
  return message;
}

describe('a Hugging Face folder', () => {
  test('rows of float32, float16 and bfloat16', async () => {
    const half = Buffer.from([0x00, 0x3c, 0x00, 0xc0]);
    const brain = Buffer.from([0x80, 0x3f, 0x00, 0xc0]);
    // By the table of the format (OCP 8-bit floating point, revision 1.0): 1, -2, 448, the least above 0, the least normal, 0.
    const quarter = Buffer.from([0x38, 0xc0, 0x7e, 0x01, 0x08, 0x80]);
    const weights = safetensorsBytes([
      embedding,
      { name: 'quarter', shape: [6], type: 'F8_E4M3', bytes: quarter },
      { name: 'half', shape: [2, 1], type: 'F16', bytes: half },
      { name: 'brain', shape: [2], type: 'BF16', bytes: brain },
    ]);
    await withSource({ 'model.safetensors': weights }, async (source) => {
      const tensor = requireTensor(source, embedding.name, [6, 8]);
      expect(Array.from(await source.readRows(tensor, 2, 4))).toEqual(Array.from({ length: 16 }, (_, i) => 16 + i));
      expect(await source.readRows(tensor, 3, 3)).toHaveLength(0);
      expect(Array.from(await source.readRows(requireTensor(source, 'half', [2, 1]), 0, 2))).toEqual([1, -2]);
      expect(Array.from(await source.readRows(requireTensor(source, 'brain', [2]), 0, 1))).toEqual([1, -2]);
      expect(Array.from(await source.readRows(requireTensor(source, 'quarter', [6]), 0, 1))).toEqual([
        1,
        -2,
        448,
        2 ** -9,
        2 ** -6,
        -0,
      ]);
      expect(Array.from(await source.readRawRows(requireTensor(source, 'half', [2, 1]), 1, 2))).toEqual([0x00, 0xc0]);
      await expect(source.readRows(tensor, 5, 7)).rejects.toThrow(RangeError);
      const all = await Promise.all([0, 1, 2, 3, 4, 5].map((row) => source.readRows(tensor, row, row + 1)));
      expect(all.map((row) => row[0])).toEqual([0, 8, 16, 24, 32, 40]);
    });
  });

  test('shards', async () => {
    const files = {
      'model.safetensors': undefined,
      'model.safetensors.index.json': {
        weight_map: { [embedding.name]: 'model-1.safetensors', other: 'model-2.safetensors' },
      },
      'model-1.safetensors': safetensorsBytes([embedding]),
      'model-2.safetensors': safetensorsBytes([{ name: 'other', shape: [1, 2], type: 'F32', bytes: ramp(2, 3) }]),
    };
    await withSource(files, async (source) => {
      expect([...source.tensors.keys()]).toEqual([embedding.name, 'other']);
      expect(Array.from(await source.readRows(requireTensor(source, 'other', [1, 2]), 0, 1))).toEqual([0, 3]);
    });
    expect(await refusal({ ...files, 'model-2.safetensors': undefined })).toContain(
      'has no model-2.safetensors, which model.safetensors.index.json says it has',
    );
    expect(await refusal({ ...files, 'model-2.safetensors': safetensorsBytes([]) })).toContain('no tensor other');
    for (const shard of [
      '../model.safetensors',
      '/etc/model.safetensors',
      '..\\x.safetensors',
      'x.bin',
      '.safetensors',
      7,
    ]) {
      const index = { weight_map: { [embedding.name]: shard } };
      expect(await refusal({ ...files, 'model.safetensors.index.json': index })).toContain(
        'no safetensors file of this folder',
      );
    }
  });

  test('configuration, ends and beginning of a sequence, chat template', async () => {
    const files = {
      'config.json': { ...llamaConfig, rope_theta: 5e5, tie_word_embeddings: true },
      'generation_config.json': { eos_token_id: [5, 4] },
      'tokenizer_config.json': { eos_token: { content: '<|im_end|>' }, bos_token: 'a', add_bos_token: true },
      'chat_template.jinja': '{{ messages }}',
    };
    await withSource(files, (source) => {
      expect(source.config).toEqual({
        architecture: 'LlamaForCausalLM',
        hiddenSize: 8,
        intermediateSize: 16,
        layers: 1,
        heads: 2,
        kvHeads: 1,
        headSize: 4,
        vocabularySize: 6,
        contextLength: 64,
        normEpsilon: 1e-5,
        ropeTheta: 5e5,
        tiedEmbeddings: true,
        endOfSequence: [5, 4],
        beginningOfSequence: 0,
      });
      expect(source.tokenizer.config).toMatchObject({ chat_template: '{{ messages }}' });
      expect(source.displayName).toMatch(/^model-\d+$/);
    });
  });

  test('rope scaling under its old and new keys', async () => {
    const llama3 = { factor: 8, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 16 };
    const cases: [object, object | undefined][] = [
      [{ rope_scaling: null }, undefined],
      [{ rope_scaling: { type: 'linear', factor: 4 } }, { kind: 'linear', factor: 4 }],
      [
        { rope_scaling: { rope_type: 'dynamic', factor: 2 } },
        { kind: 'dynamic', factor: 2, originalContextLength: 64 },
      ],
      [
        { rope_parameters: { rope_type: 'llama3', rope_theta: 7, ...llama3 } },
        { kind: 'llama3', factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalContextLength: 16 },
      ],
    ];
    for (const [keys, expected] of cases) {
      await withSource({ 'config.json': { ...llamaConfig, ...keys } }, ({ config }) => {
        expect(config.ropeScaling).toEqual(expected);
        expect(config.ropeTheta).toBe('rope_parameters' in keys ? 7 : 10000);
      });
    }
    const refused: [object, string][] = [
      [{ rope_scaling: { type: 'yarn', factor: 4 } }, 'remove rope_scaling (or rope_parameters) from config.json'],
      [
        { rope_parameters: { rope_type: 'yarn', factor: 4, original_max_position_embeddings: 32768 } },
        'needs none up to 32768 tokens',
      ],
      [{ rope_scaling: { type: 'longrope' } }, 'take the release of the model for short contexts'],
      [{ rope_scaling: { type: 7 } }, 'linear, dynamic or llama3'],
      [
        { rope_parameters: { full_attention: { rope_type: 'yarn' } } },
        'for some layers (full_attention) cannot be run',
      ],
    ];
    for (const [keys, words] of refused) {
      expect(await refusal({ 'config.json': { ...llamaConfig, ...keys } })).toContain(words);
    }
    const malformed = { ...llamaConfig, rope_scaling: { type: 'linear', factor: 'four' } };
    expect(await refusal({ 'config.json': malformed })).toContain('malformed');
  });

  test('models that cannot be run are refused by name', async () => {
    const cases: [object, string][] = [
      [{ architectures: ['MistralForCausalLM'] }, 'MistralForCausalLM models cannot be run; take a model of '],
      [{ architectures: undefined }, 'names no architecture'],
      [{ use_sliding_window: true, sliding_window: 16, max_window_layers: 0 }, 'sliding window'],
      [{ use_sliding_window: true, sliding_window: 16, layer_types: ['sliding_attention'] }, 'sliding window'],
      [{ quantization_config: { quant_method: 'awq' } }, 'weights quantised by "awq" cannot be read'],
      [{ compression_config: {} }, 'quantised weights of this kind'],
      [{ hidden_act: 'gelu' }, 'gelu'],
      [{ num_attention_heads: 3 }, 'do not go together'],
      [{ hidden_size: -8 }, 'hidden_size'],
      [{ num_hidden_layers: 1.5 }, 'num_hidden_layers'],
      [{ rms_norm_eps: 1e300 }, 'rms_norm_eps'],
      [{ rope_theta: 1e-300 }, 'rope_theta'],
      [{ rope_scaling: { type: 'linear', factor: 1e300 } }, 'linear rope scaling are malformed'],
    ];
    for (const [change, words] of cases) {
      expect(await refusal({ 'config.json': { ...llamaConfig, ...change } })).toContain(words);
    }
    const window = { use_sliding_window: true, sliding_window: 16, max_window_layers: 0 };
    for (const unused of [
      { use_sliding_window: false },
      { layer_types: ['full_attention'] },
      { sliding_window: 64 },
      { max_window_layers: 1 },
    ]) {
      const config = { ...llamaConfig, ...window, ...unused };
      await withSource({ 'config.json': config }, (source) => expect(source.config.layers).toBe(1));
    }
  });

  test('missing or malformed files', async () => {
    expect(await refusal({ 'config.json': undefined })).toContain('no config.json');
    expect(await refusal({ 'config.json': '{' })).toContain('not JSON');
    expect(await refusal({ 'config.json': '[1]' })).toContain('not a JSON object');
    expect(await refusal({ 'config.json': new Uint8Array([0x22, 0xff, 0x22]) })).toContain('not valid UTF-8');
    expect(await refusal({ 'tokenizer.json': undefined })).toContain('no tokenizer.json');
    expect(await refusal({ 'tokenizer.json': {} })).toContain('describes no tokenizer');
    expect(await refusal({ 'tokenizer.json': { model: { type: 'Unigram' } } })).toContain('Unigram');
    const merged = { type: 'Split', pattern: { String: ' ' }, behavior: 'MergedWithNext', invert: false };
    const pre = { type: 'Sequence', pretokenizers: [merged] };
    expect(await refusal({ 'tokenizer.json': { ...smallTokenizer, pre_tokenizer: pre } })).toContain(
      '"MergedWithNext"',
    );
    expect(await refusal({ 'model.safetensors': undefined })).toContain('no model.safetensors');
    expect(await refusal({ 'model.safetensors': undefined, 'pytorch_model.bin': 'x' })).toContain('pickle');
    const shard = { 'model.safetensors': undefined, 'model-00001-of-00002.safetensors': safetensorsBytes([embedding]) };
    expect(await refusal(shard)).toContain(
      'has model-00001-of-00002.safetensors and no model.safetensors.index.json, which tells what its parts are',
    );
    await expect(openWeights(join(root, 'nowhere'))).rejects.toThrow(/does not exist/);
    await writeFile(join(root, 'weights.pth'), 'x');
    await expect(openWeights(join(root, 'weights.pth'))).rejects.toThrow(/pickle/);
  });

  test('vocabulary and weights that disagree', async () => {
    const added = [...smallTokenizer.added_tokens, { id: 6, content: '<|more|>', special: true }];
    expect(await refusal({ 'tokenizer.json': { ...smallTokenizer, added_tokens: added } })).toContain('up to token 6');
    expect(await refusal({ 'config.json': { ...llamaConfig, vocab_size: 7 } })).toContain('6 rows');
    expect(await refusal({ 'generation_config.json': { eos_token_id: 99 } })).toContain('token 99');
    await withSource({}, (source) => {
      expect(() => requireTensor(source, 'model.norm.weight', [8])).toThrow(/no tensor model\.norm\.weight/);
      expect(() => requireTensor(source, embedding.name, [6, 9])).toThrow(/is \[6, 8\] where/);
    });
  });

  test('vocab.json and merges.txt make a tokenizer for Qwen2 alone', async () => {
    const files = {
      'tokenizer.json': undefined,
      'vocab.json': smallTokenizer.model.vocab,
      'merges.txt': '#version: 0.2\na b\n',
      'tokenizer_config.json': {
        eos_token: '<|im_end|>',
        added_tokens_decoder: { 5: { content: '<|im_end|>', special: true } },
      },
    };
    const qwen = { ...llamaConfig, architectures: ['Qwen2ForCausalLM'] };
    await withSource({ ...files, 'config.json': qwen }, ({ tokenizer, config }) => {
      expect(config.endOfSequence).toEqual([5]);
      expect(tokenizer.tokenizer).toMatchObject({ normalizer: { type: 'NFC' }, model: { merges: [['a', 'b']] } });
    });
    expect(await refusal(files)).toContain('save_pretrained');
  });
});
