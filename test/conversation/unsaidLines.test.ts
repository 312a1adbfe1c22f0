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
  ['behind lines as they are', original.slice(0, 3), original.slice(3)],
  ['behind a new line', [...original.slice(0, 3), '        self.altitude = altitude'], original.slice(3)],
  ['behind a line that was changed', [...original.slice(0, 2), '        self.name = name.strip()'], original.slice(3)],
  ['behind lines that are gone', [original[0] ?? '', original[2] ?? ''], original.slice(3)],
  ['behind blank lines', [...original.slice(0, 3), '', ''], original.slice(3)],
  ['brackets, too', original.slice(0, 7), original.slice(7)],
  ['all, where nothing was said', [], original],
  ['none where it ends with the same lines', ['def f():', ...original.slice(6)], []],
  ['none where it has as many lines', original.map((line) => `${line} # new`), []],
  ['none where only blank ones are left', [original[0] ?? ''], [], [original[0] ?? '', '', '']],
])('%s', (_, rewrite, left, lines = original) => {
  expect(unsaidLines(lines, rewrite)).toEqual(left);
});

describe('of any lines', () => {
  const lines = fc.array(codeLine, { maxLength: 12 });

  test('those behind a beginning are its rest', () => {
    fc.assert(
      fc.property(fc.uniqueArray(codeLine, { maxLength: 12 }), fc.nat(12), (texts, count) => {
        const all = texts.map((line, i) => `${line} # ${i}`);
        expect(unsaidLines(all, all.slice(0, count))).toEqual(all.slice(count));
      }),
    );
  });

  test('they are the last ones', () => {
    fc.assert(
      fc.property(lines, lines, (all, rewrite) => {
        const left = unsaidLines(all, rewrite);
        expect(left).toEqual(all.slice(all.length - left.length));
      }),
    );
  });
});
