import { freemem, totalmem } from 'node:os';
import type { DecoderDescription, Precision } from './manifest.ts';
import { formatBytes } from './store/files.ts';

/**
 * Bytes on the disk for each number of a model: quantised ones carry a scale for each block of 32, twice, since CPU and
 * GPU read it in different types (see `weightWriter.ts`). In int4 the vocabulary's matrices have 8 bits, which is a tenth of
 * a large model and half of a small one.
 */
const bytesPerParameter: Readonly<Record<Precision, number>> = { fp32: 4, fp16: 2, int8: 1.19, int4: 0.8 };

/** Tokens of prompt and answer that are reckoned with: what a prompt usually takes. */
const usualTokens = 4096;
/** Tokenizer, Node and ONNX Runtime themselves. */
const runtimeBytes = 250e6;

/** About how many bytes a model of so many parameters takes on the disk. */
export function diskNeeded(parameters: number, precision: Precision): number {
  return Math.ceil(parameters * bytesPerParameter[precision]);
}

/**
 * What weights take once loaded, against their file: float16 becomes float32 on the CPU, others are partly packed anew.
 */
const loadedFactor: Readonly<Record<Precision, number>> = { fp32: 1.1, fp16: 2.1, int8: 1.1, int4: 1.1 };

/** About how many bytes of memory a model takes on the CPU once it is loaded: its weights, and ONNX Runtime itself. */
export function memoryLoaded(weightBytes: number, precision: Precision): number {
  return Math.ceil(weightBytes * loadedFactor[precision] + runtimeBytes);
}

/** About how many bytes of memory it takes to run a model on the CPU: loaded, with a cache of 4096 tokens. */
export function memoryNeeded(
  weightBytes: number,
  precision: Precision,
  { layers, kvHeads, headSize }: Pick<DecoderDescription, 'layers' | 'kvHeads' | 'headSize'>,
): number {
  const cache = 2 * layers * kvHeads * headSize * usualTokens * 4;
  return memoryLoaded(weightBytes, precision) + cache;
}

/** What to tell the user of a model that this machine has no memory for; undefined where it has enough. */
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
