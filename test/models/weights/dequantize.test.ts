import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StoredType } from '../../../server/models/weightSource.ts';
import { dequantize } from '../../../server/models/weights/dequantize.ts';

/**
 * Blocks of random bits with scales of all magnitudes, subnormal, infinite and NaN, and what gguf-py 0.19's
 * `dequantize` (numpy) makes of them. Base64; little-endian float32.
 */
const vectors: Record<string, { blocks: string; values: string }> = JSON.parse(
  readFileSync(new URL('./blocks.json', import.meta.url), 'utf8'),
);

describe('dequantize', () => {
  for (const [type, { blocks, values }] of Object.entries(vectors)) {
    test(`${type} is bit for bit what gguf-py makes of it`, () => {
      const decoded = dequantize(type as StoredType, Buffer.from(blocks, 'base64'));
      const bytes = new Uint8Array(Buffer.from(values, 'base64'));
      const expected = new Float32Array(bytes.buffer);
      expect(decoded.length).toBe(expected.length);
      expect(expected.length).toBeGreaterThan(10);
      // Object.is tells 0 from -0, and takes every NaN for the same.
      expect(Array.from(decoded).findIndex((value, i) => !Object.is(value, expected[i]))).toBe(-1);
    });
  }

  test('float32 comes back as it was, whatever the alignment of its bytes', () => {
    fc.assert(
      fc.property(fc.float32Array({ noNaN: true }), fc.integer({ min: 0, max: 3 }), (numbers, shift) => {
        const bytes = new Uint8Array(numbers.length * 4 + shift);
        bytes.set(new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength), shift);
        expect(dequantize('F32', bytes.subarray(shift))).toEqual(new Float32Array(numbers));
      }),
    );
  });
});
