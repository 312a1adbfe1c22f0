import { freemem, totalmem } from 'node:os';
import type { DecoderDescription, Precision } from './manifest.ts';
import { formatBytes } from './store/files.ts';

/**
 * Bytes on the disk per number of a model: quantised numbers have a scale per block of 32, twice, because CPU and GPU
 * read it in different types (see `weightWriter.ts`). In int4 the vocabulary's matrices have 8 bits, which is a tenth
 * of a large model and half of a small one.
 */
const bytesPerParameter: Readonly<Record<Precision, number>> = { fp32: 4, fp16: 2, int8: 1.19, int4: 0.8 };

/** The assumed tokens of prompt and answer: what a prompt usually takes. */
const usualTokens = 4096;
/** Tokenizer, Node and ONNX Runtime themselves. */
const runtimeBytes = 250e6;

/** The approximate disk size, in bytes, of a model with this many parameters. */
export function diskNeeded(parameters: number, precision: Precision): number {
  return Math.ceil(parameters * bytesPerParameter[precision]);
}

/**
 * The memory of loaded weights relative to their file: float16 becomes float32 on the CPU, others are partly repacked.
 */
const loadedFactor: Readonly<Record<Precision, number>> = { fp32: 1.1, fp16: 2.1, int8: 1.1, int4: 1.1 };

/** The approximate memory, in bytes, of a model loaded on the CPU: its weights, and ONNX Runtime itself. */
export function memoryLoaded(weightBytes: number, precision: Precision): number {
  return Math.ceil(weightBytes * loadedFactor[precision] + runtimeBytes);
}

/** The approximate memory, in bytes, to run a model on the CPU: loaded, with a cache of 4096 tokens. */
export function memoryNeeded(
  weightBytes: number,
  precision: Precision,
  { layers, kvHeads, headSize }: Pick<DecoderDescription, 'layers' | 'kvHeads' | 'headSize'>,
): number {
  const cache = 2 * layers * kvHeads * headSize * usualTokens * 4;
  return memoryLoaded(weightBytes, precision) + cache;
}

/** A warning for a model that needs more memory than this machine has; undefined if there is enough. */
export function memoryWarning(
  needed: number,
  machine: { readonly total: number; readonly free: number } = { total: totalmem(), free: freemem() },
): string | undefined {
  if (needed > machine.total) {
    return `it needs about ${formatBytes(needed)} of memory to run, and this machine has ${formatBytes(machine.total)}; take a smaller model or a lower --precision`;
  }
  if (needed > machine.free) {
    return `it needs about ${formatBytes(needed)} of memory to run, and only ${formatBytes(machine.free)} are free now; close other programs before you use it`;
  }
  return undefined;
}
