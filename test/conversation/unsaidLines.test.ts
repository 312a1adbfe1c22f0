import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { unsaidLines } from '../../shared/conversation/unsaidLines.ts';
import { codeLine } from './arbitraries.ts';

const original = [
  'class Station:',
  '    def __init__(self, name, altitude):',
  '        self.name = name',
  '',
  '    def as_dict(self):',
  '        return {',
  '            "name": self.name,',
  '        }',
];

test.each([
  ['behind lines as they are', original.slice(0, 3), 3, original.slice(3)],
  ['behind a new line', [...original.slice(0, 3), '        self.altitude = altitude'], 4, original.slice(3)],
  [
    'behind a line that was changed',
    [...original.slice(0, 2), '        self.name = name.strip()'],
    3,
    original.slice(3),
  ],
  ['behind lines that are gone', [original[0] ?? '', original[2] ?? ''], 2, original.slice(3)],
  ['behind blank lines', [...original.slice(0, 3), '', '', ''], 3, original.slice(3)],
  ['brackets, too', original.slice(0, 7), 7, original.slice(7)],
  ['behind a bracket that is there', ['a {', '}'], 2, ['', 'b'], ['a {', '}', '', 'b']],
  [
    'without a bracket that closes what breaks off',
    ['a {', '  b', '}'],
    2,
    ['  c', '}', 'd'],
    ['a {', '  b', '  c', '}', 'd'],
  ],
  ['all, where nothing was said', [], 0, original],
])('%s', (_, rewrite, said, left, lines = original) => {
  expect(unsaidLines(lines, rewrite)).toEqual({ said, left });
});

test.each([
  ['ends with the same lines', ['def f():', ...original.slice(6)]],
  ['has as many lines', original.map((line) => `${line} # new`)],
  ['leaves blank ones alone', [original[0] ?? ''], [original[0] ?? '', '', '']],
])('none where it %s', (_, rewrite, lines = original) => {
  expect(unsaidLines(lines, rewrite)).toBeUndefined();
});

describe('of any lines', () => {
  const lines = fc.array(codeLine, { maxLength: 12 });

  test('those behind a beginning are its rest', () => {
    fc.assert(
      fc.property(fc.array(codeLine, { minLength: 1, maxLength: 12 }), fc.nat(12), (texts, count) => {
        const all = texts.map((line, i) => `${line} # ${i}`);
        const said = count % all.length;
        expect(unsaidLines(all, all.slice(0, said))).toEqual({ said, left: all.slice(said) });
      }),
    );
  });

  test('they are the last ones, behind what is said', () => {
    fc.assert(
      fc.property(lines, lines, (all, rewrite) => {
        const { said, left } = unsaidLines(all, rewrite) ?? { said: 0, left: [] };
        expect(left).toEqual(all.slice(all.length - left.length));
        expect(said).toBeLessThanOrEqual(rewrite.length);
      }),
    );
  });
});
