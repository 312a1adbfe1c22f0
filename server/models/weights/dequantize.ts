import { halfFloatValues } from '../float16.ts';
import type { StoredType } from '../weightSource.ts';
import { blockLayouts } from './storedTypes.ts';

/**
 * Stored numbers as float32. `bytes` are whole blocks, in little-endian order. Each number is the float32 nearest to the
 * exact value of ggml's definition (`dequantize_row_*`), which is what float32 arithmetic gives there too: scales times
 * quants fit a float32 exactly, so only a minimum's subtraction rounds.
 */
export function dequantize(type: StoredType, bytes: Uint8Array): Float32Array {
  const layout = blockLayouts[type];
  const values = new Float32Array((bytes.length / layout.bytes) * layout.numbers);
  decoders[type](bytes, values, halfFloatValues());
  return values;
}

type Decode = (bytes: Uint8Array, values: Float32Array, half: Float32Array) => void;

const decoders: Readonly<Record<StoredType, Decode>> = {
  F32: (bytes, values) => new Uint8Array(values.buffer).set(bytes),
  F16: decodeF16,
  BF16: decodeBF16,
  F8_E4M3: decodeF8,
  Q4_0: decodeQ4_0,
  Q4_1: decodeQ4_1,
  Q5_0: decodeQ5_0,
  Q5_1: decodeQ5_1,
  Q8_0: decodeQ8_0,
  Q4_K: decodeQ4_K,
  Q5_K: decodeQ5_K,
  Q6_K: decodeQ6_K,
};

// What noUncheckedIndexedAccess asks for is spelled `as number`: the loops run within whole blocks.

function halfAt(bytes: Uint8Array, at: number, half: Float32Array): number {
  return half[(bytes[at] as number) | ((bytes[at + 1] as number) << 8)] as number;
}

function decodeF16(bytes: Uint8Array, values: Float32Array, half: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = halfAt(bytes, 2 * i, half);
}

function decodeBF16(bytes: Uint8Array, values: Float32Array): void {
  const bits = new Uint32Array(values.buffer);
  for (let i = 0; i < bits.length; i++) {
    bits[i] = ((bytes[2 * i] as number) << 16) | ((bytes[2 * i + 1] as number) << 24);
  }
}

/** A sign, four bits of exponent (bias 7), three of mantissa; all ones but the sign are no number (OCP 8-bit floating point, E4M3). */
const eightBits = Float32Array.from({ length: 256 }, (_, byte) => {
  const [sign, exponent, mantissa] = [byte & 0x80 ? -1 : 1, (byte >> 3) & 15, byte & 7];
  if ((byte & 0x7f) === 0x7f) return Number.NaN;
  return sign * (exponent === 0 ? mantissa * 2 ** -9 : (8 + mantissa) * 2 ** (exponent - 10));
});

function decodeF8(bytes: Uint8Array, values: Float32Array): void {
  for (let i = 0; i < values.length; i++) values[i] = eightBits[bytes[i] as number] as number;
}

function decodeQ8_0(bytes: Uint8Array, values: Float32Array, half: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 34, out += 32) {
    const scale = halfAt(bytes, at, half);
    for (let i = 0; i < 32; i++) values[out + i] = scale * (((bytes[at + 2 + i] as number) << 24) >> 24);
  }
}

function decodeQ4_0(bytes: Uint8Array, values: Float32Array, half: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 18, out += 32) {
    const scale = halfAt(bytes, at, half);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 2 + i] as number;
      values[out + i] = scale * ((pair & 15) - 8);
      values[out + 16 + i] = scale * ((pair >> 4) - 8);
    }
  }
}

function decodeQ4_1(bytes: Uint8Array, values: Float32Array, half: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 20, out += 32) {
    const scale = halfAt(bytes, at, half);
    const minimum = halfAt(bytes, at + 2, half);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 4 + i] as number;
      values[out + i] = scale * (pair & 15) + minimum;
      values[out + 16 + i] = scale * (pair >> 4) + minimum;
    }
  }
}

/** The fifth bits of a `Q5_0` or `Q5_1` block: bit i is that of number i. */
function fifthBits(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)
  );
}

function decodeQ5_0(bytes: Uint8Array, values: Float32Array, half: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 22, out += 32) {
    const scale = halfAt(bytes, at, half);
    const high = fifthBits(bytes, at + 2);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 6 + i] as number;
      values[out + i] = scale * (((pair & 15) | (((high >>> i) & 1) << 4)) - 16);
      values[out + 16 + i] = scale * (((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) - 16);
    }
  }
}

function decodeQ5_1(bytes: Uint8Array, values: Float32Array, half: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 24, out += 32) {
    const scale = halfAt(bytes, at, half);
    const minimum = halfAt(bytes, at + 2, half);
    const high = fifthBits(bytes, at + 4);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[at + 8 + i] as number;
      values[out + i] = scale * ((pair & 15) | (((high >>> i) & 1) << 4)) + minimum;
      values[out + 16 + i] = scale * ((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) + minimum;
    }
  }
}

