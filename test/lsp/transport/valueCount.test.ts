import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ValueCount } from '../../../server/lsp/transport/valueCount.ts';

/** Objects, arrays, and the commas between members. */
function countOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const members = Object.values(value);
  return 1 + Math.max(0, members.length - 1) + members.reduce((sum, member) => sum + countOf(member), 0);
}

it('counts objects, arrays and commas of any JSON, wherever it is cut', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.array(fc.nat()), (value, cuts) => {
      const bytes = Buffer.from(JSON.stringify(value));
      const at = [0, ...cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b), bytes.length];
      const count = new ValueCount();
      for (const [i, from] of at.slice(0, -1).entries()) count.add(bytes.subarray(from, at[i + 1]));
      expect(count.count).toBe(countOf(value));
    }),
  );
});
