import type { Precision } from './manifest.ts';
import type { StoredType, WeightSource } from './weightSource.ts';

/** What takes over a file's own blocks with the least loss. */
const quantized: Readonly<Partial<Record<StoredType, Precision>>> = {
  Q8_0: 'int8',
  Q6_K: 'int8',
  Q5_0: 'int8',
  Q5_1: 'int8',
  Q5_K: 'int8',
  Q4_0: 'int4',
  Q4_1: 'int4',
  Q4_K: 'int4',
};

/**
 * The precision to import weights in where the user names none: near that of most numbers in a quantised file, else int4,
 * which is what a CPU runs fastest and what most graphics cards have room for.
 */
export function defaultPrecision({ tensors }: Pick<WeightSource, 'tensors'>): Precision {
  const counts = new Map<Precision, number>();
  for (const { type, shape } of tensors.values()) {
    const precision = quantized[type] ?? 'int4';
    counts.set(precision, (counts.get(precision) ?? 0) + shape.reduce((size, n) => size * n, 1));
  }
  return (counts.get('int8') ?? 0) > (counts.get('int4') ?? 0) ? 'int8' : 'int4';
}