/** Scale `j` of the eight 6-bit scales that the 12 bytes at `at` pack (ggml's `get_scale_min_k4`). */
function scaleOfK(bytes: Uint8Array, at: number, j: number): number {
  if (j < 4) return (bytes[at + j] as number) & 63;
  return ((bytes[at + j + 4] as number) & 15) | (((bytes[at + j - 4] as number) >> 6) << 4);
}

/** Minimum `j` of the same eight. */
function minimumOfK(bytes: Uint8Array, at: number, j: number): number {
  if (j < 4) return (bytes[at + j + 4] as number) & 63;
  return ((bytes[at + j + 4] as number) >> 4) | (((bytes[at + j] as number) >> 6) << 4);
}

/** Scales and minima of the eight groups of 32 numbers in the Q4_K or Q5_K block at `at`, which begin alike. */
function readScalesOfK(
  bytes: Uint8Array,
  at: number,
  half: Float32Array,
  scales: Float64Array,
  minima: Float64Array,
): void {
  const scale = halfAt(bytes, at, half);
  const minimum = halfAt(bytes, at + 2, half);
  for (let group = 0; group < 8; group++) {
    scales[group] = scale * scaleOfK(bytes, at + 4, group);
    minima[group] = minimum * minimumOfK(bytes, at + 4, group);
  }
}

/** The eight groups of 32 numbers of the `Q4_K` block at `at`: each number is scale · its four bits − minimum. */
export function groupScalesOfK(bytes: Uint8Array, at: number): { readonly scale: number; readonly minimum: number }[] {
  const [scales, minima] = [new Float64Array(8), new Float64Array(8)];
  readScalesOfK(bytes, at, halfFloatValues(), scales, minima);
  return Array.from(scales, (scale, group) => ({ scale, minimum: minima[group] as number }));
}

function decodeQ4_K(bytes: Uint8Array, values: Float32Array, half: Float32Array): void {
  const [scales, minima] = [new Float64Array(8), new Float64Array(8)];
  for (let at = 0, out = 0; at < bytes.length; at += 144, out += 256) {
    readScalesOfK(bytes, at, half, scales, minima);
    for (let group = 0; group < 4; group++) {
      const [lowScale, lowMinimum] = [scales[2 * group] as number, minima[2 * group] as number];
      const [highScale, highMinimum] = [scales[2 * group + 1] as number, minima[2 * group + 1] as number];
      const quants = at + 16 + 32 * group;
      const low = out + 64 * group;
      for (let i = 0; i < 32; i++) {
        const pair = bytes[quants + i] as number;
        values[low + i] = lowScale * (pair & 15) - lowMinimum;
        values[low + 32 + i] = highScale * (pair >> 4) - highMinimum;
      }
    }
  }
}

function decodeQ5_K(bytes: Uint8Array, values: Float32Array, half: Float32Array): void {
  const [scales, minima] = [new Float64Array(8), new Float64Array(8)];
  for (let at = 0, out = 0; at < bytes.length; at += 176, out += 256) {
    readScalesOfK(bytes, at, half, scales, minima);
    for (let group = 0; group < 4; group++) {
      const [lowScale, lowMinimum] = [scales[2 * group] as number, minima[2 * group] as number];
      const [highScale, highMinimum] = [scales[2 * group + 1] as number, minima[2 * group + 1] as number];
      const quants = at + 48 + 32 * group;
      const low = out + 64 * group;
      for (let i = 0; i < 32; i++) {
        const pair = bytes[quants + i] as number;
        const high = (bytes[at + 16 + i] as number) >> (2 * group);
        values[low + i] = lowScale * ((pair & 15) | ((high & 1) << 4)) - lowMinimum;
        values[low + 32 + i] = highScale * ((pair >> 4) | ((high & 2) << 3)) - highMinimum;
      }
    }
  }
}

function decodeQ6_K(bytes: Uint8Array, values: Float32Array, half: Float32Array): void {
  for (let at = 0, out = 0; at < bytes.length; at += 210, out += 256) {
    const scale = halfAt(bytes, at + 208, half);
    for (let eighth = 0; eighth < 8; eighth++) {
      // Four runs of 32 numbers share 64 low bytes and 32 bytes of upper bit pairs.
      const run = eighth & 3;
      const side = eighth >> 2;
      const low = at + 64 * side + 32 * (run & 1);
      const high = at + 128 + 32 * side;
      const lowShift = run < 2 ? 0 : 4;
      const highShift = 2 * run;
      for (let half16 = 0; half16 < 2; half16++) {
        const scaled = scale * (((bytes[at + 192 + 2 * eighth + half16] as number) << 24) >> 24);
        const start = 16 * half16;
        const target = out + 32 * eighth;
        for (let i = start; i < start + 16; i++) {
          const bits =
            (((bytes[low + i] as number) >> lowShift) & 15) | ((((bytes[high + i] as number) >> highShift) & 3) << 4);
          values[target + i] = scaled * (bits - 32);
        }
      }
    }
  }
}
