import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { lineEndOf, splitLines } from '../../shared/edits/lines.ts';
import { anyText } from './arbitraries.ts';

const ends = ['\n', '\r\n', '\r'] as const;

describe('lineEndOf', () => {
  test('what ends all lines is what ends one', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('', 'a', ' b'), { minLength: 1 }),
        fc.constantFrom(...ends),
        (lines, end) => {
          expect(lineEndOf(lines.map((line) => line + end).join(''))).toBe(end);
        },
      ),
    );
  });

  test('one stray line end changes nothing', () => {
    const lines = fc.array(fc.constantFrom('', 'a', ' b'), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(lines, fc.nat(), fc.constantFrom('\n', '\r\n'), fc.constantFrom(...ends), (lines, at, end, stray) => {
        // Each line has something in it, or a stray `\r` would become a `\r\n` with what follows.
        const text = lines.map((line, i) => `x${line}${i === at % lines.length ? stray : end}`).join('');
        expect(lineEndOf(text)).toBe(end);
      }),
    );
  });

  test('a lone \\r ends lines only where there is no \\n', () => {
    expect(lineEndOf('a\rb\rc')).toBe('\r');
    expect(lineEndOf('a\rb\rc\n')).toBe('\n');
    expect(lineEndOf('a\rb\rc\r\n')).toBe('\r\n');
  });

  test('\\n where there is nothing to go by, or as much of the one as of the other', () => {
    expect(lineEndOf('')).toBe('\n');
    expect(lineEndOf('a')).toBe('\n');
    expect(lineEndOf('a\r\nb\n')).toBe('\n');
  });

  test('it is an end that the text has, and no other that counts is more frequent', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const count = (end: string) =>
          splitLines(text).filter((line) => /(?:\r\n|\n|\r)$/.exec(line)?.[0] === end).length;
        const end = lineEndOf(text);
        if (/[\r\n]/.test(text)) expect(count(end)).toBeGreaterThan(0);
        for (const other of ['\n', '\r\n']) expect(count(end) >= count(other) || end === '\r').toBe(true);
        if (end === '\r') expect(text).not.toContain('\n');
      }),
    );
  });
});
