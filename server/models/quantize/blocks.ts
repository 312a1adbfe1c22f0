import { fromHalf, toHalf } from './float16.ts';

/** Rows of a matrix as `MatMulNBits` takes them: unsigned numbers biased by half their range, one scale a block. */
export interface QuantizedBlocks {
  /** `[blocks, blockSize · bits / 8]`; for 4 bits the lower nibble is the first of two numbers. */
  readonly data: Uint8Array;
  /** One for each block, each a number that binary16 can hold, so that CPU and CUDA read the same weights. */
  readonly scales: Float32Array;
}

/**
 * Quantises numbers block by block, symmetrically around zero. The scale is the one, of some near that which fits the
 * block's largest number, that leaves the least squared error.
 */
export function quantizeBlocks(values: Float32Array, bits: 4 | 8, blockSize: number): QuantizedBlocks {
  const blocks = values.length / blockSize;
  const data = new Uint8Array((values.length * bits) / 8);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const start = block * blockSize;
    const scale = bits === 8 ? largest(values, start, blockSize) / -128 : bestScale(values, start, blockSize);
    const half = representable(scale);
    scales[block] = half;
    const inverse = half === 0 ? 0 : 1 / half;
    if (bits === 8) {
      for (let index = start; index < start + blockSize; index++) {
        data[index] = clamp(Math.round((values[index] ?? 0) * inverse) + 128, 255);
      }
    } else {
      for (let index = start; index < start + blockSize; index += 2) {
        const low = clamp(Math.round((values[index] ?? 0) * inverse) + 8, 15);
        const high = clamp(Math.round((values[index + 1] ?? 0) * inverse) + 8, 15);
        data[index >>> 1] = low | (high << 4);
      }
    }
  }
  return { data, scales };
}

/** How far the largest number is moved from the end of the range, in steps of the range, when looking for a scale. */
const candidates = [-8, -7.4, -6.8, -8.6, 7, 7.5];

function bestScale(values: Float32Array, start: number, size: number): number {
  const extreme = largest(values, start, size);
  if (extreme === 0) return 0;
  let best = extreme / -8;
  let least = Number.POSITIVE_INFINITY;
  for (const end of candidates) {
    const scale = extreme / end;
    const error = squaredError(values, start, size, scale);
    if (error < least) [best, least] = [scale, error];
  }
  return best;
}

function squaredError(values: Float32Array, start: number, size: number, scale: number): number {
  const inverse = 1 / scale;
  let sum = 0;
  for (let index = start; index < start + size; index++) {
    const value = values[index] ?? 0;
    let step = Math.round(value * inverse);
    if (step > 7) step = 7;
    else if (step < -8) step = -8;
    const error = value - step * scale;
    sum += error * error;
  }
  return sum;
}

/** The number that is farthest from zero, with its sign. */
function largest(values: Float32Array, start: number, size: number): number {
  let extreme = 0;
  for (let index = start; index < start + size; index++) {
    const value = values[index] ?? 0;
    if (Math.abs(value) > Math.abs(extreme)) extreme = value;
  }
  return extreme;
}

function clamp(value: number, highest: number): number {
  return value < 0 ? 0 : value > highest ? highest : value;
}

function representable(scale: number): number {
  const half = fromHalf(toHalf(scale));
  return Number.isFinite(half) ? half : Math.sign(scale) * 65504;
}

/**
 * Takes over GGUF's Q4_0 and Q8_0 blocks, whose numbers are the same: 32 of them and a binary16 scale. Q4_0 holds the
 * first half of a block in the lower nibbles, `MatMulNBits` every other number.
 */
export function repackBlocks(raw: Uint8Array, type: 'Q4_0' | 'Q8_0'): QuantizedBlocks {
  const bytes = type === 'Q4_0' ? 16 : 32;
  const blocks = raw.length / (bytes + 2);
  const data = new Uint8Array(blocks * bytes);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const from = block * (bytes + 2);
    const to = block * bytes;
    scales[block] = fromHalf((raw[from] ?? 0) | ((raw[from + 1] ?? 0) << 8));
    if (type === 'Q8_0') {
      for (let index = 0; index < 32; index++) data[to + index] = (raw[from + 2 + index] ?? 0) ^ 0x80;
    } else {
      for (let index = 0; index < 16; index++) {
        const [first, second] = [nibble(raw, from + 2, 2 * index), nibble(raw, from + 2, 2 * index + 1)];
        data[to + index] = first | (second << 4);
      }
    }
  }
  return { data, scales };
}

function nibble(raw: Uint8Array, start: number, index: number): number {
  const byte = raw[start + (index % 16)] ?? 0;
  return index < 16 ? byte & 15 : byte >>> 4;
}
