import fc from 'fast-check';
import { expect, it } from 'vitest';
import { applyChange } from '../../../server/eval/everyday/everydayCase.ts';
import { keystrokes } from '../../../server/eval/everyday/keystrokes.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';

const change = fc
  .record({
    text: fc.string({ unit: 'grapheme' }),
    places: fc.tuple(fc.nat(), fc.nat()),
    typed: fc.string({ unit: fc.constantFrom('a', ' ', '\n', 'é', '}') }),
    mode: fc.constantFrom('t' as const, 'b' as const, 'p' as const),
  })
  .map(({ text, places, typed, mode }) => {
    // Between whole characters, as cursors are.
    const characters = [...text];
    const [start = 0, end = 0] = places
      .map((place) => characters.slice(0, place % (characters.length + 1)).join('').length)
      .sort((a, b) => a - b);
    return { text, change: { start, end, text: typed, mode } };
  });

it('make the change, one after another, whatever it is', () => {
  fc.assert(
    fc.property(change, ({ text, change }) => {
      const played = keystrokes(text, change).reduce((before, key) => applyEdits(before, [key]), text);
      expect(played).toBe(applyChange(text, change));
    }),
  );
});

it('are one for each key, and one for what is pasted or cut', () => {
  const keys = (text: string, mode: 't' | 'b' | 'p', end = 3) =>
    keystrokes('abcdef', { start: 1, end, text, mode }).map(({ start, end, newText }) => `${start}-${end}:${newText}`);
  expect(keys('xy', 't')).toEqual(['1-3:', '1-1:x', '2-2:y']);
  expect(keys('x', 'b')).toEqual(['2-3:', '1-2:', '1-1:x']);
  expect(keys('xy', 'p')).toEqual(['1-3:xy']);
  expect(keys('', 't')).toEqual(['1-3:']);
  expect(keys('', 'b')).toEqual(['2-3:', '1-2:']);
  expect(keys('a\n  b', 't', 1)).toEqual(['1-1:a', '2-2:\n  ', '5-5:b']);
});
