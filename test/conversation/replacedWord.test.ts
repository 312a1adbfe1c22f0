import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RecentChange } from '../../shared/conversation/recentChanges.ts';
import { withReplacedWord } from '../../shared/conversation/replacedWord.ts';
import { codeLine } from './arbitraries.ts';

function changed(removed: readonly string[], added: readonly string[]): RecentChange {
  return { path: 'a.py', oldStart: 0, newStart: 0, above: [], removed, added, below: [] };
}

test.each([
  [
    'wherever it stands as a word',
    'rows = read()',
    'pending = read()',
    'for row in rows: rows_of(rows)',
    'for row in pending: rows_of(pending)',
  ],
  ['with a sign of a language in it', '$rows = 1', '$all = 1', 'f($rows, rows)', 'f($all, rows)'],
  ['not where a word came beside it', 'f(a)', 'f(b, c)', 'a', 'a'],
  ['not where none is gone', 'f(a)', 'f(a, b)', 'a', 'a'],
  ['not where it is among what came', 'f(a)', 'f(a, b.a)', 'a', 'a'],
])('%s', (_, removed, added, line, expected) => {
  expect(withReplacedWord([line], changed([removed], [added]))).toEqual([expected]);
});

test('nothing where nothing was changed', () => {
  expect(withReplacedWord(['a'], undefined)).toEqual(['a']);
});

test('has as many lines, and none with the word that is gone', () => {
  const lines = fc.array(codeLine, { maxLength: 5 });
  const name = fc.constantFrom('width', 'height', 'x1', 'größe');
  fc.assert(
    fc.property(lines, name, name, (some, old, made) => {
      fc.pre(old !== made);
      const all = [...some, `f(${old})`];
      const after = withReplacedWord(all, changed([old], [made]));
      expect(after).toHaveLength(all.length);
      expect(after.at(-1)).toBe(`f(${made})`);
    }),
  );
});
