import { fromHalf, halfAt, toHalf } from '../float16.ts';

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
    scales[block] = representable(scale);
    if (bits === 8) writeBytes(values, start, blockSize, scales[block] ?? 0, data);
    else writeNibbles(values, start, blockSize, scales[block] ?? 0, data);
  }
  return { data, scales };
}

function writeBytes(values: Float32Array, start: number, size: number, scale: number, data: Uint8Array): void {
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let index = start; index < start + size; index++) {
    // Adding a half and cutting off rounds what is not negative; Math.round is several times slower.
    const step = ((values[index] ?? 0) * inverse + 128.5) | 0;
    data[index] = step < 0 ? 0 : step > 255 ? 255 : step;
  }
}

function writeNibbles(values: Float32Array, start: number, size: number, scale: number, data: Uint8Array): void {
  const inverse = scale === 0 ? 0 : 1 / scale;
  for (let index = start; index < start + size; index += 2) {
    let low = ((values[index] ?? 0) * inverse + 8.5) | 0;
    let high = ((values[index + 1] ?? 0) * inverse + 8.5) | 0;
    low = low < 0 ? 0 : low > 15 ? 15 : low;
    high = high < 0 ? 0 : high > 15 ? 15 : high;
    data[index >>> 1] = low | (high << 4);
  }
}

/** Which step the largest number becomes, when looking for a scale; the range is -8 to 7. */
const candidates = [-8, -7.4, -6.8, -8.6, 7, 7.5];

function bestScale(values: Float32Array, start: number, size: number): number {
  const extreme = largest(values, start, size);
  if (extreme === 0) return 0;
  let best = extreme / -8;
  let least = Number.POSITIVE_INFINITY;
  for (let index = 0; index < candidates.length; index++) {
    const scale = extreme / (candidates[index] ?? -8);
    const error = squaredError(values, start, size, scale);
    if (error < least) {
      least = error;
      best = scale;
    }
  }
  return best;
}

function squaredError(values: Float32Array, start: number, size: number, scale: number): number {
  const inverse = 1 / scale;
  let sum = 0;
  for (let index = start; index < start + size; index++) {
    const exact = (values[index] ?? 0) * inverse + 8;
    let step = (exact + 0.5) | 0;
    step = step < 0 ? 0 : step > 15 ? 15 : step;
    const error = exact - step;
    sum += error * error;
  }
  return sum * scale * scale;
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

function representable(scale: number): number {
  const half = fromHalf(toHalf(scale));
  return Number.isFinite(half) ? half : Math.sign(scale) * 65504;
}

/** GGUF's blocks that can be taken over: 32 numbers around zero and one binary16 scale. */
export type TakenOver = 'Q4_0' | 'Q8_0';

/** Whether blocks of `type` lose nothing in `bits` bits. */
export function canRepack(type: string, bits: 4 | 8): type is TakenOver {
  return type === 'Q4_0' || (type === 'Q8_0' && bits === 8);
}

/**
 * Takes over GGUF's blocks, whose numbers are the same. Q4_0 holds the first half of a block in the lower nibbles,
 * `MatMulNBits` every other number.
 */
export function repackBlocks(raw: Uint8Array, type: TakenOver, bits: 4 | 8): QuantizedBlocks {
  const bytes = type === 'Q4_0' ? 16 : 32;
  const blocks = raw.length / (bytes + 2);
  const data = new Uint8Array(blocks * 4 * bits);
  const scales = new Float32Array(blocks);
  for (let block = 0; block < blocks; block++) {
    const from = block * (bytes + 2);
    const to = block * 4 * bits;
    scales[block] = halfAt(raw, from);
    if (type === 'Q8_0') {
      for (let index = 0; index < 32; index++) data[to + index] = (raw[from + 2 + index] ?? 0) ^ 0x80;
    } else if (bits === 8) {
      for (let index = 0; index < 32; index++) data[to + index] = nibble(raw, from + 2, index) + 120;
    } else {
      takeHalves(raw, from + 2, data, to);
    }
  }
  return { data, scales };
}

/** Takes over 32 numbers of 4 bits, of which the first half is in the lower nibbles of the 16 bytes at `from`. */
export function takeHalves(raw: Uint8Array, from: number, data: Uint8Array, to: number): void {
  for (let index = 0; index < 16; index++) {
    data[to + index] = nibble(raw, from, 2 * index) | (nibble(raw, from, 2 * index + 1) << 4);
  }
}

function nibble(raw: Uint8Array, start: number, index: number): number {
  const byte = raw[start + (index % 16)] ?? 0;
  return index < 16 ? byte & 15 : byte >>> 4;
}
