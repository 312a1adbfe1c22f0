import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFormatting, layoutChanges } from '../../server/history/layout.ts';
import { applyDelta, type Delta, type DeltaChange } from '../../shared/edits/delta.ts';
import { anyText } from '../edits/arbitraries.ts';

const insert = (start: number, inserted: string): DeltaChange => ({ start, removed: '', inserted });

describe('layoutChanges', () => {
  it('finds each stretch of white space that differs', () => {
    const changes = layoutChanges({ start: 10, removed: 'if(a){\n b();\n}', inserted: 'if (a) {\n    b();\n}' });
    expect(changes).toEqual([insert(12, ' '), insert(15, ' '), insert(18, '   ')]);
  });

  it('knows what is more than white space', () => {
    expect(layoutChanges({ start: 0, removed: "a('b')", inserted: 'a("b")' })).toBeUndefined();
    expect(layoutChanges({ start: 0, removed: 'a b', inserted: 'ab c' })).toBeUndefined();
    expect(layoutChanges({ start: 0, removed: 'a', inserted: 'a b' })).toBeUndefined();
  });

  it('does exactly what the one change does', () => {
    const spaces = fc.constantFrom('', ' ', '\n', '\r\n', '\t', '  ', '\n\n');
    const anyLayout = anyText.chain((text) =>
      fc.array(spaces, { minLength: text.length + 1, maxLength: text.length + 1 }).map((blanks): [string, string] => {
        const solid = [...text.replace(/\s+/g, '')];
        return [text, solid.map((character, i) => blanks[i] + character).join('') + (blanks.at(-1) ?? '')];
      }),
    );
    fc.assert(
      fc.property(anyLayout, ([removed, inserted]) => {
        const changes = layoutChanges({ start: 0, removed, inserted });
        expect(applyDelta(removed, changes ?? [])).toBe(inserted);
        for (const change of changes ?? []) expect(change.removed + change.inserted).toMatch(/^\s+$/);
      }),
      { numRuns: 500 },
    );
  });
});

describe('isFormatting', () => {
  /** Indents lines of one letter each. */
  const indent = (...lines: number[]): Delta => lines.map((line) => ({ start: line * 2, removed: '', inserted: '  ' }));

  it.each([
    ['white space in several blocks', indent(0, 2), '  a\nb\n  c\nd\n', true],
    ['white space in one block', indent(0, 1), '  a\n  b\nc\nd\n', false],
    ['white space in very many lines', indent(...Array(60).keys()), '  a\n'.repeat(60), true],
    ['blanks taken from the end of a line', [{ start: 1, removed: '  ', inserted: '' }], 'a\nb', true],
    ['blanks taken from within a line', [{ start: 0, removed: '  ', inserted: '' }], 'a\nb', false],
    ['lines joined', [{ start: 1, removed: '\n', inserted: '' }], 'ab', false],
    ['a word, among white space', [...indent(0), { start: 6, removed: '', inserted: 'x' }], '  a\nb\nc\nxd\n', false],
  ])('judges %s', (_, delta, after, expected) => {
    expect(isFormatting(delta, after)).toBe(expected);
  });
});
