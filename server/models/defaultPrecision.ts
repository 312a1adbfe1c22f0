import type { Precision } from './manifest.ts';
import type { StoredType, WeightSource } from './weightSource.ts';

/** The precision that keeps a file's own blocks with the least loss. */
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

/** The share of a GPU's memory for weights: the rest is for the cache, for running, and for the screen. */
const shareForWeights = 0.6;

/**
 * The precision to import weights in where the user names none. For a quantised file it is near to that of most of its
 * numbers. For others it is int4 on a CPU, which runs that fastest, but int8 for a small model, which loses more by it and takes
 * little memory anyway; and fp16, which loses nothing that matters, for a GPU with enough memory.
 * @param gpuMemory bytes; undefined where the model will run on the CPU
 */
export function defaultPrecision({ tensors }: Pick<WeightSource, 'tensors'>, gpuMemory?: number): Precision {
  const counts = { int4: 0, int8: 0, float: 0 };
  for (const { type, shape } of tensors.values()) {
    const precision = quantized[type];
    counts[precision === 'int4' || precision === 'int8' ? precision : 'float'] += shape.reduce(
      (size, n) => size * n,
      1,
    );
  }
  const { int4, int8, float } = counts;
  if (int4 + int8 > float) return int8 > int4 ? 'int8' : 'int4';
  return precisionForFloats(int4 + int8 + float, gpuMemory);
}

/** Qwen2.5-Coder-0.5B loses 0.051 of loss in int4 and 0.001 in int8 (README, "Measured"). */
const mostOfSmall = 1e9;

/** The same for weights that are not quantised, of which only the count is known. */
export function precisionForFloats(parameters: number, gpuMemory?: number): Precision {
  if (gpuMemory !== undefined && 2 * parameters <= shareForWeights * gpuMemory) return 'fp16';
  return parameters < mostOfSmall ? 'int8' : 'int4';
}
