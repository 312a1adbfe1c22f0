import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { crc32 } from 'node:zlib';
import type { TensorInfo, WeightSource } from '../../../server/models/weightSource.ts';
import { parseHuggingFaceConfig } from '../../../server/models/weights/huggingFaceConfig.ts';

/** The numbers of a tensor, the same that scripts/verify/graph_vectors.py makes of its name. */
export function testWeight(name: string, count: number): Float32Array {
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

/** A small decoder, and what transformers answers for it: one entry of a file in vectors/. */
export interface DecoderVector {
  readonly architecture: string;
  /** config.json as transformers saves it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly headSize: number;
  /** Shapes by Hugging Face's names. */
  readonly tensors: Readonly<Record<string, readonly number[]>>;
  /** GGUF's name of the architecture, and of each tensor by Hugging Face's. */
  readonly gguf: { readonly architecture: string; readonly tensors: Readonly<Record<string, string>> };
  readonly prompt: readonly number[];
  /** Of the positions that name them. */
  readonly logits: Readonly<Record<string, readonly number[]>>;
  /** The 24 ids that greedy decoding goes on with. */
  readonly greedy: readonly number[];
}

/** Every variant of every architecture, by its name. */
export async function decoderVectors(): Promise<Readonly<Record<string, DecoderVector>>> {
  const folder = path.join(import.meta.dirname, 'vectors');
  const files = (await readdir(folder)).sort();
  const contents = await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')));
  return Object.assign({}, ...contents.map((content) => JSON.parse(content)));
}

/** Weights that exist in memory only, made of their names. */
export function hashedWeights(vector: DecoderVector): WeightSource {
  const parsed = parseHuggingFaceConfig(vector.config, 'config.json');
  const tensors = new Map<string, TensorInfo>();
  for (const [name, shape] of Object.entries(vector.tensors)) tensors.set(name, { name, shape, type: 'F32' });
  return {
    config: { ...parsed, architecture: vector.architecture, endOfSequence: [] },
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
