import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NextEditCase } from '../../server/eval/cases.ts';
import { nextText, survivalOf } from '../../server/eval/survival.ts';

const example = (changes: Partial<NextEditCase>): NextEditCase => ({
  id: '',
  lang: 'python',
  path: 'a.py',
  history: ['old(1)\nold(2)\nold(3)'],
  current: 'new(1)\nold(2)\nold(3)',
  cursor: 3,
  remaining: [
    { start: 1, end: 2, lines: ['new(2)'] },
    { start: 2, end: 3, lines: ['new(3)'] },
  ],
  ...changes,
});

describe('what becomes of a prediction', () => {
  it.each([
    ['all of it stays', { start: 1, end: 2, lines: ['new(2)'] }, { kept: 1, reversed: false }],
    ['both ways of it stay', { start: 1, end: 3, lines: ['new(2)', 'new(3)'] }, { kept: 1, reversed: false }],
    ['white space does not count', { start: 1, end: 2, lines: ['  new( 2 )'] }, { kept: 1, reversed: false }],
    // `old` goes and `new` comes, as they do; `7` comes and `2` goes, which they do not.
    ['half of it stays', { start: 1, end: 2, lines: ['new(7)'] }, { kept: 0.5, reversed: false }],
    ['none of it stays', { start: 3, end: 3, lines: ['x = 1'] }, { kept: 0, reversed: false }],
    ['it takes back', { start: 0, end: 1, lines: ['old(1)'] }, { kept: 0, reversed: true }],
    ['it takes back and does more', { start: 0, end: 1, lines: ['old(9)'] }, { kept: 0, reversed: false }],
    ['it only changes layout', { start: 1, end: 2, lines: ['old( 2 )'] }, { kept: 0, reversed: false }],
  ])('%s', (_, edit, expected) => {
    expect(survivalOf(example({}), edit)).toEqual(expected);
  });

  it('counts what is taken out where that is gone afterwards', () => {
    const one = example({ current: 'alpha\nbeta\ngamma', remaining: [{ start: 1, end: 2, lines: [] }] });
    expect(survivalOf(one, { start: 1, end: 2, lines: [] }).kept).toBe(1);
    expect(survivalOf(one, { start: 2, end: 3, lines: [] }).kept).toBe(0);
  });

  it('sees that an older snapshot comes back', () => {
    const one = example({ history: ['a\nb', 'a', 'a\nc'], current: 'a\nd' });
    expect(survivalOf(one, { start: 1, end: 2, lines: ['b'] }).reversed).toBe(true);
    expect(survivalOf(one, { start: 1, end: 2, lines: [] }).reversed).toBe(true);
    expect(survivalOf(one, { start: 1, end: 2, lines: ['e'] }).reversed).toBe(false);
  });

  it('takes the longest of the ways of going on', () => {
    const remaining = [
      { start: 1, end: 2, lines: ['X'] },
      { start: 1, end: 3, lines: ['X', 'Y'] },
      { start: 2, end: 3, lines: ['Y'] },
    ];
    expect(nextText({ ...example({}), remaining })).toBe('new(1)\nX\nY');
  });

  const line = fc.constantFrom('a b', 'c(d)', 'e = f', '', 'x.y');
  const text = fc.array(line, { minLength: 1, maxLength: 6 });
  it('keeps all of what was done whole, and is a share', () => {
    fc.assert(
      fc.property(text, text, fc.nat(6), fc.nat(6), text, (current, next, from, length, lines) => {
        const start = Math.min(from, current.length);
        const edit = { start, end: Math.min(current.length, start + length), lines };
        const whole = { start: 0, end: current.length, lines: next };
        const one = example({ current: current.join('\n'), history: [], remaining: [whole] });
        const { kept } = survivalOf(one, edit);
        expect(kept).toBeGreaterThanOrEqual(0);
        expect(kept).toBeLessThanOrEqual(1);
        const same = current.join('').replaceAll(/\s/g, '') === next.join('').replaceAll(/\s/g, '');
        if (!same) expect(survivalOf(one, whole).kept).toBe(1);
      }),
    );
  });
});
