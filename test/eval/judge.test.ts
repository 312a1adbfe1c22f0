import { describe, expect, it } from 'vitest';
import { matchesRemaining, sameLinesMade } from '../../server/eval/judge.ts';

const lines = ['a', 'b', 'b', 'c', '', 'd'];

describe('judging a predicted hunk', () => {
  it('takes the same lines replaced by the same text', () => {
    const hunk = { start: 1, end: 2, lines: ['x', 'y'] };
    expect(matchesRemaining(lines, hunk, [{ start: 0, end: 1, lines: ['z'] }, hunk])).toBe(true);
    expect(matchesRemaining(lines, { ...hunk, lines: ['x'] }, [hunk])).toBe(false);
    expect(matchesRemaining(lines, { ...hunk, end: 3 }, [hunk])).toBe(false);
    expect(matchesRemaining(lines, { start: 3, end: 4, lines: ['x', 'y'] }, [hunk])).toBe(false);
  });

  it('sets white space at the ends of the hunk aside, but none inside', () => {
    const hunk = { start: 1, end: 1, lines: ['', '  x', '    y', ''] };
    expect(sameLinesMade(lines, { start: 1, end: 1, lines: ['x', '    y'] }, hunk)).toBe(true);
    expect(sameLinesMade(lines, { start: 1, end: 1, lines: ['x', 'y'] }, hunk)).toBe(false);
  });

  it('ignores unchanged lines that one of the two includes', () => {
    expect(
      sameLinesMade(lines, { start: 0, end: 4, lines: ['a', 'x', 'b', 'c'] }, { start: 1, end: 2, lines: ['x'] }),
    ).toBe(true);
  });

  it('takes a repeated line deleted or inserted at any of its places', () => {
    expect(sameLinesMade(lines, { start: 1, end: 2, lines: [] }, { start: 2, end: 3, lines: [] })).toBe(true);
    expect(sameLinesMade(lines, { start: 1, end: 1, lines: ['b'] }, { start: 3, end: 3, lines: ['b'] })).toBe(true);
    expect(sameLinesMade(lines, { start: 1, end: 1, lines: ['b'] }, { start: 4, end: 4, lines: ['b'] })).toBe(false);
  });

  it('takes an inserted block that begins as what follows it ends', () => {
    // } … {}  after the block, or before it: the text is the same.
    const code = ['f {', '}', '', 'g {', '}'];
    const below = { start: 2, end: 2, lines: ['', 'h {', '}'] };
    const above = { start: 1, end: 1, lines: ['}', '', 'h {'] };
    expect(sameLinesMade(code, below, above)).toBe(true);
  });
});
