import { architectureOf } from '../architectures.ts';
import { outerTensor } from '../tensorNames.ts';
import type { StoredType, TensorInfo, WeightSource } from '../weightSource.ts';
import { blockLayouts, rowsAndColumns } from './storedTypes.ts';

/**
 * How far rounding takes a row from what it was, relative to its length; measured on Qwen2.5-Coder's GGUF files (Q5_0 beside Q8_0: 0.038
 * to 0.061, Q4_K beside Q6_K: 0.066 to 0.092), and half as much again. Rows of two matrices that are not the same differ by 1 and more.
 */
const rounding: Readonly<Record<StoredType, number>> = {
  F32: 0,
  F16: 0.001,
  BF16: 0.008,
  F8_E4M3: 0.06,
  Q8_0: 0.012,
  Q6_K: 0.04,
  Q5_K: 0.08,
  Q5_0: 0.09,
  Q5_1: 0.09,
  Q4_K: 0.14,
  Q4_0: 0.17,
  Q4_1: 0.17,
};

const rowsAtOnce = 512;

/**
 * The weights with one matrix for embedding and head where they have it twice: GGUF files of models whose embeddings are tied often hold
 * a rough one for the first and a fine one for the second. The finer one is kept, and half of the memory for the two saved.
 */
export async function withSharedVocabulary(source: WeightSource): Promise<WeightSource> {
  const { config, tensors } = source;
  const architecture = architectureOf(config.architecture);
  const [first, second] = [outerTensor(architecture, 'embedding'), outerTensor(architecture, 'head')];
  const [embedding, head] = [tensors.get(first), tensors.get(second)];
  if (config.tiedEmbeddings || !embedding || !head || !(await areOneMatrix(source, embedding, head))) return source;
  const finer = bitsOf(embedding) > bitsOf(head) ? embedding : head;
  const shared = new Map(tensors);
  shared.delete(second);
  shared.set(first, { ...finer, name: first });
  const stored = (tensor: TensorInfo) => (tensor.name === first ? finer : tensor);
  return {
    ...source,
    config: { ...config, tiedEmbeddings: true },
    tensors: shared,
    readRows: (tensor, from, to) => source.readRows(stored(tensor), from, to),
    readRawRows: (tensor, from, to) => source.readRawRows(stored(tensor), from, to),
    close: () => source.close(),
  };
}

async function areOneMatrix(source: WeightSource, a: TensorInfo, b: TensorInfo): Promise<boolean> {
  const { rows, columns } = rowsAndColumns(a.shape);
  const other = rowsAndColumns(b.shape);
  if (rows !== other.rows || columns !== other.columns) return false;
  const tolerance = Math.max(rounding[a.type], rounding[b.type]);
  for (let from = 0; from < rows; from += rowsAtOnce) {
    const to = Math.min(rows, from + rowsAtOnce);
    const [x, y] = [await source.readRows(a, from, to), await source.readRows(b, from, to)];
    for (let start = 0; start < x.length; start += columns) {
      let [difference, size] = [0, 0];
      for (let i = start; i < start + columns; i++) {
        const [p = 0, q = 0] = [x[i], y[i]];
        difference += (p - q) ** 2;
        size += q ** 2;
      }
      if (!(difference <= tolerance ** 2 * size)) return false;
    }
  }
  return true;
}

function bitsOf({ type }: TensorInfo): number {
  const { numbers, bytes } = blockLayouts[type];
  return bytes / numbers;
}
