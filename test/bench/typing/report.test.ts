import { expect, it } from 'vitest';
import { plot } from './plot.ts';
import { groupsOf, renderGroups } from './report.ts';
import type { Measurement } from './session.ts';

function measurement(variant: string, trace: string, ms: number, more: Partial<Measurement> = {}): Measurement {
  return { variant, trace, kind: 'warm', index: 1, ms, cpu: ms / 1000, cpuInAll: ms / 500, isShown: true, ...more };
}

const measurements = [
  measurement('now', 'a', 1000, { read: 10, written: 4, runs: 2 }),
  measurement('now', 'b', 4000, { read: 20, written: 6, runs: 2, isShown: false }),
  measurement('now', 'a', 500, { index: 2, kind: 'jump' }),
  measurement('a & b', 'b', 8000),
  measurement('a & b', 'c', 1),
];
const groups = groupsOf(measurements, ['now', 'a & b']);

it('has the medians of each kind and variant, and compares the answers to the same question', () => {
  const [now, other, jump] = groups;
  expect(groups).toHaveLength(3);
  expect(now).toMatchObject({ kind: 'warm', answers: 2, shown: 1, read: 15, written: 5, runs: 2 });
  expect(now?.ms).toEqual({ q1: 1750, median: 2500, q3: 3250 });
  expect(now).not.toHaveProperty('timesAsLong');
  // Trace `c` was answered by one of them alone.
  expect(other).toMatchObject({ variant: 'a & b', timesAsLong: 2, timesTheCpu: 2 });
  expect(other).not.toHaveProperty('read');
  expect(jump).toMatchObject({ kind: 'jump', variant: 'now', answers: 1 });
});

it('is a table whose lines are of one length, with nothing where nothing is known', () => {
  const lines = renderGroups(groups).split('\n');
  expect(lines).toHaveLength(5);
  expect(new Set(lines.map(({ length }) => length)).size).toBe(1);
  expect(lines[3]).toMatch(/^\| warm +\| a & b +\| +2\/2 \| .*\| +\| +\| +\| +\|$/);
});

it('is drawn as an SVG file with a bar for each figure', () => {
  const svg = plot(groups, 'x < y');
  expect(svg.match(/<rect /g)).toHaveLength(2 * groups.length);
  expect(svg).toContain('a &amp; b');
  expect(svg).toContain('<title>x &lt; y</title>');
  expect(svg).not.toMatch(/NaN|undefined|Infinity/);
});
