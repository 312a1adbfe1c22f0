import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interrupted, random, whileTyping } from '../../scripts/ranker/augment.ts';
import type { NextEditCase, RemainingHunk } from '../../server/eval/cases.ts';

const before = ['function area(width, height) {', '  return width * height + 12;', '}', '', 'area(1, 2);'].join('\n');
const example: NextEditCase = {
  id: 'rename',
  lang: 'typescript',
  path: 'area.ts',
  history: [before],
  current: before.replace('area(width', 'area(breadth'),
  cursor: 21,
  remaining: [{ start: 1, end: 2, lines: ['  return breadth * height + 12;'] }],
};

function applied(text: string, { start, end, lines }: RemainingHunk): string {
  return text
    .split('\n')
    .toSpliced(start, end - start, ...lines)
    .join('\n');
}

describe('whileTyping', () => {
  it('stops before the last change is done, and takes each later moment for right', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const typed = whileTyping(example, random(seed));
        if (!typed) throw new Error('there is something to type');
        expect(typed.history).toEqual(example.history);
        expect(typed.current).not.toBe(example.current);
        const [head] = typed.current.split('\n');
        expect(head).toMatch(/^function area\(.*, height\) \{$/);
        expect(typed.current.slice(0, typed.cursor)).toMatch(/^function area\((b?r?e?a?d?t?h?|w?i?d?t?h?)$/);
        const ends = typed.remaining.map((hunk) => applied(typed.current, hunk));
        expect(ends.at(-1)).toBe(example.current);
        expect(ends).not.toContain(typed.current);
      }),
    );
  });

  it('types new lines, too, and plays nothing where nothing was typed', () => {
    const current = before.replace('\narea(1', '\narea(3, 4);\narea(1');
    const typed = whileTyping({ ...example, current, remaining: [] }, random(3));
    expect(typed?.remaining.map((hunk) => applied(typed.current, hunk)).at(-1)).toBe(current);
    expect(whileTyping({ ...example, history: [] }, random(1))).toBeUndefined();
    expect(whileTyping({ ...example, current: before.replace('12;', '12') }, random(1))).toBeUndefined();
  });
});

describe('interrupted', () => {
  it('edits something else last, after which the same is still to come', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const late = interrupted(example, random(seed));
        if (!late) throw new Error('there is a line to edit');
        expect(late.history).toEqual([...example.history, example.current]);
        expect(late.current).not.toBe(example.current);
        const [hunk] = late.remaining;
        if (!hunk) throw new Error('something remains');
        expect(late.current.split('\n')[hunk.start]).toBe('  return width * height + 12;');
        expect(applied(late.current, hunk)).toContain('  return breadth * height + 12;');
        expect(late.cursor).toBeLessThanOrEqual(late.current.length);
      }),
    );
  });

  it('leaves alone a text in which every line is about to change', () => {
    const current = 'one\ntwo';
    const remaining = [{ start: 0, end: 2, lines: ['1', '2'] }];
    expect(interrupted({ ...example, current, remaining }, random(1))).toBeUndefined();
  });
});
