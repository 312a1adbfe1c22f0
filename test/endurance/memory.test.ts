import { describe, expect, it } from 'vitest';
import { descriptorsOf, memoryOf, type Sample, trendOf } from './memory.ts';

const samples = (megabytes: (index: number) => number, pid = 1, from = 0): Sample[] =>
  Array.from({ length: 40 }, (_, index) => ({ done: (from + index) * 1_000, pid, megabytes: megabytes(index) }));
const wobble = (index: number) => ((index * 7919) % 13) - 6;

describe('trendOf', () => {
  it('is flat for memory that goes up and down', () => {
    const trend = trendOf(samples((index) => 100 + wobble(index)));
    expect(trend.isFlat).toBe(true);
    expect(Math.abs(trend.slope)).toBeLessThan(1);
  });

  it('sees a small leak under that', () => {
    const trend = trendOf(samples((index) => 100 + wobble(index) + index));
    expect(trend.isFlat).toBe(false);
    expect(trend.slope).toBeCloseTo(10, 0);
    expect(trend.last).toBeGreaterThan(trend.first + 20);
  });

  it('looks at each life of a process by itself', () => {
    const lives = [50, 100, 150].flatMap((base, life) => samples((index) => base + wobble(index), life, life * 40));
    expect(trendOf(lives).isFlat).toBe(true);
    const leaking = [100, 100].flatMap((base, life) => samples((index) => base + index, life, life * 40));
    expect(trendOf(leaking).isFlat).toBe(false);
  });
});

it.skipIf(process.platform === 'win32')('finds this very process', () => {
  expect(memoryOf(process.pid).own?.megabytes).toBeGreaterThan(10);
  if (process.platform === 'linux') expect(descriptorsOf(process.pid)).toBeGreaterThan(3);
});
