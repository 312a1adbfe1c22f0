import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, checkEdits } from '../../shared/edits/apply.ts';
import { textAndEdits } from './arbitraries.ts';
import { invertEdits } from './invertEdits.ts';

describe('applyEdits', () => {
  it('applies edits in any order, all against the same text', () => {
    const edits = [
      { start: 8, end: 11, newText: 'baz' },
      { start: 0, end: 3, newText: 'quux' },
    ];
    expect(applyEdits('foo and bar', edits)).toBe('quux and baz');
  });

  it('keeps the given order of insertions at one place', () => {
    const edits = [
      { start: 1, end: 1, newText: '1' },
      { start: 1, end: 1, newText: '2' },
      { start: 1, end: 2, newText: '3' },
    ];
    expect(applyEdits('abc', edits)).toBe('a123c');
  });

  it.each([
    ['reversed', [{ start: 2, end: 1, newText: '' }], /\[2, 1\) is reversed/],
    ['out of bounds', [{ start: 0, end: 4, newText: '' }], /\[0, 4\) lies outside the text of length 3/],
    ['negative', [{ start: -1, end: 0, newText: '' }], /\[-1, 0\) lies outside/],
    ['not a number', [{ start: Number.NaN, end: 0, newText: '' }], /whole numbers/],
    [
      'overlapping',
      [
        { start: 1, end: 3, newText: '' },
        { start: 0, end: 2, newText: '' },
      ],
      /\[1, 3\) overlaps one that ends at 2/,
    ],
  ])('refuses edits that are %s', (_, edits, message) => {
    expect(() => applyEdits('abc', edits)).toThrow(RangeError);
    expect(() => applyEdits('abc', edits)).toThrow(message);
    expect(() => checkEdits(3, edits)).toThrow(message);
  });

  it('gives what applying the edits one by one from the end gives', () => {
    fc.assert(
      fc.property(textAndEdits, ({ text, edits }) => {
        const oneByOne = edits.reduceRight((t, e) => t.slice(0, e.start) + e.newText + t.slice(e.end), text);
        expect(applyEdits(text, edits)).toBe(oneByOne);
      }),
    );
  });
});

describe('invertEdits', () => {
  it('takes the new text back to the old one', () => {
    fc.assert(
      fc.property(textAndEdits, ({ text, edits }) => {
        const inverse = invertEdits(text, edits);
        expect(applyEdits(applyEdits(text, edits), inverse)).toBe(text);
      }),
    );
  });
});
