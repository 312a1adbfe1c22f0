import fc from 'fast-check';
import { expect, it } from 'vitest';
import { medianRatio, quartiles } from './statistics.ts';

it('gives quartiles, interpolated', () => {
  expect(quartiles([4, 1, 3, 2, 5])).toEqual({ q1: 2, median: 3, q3: 4 });
  expect(quartiles([1, 2])).toEqual({ q1: 1.25, median: 1.5, q3: 1.75 });
  expect(quartiles([7])).toEqual({ q1: 7, median: 7, q3: 7 });
  expect(quartiles([])).toBeUndefined();
});

it('has half of the values on either side of the median', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }), (values) => {
      const { q1, median, q3 } = quartiles(values) ?? { q1: 1, median: 0, q3: 0 };
      expect(q1).toBeLessThanOrEqual(median);
      expect(median).toBeLessThanOrEqual(q3);
      expect(values.filter((value) => value < median).length).toBeLessThanOrEqual(values.length / 2);
      expect(values.filter((value) => value > median).length).toBeLessThanOrEqual(values.length / 2);
    }),
  );
});

it('compares pair by pair', () => {
  expect(
    medianRatio([
      [1, 2],
      [10, 30],
      [100, 400],
    ]),
  ).toBe(3);
  expect(medianRatio([[0, 5]])).toBeUndefined();
});
