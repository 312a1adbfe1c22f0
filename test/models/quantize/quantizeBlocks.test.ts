import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHalf, toHalf } from '../../../server/models/float16.ts';
import { quantizeBlocks, repackBlocks } from '../../../server/models/quantize/quantizeBlocks.ts';

describe('binary16', () => {
  test('every number it has comes back', () => {
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = fromHalf(bits);
      if (Number.isNaN(value)) expect(fromHalf(toHalf(value))).toBeNaN();
      else expect(toHalf(value)).toBe(bits);
    }
  });

  test('others become the nearest, of two the even one', () => {
    fc.assert(
      fc.property(fc.float({ min: Math.fround(-65519), max: Math.fround(65519), noNaN: true }), (value) => {
        const bits = toHalf(value);
        const error = Math.abs(fromHalf(bits) - value);
        const neighbours = [bits + 1, bits - 1].filter((next) => (next & 0x7fff) <= 0x7bff && next >= 0);
        for (const next of neighbours.filter((other) => (other & 0x8000) === (bits & 0x8000))) {
          const other = Math.abs(fromHalf(next) - value);
          expect(error).toBeLessThanOrEqual(other);
          if (error === other) expect(bits & 1).toBe(0);
        }
      }),
    );
    expect(toHalf(65520)).toBe(0x7c00);
    expect(toHalf(-1e9)).toBe(0xfc00);
  });
});

/** What `MatMulNBits` makes of blocks: scale × (number − half the range). */
function dequantize({ data, scales }: ReturnType<typeof quantizeBlocks>, bits: 4 | 8, blockSize: number): number[] {
  const numbers = bits === 8 ? [...data] : [...data].flatMap((byte) => [byte & 15, byte >>> 4]);
  return numbers.map((number, index) => (number - 2 ** (bits - 1)) * (scales[Math.floor(index / blockSize)] ?? 0) + 0);
}

describe('quantizeBlocks', () => {
  const block = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 32, maxLength: 32 });

  test.each([4, 8] as const)('no number of %s bits is farther off than a step', (bits) => {
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 3 }), (blocks) => {
        const values = Float32Array.from(blocks.flat());
        const quantized = quantizeBlocks(values, bits, 32);
        dequantize(quantized, bits, 32).forEach((value, index) => {
          const step = Math.abs(quantized.scales[Math.floor(index / 32)] ?? 0);
          // One end of the range is a step short of the other; very small scales are as coarse as binary16 is there.
          expect(Math.abs(value - (values[index] ?? 0))).toBeLessThanOrEqual(step * 1.51 + 1e-5);
        });
      }),
    );
  });

  test.each([4, 8] as const)('zeros stay zero, and what blocks of %s bits hold is kept', (bits) => {
    expect(dequantize(quantizeBlocks(new Float32Array(32), bits, 32), bits, 32)).toEqual(new Array(32).fill(0));
    const lowest = -(2 ** (bits - 1));
    const values = Float32Array.from({ length: 32 }, (_, index) => (index === 0 ? lowest : (index % 15) - 7) * 0.25);
    expect(dequantize(quantizeBlocks(values, bits, 32), bits, 32)).toEqual([...values]);
  });
});

describe('repackBlocks', () => {
  const raw = (bytes: number) =>
    fc
      .tuple(fc.integer({ min: 0, max: 0x7bff }), fc.uint8Array({ minLength: bytes, maxLength: bytes }))
      .map(([scale, rest]) => ({
        scale: fromHalf(scale),
        bytes: Uint8Array.from([scale & 255, scale >>> 8, ...rest]),
        rest,
      }));

  test('Q8_0 keeps every number', () => {
    fc.assert(
      fc.property(raw(32), ({ scale, bytes, rest }) => {
        const signed = [...Int8Array.from(rest)];
        expect(dequantize(repackBlocks(bytes, 'Q8_0', 8), 8, 32)).toEqual(signed.map((number) => number * scale + 0));
      }),
    );
  });

  test.each([4, 8] as const)('Q4_0 keeps every number in %s bits, in the order of the row', (bits) => {
    fc.assert(
      fc.property(raw(16), ({ scale, bytes, rest }) => {
        const row = [...[...rest].map((byte) => byte & 15), ...[...rest].map((byte) => byte >>> 4)];
        expect(dequantize(repackBlocks(bytes, 'Q4_0', bits), bits, 32)).toEqual(
          row.map((number) => (number - 8) * scale + 0),
        );
      }),
    );
  });
});
