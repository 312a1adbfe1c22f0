import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ModelFileError, type WeightSource } from '../../../server/models/weightSource.ts';
import { openWeights } from '../../../server/models/weights/openWeights.ts';
import { llama3Factors } from '../../../server/models/weights/ropeFactors.ts';
import { requireTensor } from './requireTensor.ts';
import { ggufBytes, ggufMetadata, ggufTensors, type MetadataToWrite, ramp, type TensorToWrite } from './writers.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'gguf-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

async function withSource<T>(
  metadata: MetadataToWrite,
  tensors: readonly TensorToWrite[],
  use: (source: WeightSource) => T | Promise<T>,
): Promise<T> {
  const path = join(root, 'model.gguf');
  await writeFile(path, ggufBytes({ ...ggufMetadata, ...metadata }, tensors));
  const source = await openWeights(path);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

async function refusal(metadata: MetadataToWrite, tensors = ggufTensors): Promise<string> {
  const error = await withSource(metadata, tensors, () => undefined).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(ModelFileError);
  return (error as ModelFileError).message;
}

/** The order convert_hf_to_gguf gives the rows of a head of four: reshape(2, 2).swapaxes. */
const pairs = [0, 2, 1, 3];

describe('a GGUF file', () => {
  test('query and key rows of llama come in the order of rotary halves, weights and biases alike', async () => {
    const stored = (rows: number, columns: number) => {
      const bytes = new Float32Array(rows * columns);
      for (let row = 0; row < rows; row++) {
        const from = row - (row % 4) + (pairs[row % 4] ?? 0);
        for (let column = 0; column < columns; column++) bytes[row * columns + column] = from * 100 + column;
      }
      return new Uint8Array(bytes.buffer);
    };
    const [embedding] = ggufTensors;
    if (!embedding) throw new Error('an embedding');
    const tensors: TensorToWrite[] = [
      embedding,
      { name: 'blk.0.attn_q.weight', shape: [8, 8], type: 'F32', bytes: stored(8, 8) },
      { name: 'blk.0.attn_k.weight', shape: [4, 8], type: 'F32', bytes: stored(4, 8) },
      { name: 'blk.0.attn_q.bias', shape: [8], type: 'F32', bytes: stored(8, 1) },
      { name: 'blk.0.attn_v.weight', shape: [4, 8], type: 'F32', bytes: ramp(32) },
    ];
    await withSource({}, tensors, async (source) => {
      const query = requireTensor(source, 'model.layers.0.self_attn.q_proj.weight', [8, 8]);
      for (const [first, last] of [
        [0, 8],
        [1, 2],
        [2, 7],
        [5, 5],
      ] as const) {
        const rows = await source.readRows(query, first, last);
        expect(Array.from(rows).filter((_, i) => i % 8 === 3)).toEqual(
          Array.from({ length: last - first }, (_, i) => (first + i) * 100 + 3),
        );
        expect(await source.readRawRows(query, first, last)).toEqual(new Uint8Array(rows.buffer));
      }
      const key = requireTensor(source, 'model.layers.0.self_attn.k_proj.weight', [4, 8]);
      expect(Array.from(await source.readRows(key, 1, 3))[8]).toBe(200);
      const bias = requireTensor(source, 'model.layers.0.self_attn.q_proj.bias', [8]);
      expect(Array.from(await source.readRows(bias, 0, 1))).toEqual([0, 100, 200, 300, 400, 500, 600, 700]);
      const value = requireTensor(source, 'model.layers.0.self_attn.v_proj.weight', [4, 8]);
      expect(Array.from(await source.readRows(value, 1, 2))).toEqual([8, 9, 10, 11, 12, 13, 14, 15]);
    });
  });

  test('qwen2 keeps its rows as they are stored', async () => {
    const metadata = Object.fromEntries(
      Object.entries(ggufMetadata).map(([key, value]) => [key.replace('llama.', 'qwen2.'), value]),
    );
    const qwen = { ...metadata, 'general.architecture': 'qwen2', 'tokenizer.ggml.pre': 'qwen2' };
    await withSource(qwen, ggufTensors, async (source) => {
      expect(source.config.architecture).toBe('Qwen2ForCausalLM');
      const query = requireTensor(source, 'model.layers.0.self_attn.q_proj.weight', [8, 8]);
      expect((await source.readRows(query, 1, 2))[0]).toBe(8);
    });
  });

  test('configuration', async () => {
    await withSource(
      { 'llama.rope.freq_base': 1e5, 'tokenizer.ggml.bos_token_id': 0, 'tokenizer.ggml.add_bos_token': true },
      ggufTensors,
      (source) => {
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
          ropeTheta: 1e5,
          tiedEmbeddings: true,
          endOfSequence: [5],
          beginningOfSequence: 0,
        });
        expect(source.displayName).toBe('Small Llama');
      },
    );
    const [first] = ggufTensors;
    if (!first) throw new Error('an embedding');
    const untied = [...ggufTensors, { ...first, name: 'output.weight' }];
    await withSource({}, untied, ({ config }) => expect(config.tiedEmbeddings).toBe(false));
  });

  test('rope scaling', async () => {
    const linear = { 'llama.rope.scaling.type': 'linear', 'llama.rope.scaling.factor': 4 };
    await withSource(linear, ggufTensors, ({ config }) =>
      expect(config.ropeScaling).toEqual({ kind: 'linear', factor: 4 }),
    );
    await withSource({ 'llama.rope.scale_linear': 4 }, ggufTensors, ({ config }) => {
      expect(config.ropeScaling).toEqual({ kind: 'linear', factor: 4 });
    });
    expect(await refusal({ 'llama.rope.scaling.type': 'yarn' })).toContain('"yarn"');

    const scaling = {
      kind: 'llama3',
      factor: 32,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContextLength: 8192,
    } as const;
    const theta = 5e5;
    const wide = { 'llama.embedding_length': 128, 'llama.rope.dimension_count': 64, 'llama.rope.freq_base': theta };
    const withFactors = (factors: number[]): TensorToWrite[] => [
      { name: 'token_embd.weight', shape: [6, 128], type: 'F32', bytes: ramp(6 * 128) },
      { name: 'rope_freqs.weight', shape: [32], type: 'F32', bytes: new Uint8Array(Float32Array.from(factors).buffer) },
    ];
    const factors = llama3Factors(scaling, theta, 64);
    await withSource(wide, withFactors(factors), (source) => {
      expect(source.config.ropeScaling).toEqual(scaling);
      expect(source.tensors.has('rope_freqs.weight')).toBe(false);
    });
    expect(await refusal(wide, withFactors(factors.map((value) => value * value)))).toContain('rope_freqs.weight');
  });

  test('what cannot be run or rebuilt is refused by name', async () => {
    const cases: [MetadataToWrite, string][] = [
      [{ 'general.architecture': 'gemma3' }, 'gemma3 cannot be run; take a model of '],
      [{ 'tokenizer.ggml.pre': 'exotic' }, 'the pre-tokenizer "exotic" is not known (known are qwen2'],
      [{ 'tokenizer.ggml.model': 'bert' }, '"bert"'],
      [{ 'llama.expert_count': 8 }, 'mixture of experts'],
      [{ 'llama.attention.key_length': 6 }, 'rotated'],
      [{ 'split.count': 3 }, 'llama-gguf-split --merge'],
      [{ 'llama.block_count': 'one' }, 'llama.block_count is not'],
      [{ 'llama.attention.head_count': 0 }, 'head_count is 0'],
      [{ 'llama.rope.freq_base': Number.NaN }, 'freq_base'],
      [{ 'general.alignment': 33 }, 'alignment is 33'],
      [{ 'tokenizer.ggml.eos_token_id': 6 }, 'eos_token_id is 6'],
      [{ 'tokenizer.ggml.merges': ['ab'] }, 'not two tokens'],
      [
        { 'tokenizer.ggml.tokens': ['a', 'a', 'ab', 'Ġ', '!', '<|im_end|>'] },
        'twice, so that it cannot be rebuilt; take the model as safetensors',
      ],
      [{ 'tokenizer.ggml.token_type': [1, 1] }, '6 tokens and types for 2'],
      [
        { 'tokenizer.ggml.tokens': [...Array(7).keys()].map(String), 'tokenizer.ggml.token_type': Array(7).fill(1) },
        'up to token 6',
      ],
    ];
    for (const [metadata, words] of cases) expect(await refusal(metadata)).toContain(words);
  });
});
