import { describe, expect, it } from 'vitest';
import { boundedMatch, isSimple } from '../../server/history/boundedMatch.ts';

describe('boundedMatch', () => {
  it('gives what the match gives, with a limit or without', () => {
    expect([boundedMatch(true, () => 'a'), boundedMatch(false, () => 'b')]).toEqual(['a', 'b']);
  });

  it('gives up a match that goes on and on', () => {
    const match = () => {
      for (;;);
    };
    expect(boundedMatch(false, match)).toBeUndefined();
  });

  it('tries again where other programs left it no time', () => {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    let tries = 0;
    const match = () => {
      // Waits without computing anything, as a process does that gets no processor.
      if (++tries <= 3) Atomics.wait(cell, 0, 0);
      return 'found';
    };
    expect(boundedMatch(false, match)).toBe('found');
  });

  it('hands on an error of the match', () => {
    const match = () => {
      throw new RangeError('mine');
    };
    expect(() => boundedMatch(false, match)).toThrow(RangeError);
  });
});

it('isSimple: a pattern of few wildcards', () => {
  expect(isSimple('*.log\n**/build/*\n')).toBe(true);
  expect(isSimple('*.log\n**/a/**/*\n')).toBe(false);
});
