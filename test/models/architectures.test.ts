import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { architectures, architecturesInWords } from '../../server/models/architectures.ts';
import { convertModel } from '../../server/models/convert.ts';
import type { WeightSource } from '../../server/models/weightSource.ts';
import { openWeights } from '../../server/models/weights/openWeights.ts';
import { type DecoderVector, decoderVectors, testWeight } from './graph/hashedWeights.ts';
import { largestDifference, score } from './graph/runGraph.ts';
import {
  ggufBytes,
  ggufMetadata,
  type MetadataToWrite,
  safetensorsBytes,
  type TensorToWrite,
  writeFolder,
} from './weights/writers.ts';

const vectors = Object.entries(await decoderVectors());
const root = path.join(import.meta.dirname, '../..');

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cursorcore-architecture-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const count = (shape: readonly number[]) => shape.reduce((size, n) => size * n, 1);

/** The tensors of a vector under the names that `nameOf` gives, with `order` applied to what belongs to query and key heads. */
function tensorsOf(
  { tensors }: DecoderVector,
  nameOf: (name: string) => string,
  order: (name: string, values: Float32Array) => Float32Array = (_, values) => values,
): TensorToWrite[] {
  return Object.entries(tensors).map(([name, shape]) => {
    const { buffer } = order(name, testWeight(name, count(shape)));
    return { name: nameOf(name), shape, type: 'F32', bytes: new Uint8Array(buffer) };
  });
}

async function writeHuggingFace(vector: DecoderVector): Promise<string> {
  return await writeFolder(path.join(folder, 'hf'), {
    'config.json': vector.config,
    'generation_config.json': { eos_token_id: 5 },
    'model.safetensors': safetensorsBytes(tensorsOf(vector, (name) => name)),
  });
}

/** convert_hf_to_gguf's `permute`, on the rows of one tensor: reshape(heads, 2, headSize / 2).swapaxes(1, 2). */
function inPairs(values: Float32Array, headSize: number, rows: number): Float32Array {
  const width = values.length / rows;
  const result = new Float32Array(values.length);
  for (let to = 0; to < rows; to++) {
    const inHead = to % headSize;
    const from = to - inHead + (inHead % 2) * (headSize / 2) + Math.floor(inHead / 2);
    result.set(values.subarray(from * width, (from + 1) * width), to * width);
  }
  return result;
}

async function writeGguf(vector: DecoderVector): Promise<string> {
  const { config, gguf, headSize, tensors } = vector;
  const number = (key: string) => Number(config[key]);
  const { rope_theta } = config.rope_parameters as { rope_theta: number };
  const prefix = gguf.architecture;
  const metadata: MetadataToWrite = {
    ...Object.fromEntries(Object.entries(ggufMetadata).filter(([key]) => !key.startsWith('llama.'))),
    'general.architecture': prefix,
    'tokenizer.ggml.pre': 'qwen2',
    [`${prefix}.block_count`]: number('num_hidden_layers'),
    [`${prefix}.context_length`]: number('max_position_embeddings'),
    [`${prefix}.embedding_length`]: number('hidden_size'),
    [`${prefix}.feed_forward_length`]: number('intermediate_size'),
    [`${prefix}.attention.head_count`]: number('num_attention_heads'),
    [`${prefix}.attention.head_count_kv`]: number('num_key_value_heads'),
    [`${prefix}.attention.key_length`]: headSize,
    [`${prefix}.attention.value_length`]: headSize,
    [`${prefix}.attention.layer_norm_rms_epsilon`]: number('rms_norm_eps'),
    [`${prefix}.rope.freq_base`]: rope_theta,
  };
  // Of the architectures that llama.cpp rotates in pairs, it is these two tensors.
  const order = (name: string, values: Float32Array) =>
    prefix === 'llama' && /\.[qk]_proj\./.test(name) ? inPairs(values, headSize, tensors[name]?.[0] ?? 0) : values;
  const file = path.join(folder, 'model.gguf');
  await writeFile(
    file,
    ggufBytes(
      metadata,
      tensorsOf(vector, (name) => gguf.tensors[name] ?? '', order),
    ),
  );
  return file;
}

/** Holds what a file gives against the vector: its configuration, every number, and the logits of what is made of it. */
async function check(source: WeightSource, vector: DecoderVector): Promise<void> {
  expect(source.config.architecture).toBe(vector.architecture);
  expect(source.config.headSize).toBe(vector.headSize);
  expect(source.config.tiedEmbeddings).toBe(vector.config.tie_word_embeddings);
  expect([...source.tensors.keys()].sort()).toEqual(Object.keys(vector.tensors).sort());
  for (const tensor of source.tensors.values()) {
    const rows = await source.readRows(tensor, 0, tensor.shape.length === 1 ? 1 : (tensor.shape[0] ?? 0));
    const expected = testWeight(tensor.name, count(tensor.shape));
    // As bytes, which is a hundred times faster than `toEqual`.
    expect(Buffer.from(rows.buffer).equals(Buffer.from(expected.buffer)), tensor.name).toBe(true);
  }
  const converted = await mkdtemp(path.join(folder, 'converted-'));
  const model = await convertModel(source, converted, { precision: 'fp32' });
  const logits = await score(converted, model, vector.prompt);
  for (const [position, reference] of Object.entries(vector.logits)) {
    expect(largestDifference(reference, logits[Number(position)] ?? [])).toBeLessThan(2e-4);
  }
}

/** llama.cpp knows no dynamic scaling, and the others are tested in gguf.test.ts. */
const isPlain = ({ config }: DecoderVector) =>
  (config.rope_parameters as { rope_type: string }).rope_type === 'default';

describe.each(vectors)('%s', (_name, vector) => {
  test('comes out of a Hugging Face folder', async () => {
    const source = await openWeights(await writeHuggingFace(vector));
    await check(source, vector);
    await source.close();
  });

  test.runIf(isPlain(vector))('comes out of a GGUF file', async () => {
    const source = await openWeights(await writeGguf(vector));
    await check(source, vector);
    await source.close();
  });
});

describe('every architecture', () => {
  test('has vectors, with tied embeddings and without', () => {
    for (const { name } of architectures) {
      const own = vectors.filter(([, { architecture }]) => architecture === name).map(([, { config }]) => config);
      expect(new Set(own.map((config) => config.tie_word_embeddings)), name).toEqual(new Set([true, false]));
    }
  });

  test('is named in its own file, in the list, and nowhere else in the server', async () => {
    const server = path.join(root, 'server');
    const files = await readdir(server, { recursive: true });
    for (const file of files.filter((name) => name.endsWith('.ts') && !name.includes('architectures'))) {
      const code = (await readFile(path.join(server, file), 'utf8')).replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      const named = architectures.find(({ name }) => code.includes(name));
      expect(named?.name, `${file} names an architecture`).toBeUndefined();
    }
  });

  test('is known to readers of README', async () => {
    expect(await readFile(path.join(root, 'README.md'), 'utf8')).toContain(`safetensors (${architecturesInWords()})`);
  });
});
