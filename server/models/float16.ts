/** IEEE 754 binary16 bits of the nearest half-precision number, ties to even. */
export function toHalf(value: number): number {
  scratch[0] = value;
  const bits = scratchBits[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude >= 0x7f800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  // 65520 is the smallest number that rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) {
    // Subnormal: adding 0.5 lets the float32 unit round at binary16's last place.
    scratchBits[0] = magnitude;
    scratch[0] = (scratch[0] ?? 0) + 0.5;
    return sign | ((scratchBits[0] ?? 0) - 0x3f000000);
  }
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}

/** The number that binary16 bits represent. */
export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** The number whose binary16 bits lie at `at`, little-endian. */
export function halfAt(bytes: Uint8Array, at: number): number {
  return fromHalf((bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8));
}

const scratch = new Float32Array(1);
const scratchBits = new Uint32Array(scratch.buffer);

let table: Float32Array | undefined;

/** `fromHalf` of all 65,536 patterns, for reading many. */
export function halfFloatValues(): Float32Array {
  table ??= Float32Array.from({ length: 0x10000 }, (_, bits) => fromHalf(bits));
  return table;
}
