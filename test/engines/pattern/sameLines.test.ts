import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sameLines } from '../../../server/engines/pattern/sameLines.ts';

const text = fc.array(fc.constantFrom('', '}', 'a', 'b', 'c = 1', 'd(e)'), { maxLength: 60 });

describe('sameLines', () => {
  it('names only lines that are equal', () => {
    fc.assert(
      fc.property(text, text, (lines, earlier) => {
        const same = sameLines(lines, earlier);
        expect(same).toHaveLength(lines.length);
        same.forEach((at, line) => {
          if (at >= 0) expect(earlier[at]).toBe(lines[line]);
        });
      }),
    );
  });

  it('finds the lines above, below and between edits', () => {
    const earlier = Array.from({ length: 60 }, (_, i) => `line ${i}`);
    const lines = earlier.with(10, 'changed').toSpliced(20, 3).toSpliced(40, 0, 'put', 'in').with(50, 'too');
    const wanted = lines.map((line) => earlier.indexOf(line));
    expect([...sameLines(lines, earlier)]).toEqual(wanted);
  });

  it('finds nothing in an empty text', () => {
    expect([...sameLines(['a'], [])]).toEqual([-1]);
    expect([...sameLines([], ['a'])]).toEqual([]);
  });
});
