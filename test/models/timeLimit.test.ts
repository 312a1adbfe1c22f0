import { describe, expect, it } from 'vitest';
import { OutOfTime, withinTime } from '../../server/models/timeLimit.ts';

describe('withinTime', () => {
  it('gives what the work gives, its errors too', () => {
    expect(withinTime(10_000, () => undefined)).toBeUndefined();
    expect(withinTime(10_000, () => withinTime(10_000, () => 7) + 1)).toBe(8);
    expect(() =>
      withinTime(10_000, () => {
        throw new RangeError('mine');
      }),
    ).toThrow(RangeError);
  });

  it('ends a loop and a pattern that backtracks without end, and works on', () => {
    const loop = () => {
      for (;;);
    };
    expect(() => withinTime(20, loop)).toThrow(OutOfTime);
    expect(() => withinTime(20, () => /^(\w+)+!$/u.test('a'.repeat(100)))).toThrow(OutOfTime);
    expect(withinTime(10_000, () => 'on')).toBe('on');
  });
});
