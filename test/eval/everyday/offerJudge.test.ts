import { describe, expect, test } from 'vitest';
import { Judge } from '../../../server/eval/everyday/offerJudge.ts';

const site = (after: string, what: string, alts: string[], nth = 0, optional = false) => {
  let start = -1;
  for (let i = 0; i <= nth; i++) start = after.indexOf(what, start + 1);
  return { start, end: start + what.length, alts, optional };
};

const after = 'let size = 1;\nuse(n, n);\nkeep(other);\nshow(n);\n';
const judge = new Judge({
  after,
  sites: [
    site(after, '(n', ['(size']),
    site(after, ' n', [' size']),
    site(after, 'other', ['others'], 0, true),
    site(after, 'show(n)', ['show(size)', 'show({ size })']),
  ].sort((a, b) => a.start - b.start),
});
const [use, show] = [after.replace('use(n, n)', 'use(size, size)'), after.replace('show(n)', 'show(size)')];

describe('the verdict on an offer', () => {
  test('a site done as wanted is right, in any of the ways and whatever stands at the ends of lines', () => {
    expect(judge.verdict(after, show)).toBe('right');
    expect(judge.verdict(after, after.replace('show(n)', 'show({ size })'))).toBe('right');
    expect(judge.verdict(after, `${show.replace('other);\n', 'other); \t\n')}`)).toBe('right');
    expect(judge.verdict(after, after.replace('other', 'others'))).toBe('right');
    expect(judge.verdict(use, use.replace('show(n)', 'show(size)'))).toBe('right');
  });

  test('anything else is wrong, also beside what is right, and so is undoing', () => {
    expect(judge.verdict(after, after.replace('show(n)', 'show(m)'))).toBe('wrong');
    expect(judge.verdict(after, `${show}\n`)).toBe('wrong');
    expect(judge.verdict(show, after)).toBe('wrong');
    expect(judge.verdict(show, show.replace('show(size)', 'show({ size })'))).toBe('wrong');
    expect(judge.verdict(after, after)).toBe('none');
  });

  test('half of the like edits of a line is partial', () => {
    const like = 'f(n, n)\n';
    const both = new Judge({ after: like, sites: [site(like, 'n', ['m']), site(like, 'n', ['m'], 1)] });
    expect(both.verdict(like, 'f(m, n)\n')).toBe('partial');
    expect(both.verdict(like, 'f(m, m)\n')).toBe('right');
    // Edits of different names on a line are edits of their own.
    expect(judge.verdict(after, after.replace('use(n, n)', 'use(size, n)'))).toBe('right');
  });

  test('the change is complete with all sites but the optional ones', () => {
    expect(judge.isComplete(show)).toBe(false);
    expect(judge.isComplete(use.replace('show(n)', 'show(size)'))).toBe(true);
    expect(judge.count(use)).toEqual({ done: 2, required: 3 });
    expect(judge.count(`${use}more`)).toEqual({ done: 0, required: 3 });
  });
});

describe('what an offer passes by', () => {
  test('required sites on the way from the cursor', () => {
    expect(judge.passedBy(after, show, 4)).toBe(2);
    expect(judge.passedBy(after, use, 4)).toBe(0);
    expect(judge.passedBy(use, use.replace('show(n)', 'show(size)'), 4)).toBe(0);
    // The optional one does not count, and neither does what lies above.
    expect(judge.passedBy(after, show, after.indexOf('keep'))).toBe(0);
    expect(judge.passedBy(after, use, after.length)).toBe(1);
  });
});
