import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../shared/edits/apply.ts';
import { narrowEdit } from '../../shared/edits/diff.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { rebaseEdit } from '../../shared/edits/rebase.ts';
import { anyEdits, anyText } from './arbitraries.ts';

const replace = (start: number, end: number, newText: string): OffsetEdit => ({ start, end, newText });

describe('rebaseEdit', () => {
  it('shifts an edit that lies clear of the change', () => {
    const edit = { ...replace(10, 13, 'bar'), confidence: 0.9 };
    expect(rebaseEdit(edit, replace(0, 2, 'xyz'))).toEqual({ kind: 'kept', edit: { ...edit, start: 11, end: 14 } });
    expect(rebaseEdit(edit, replace(14, 20, ''))).toEqual({ kind: 'kept', edit });
  });

  it.each([
    ['typing the next characters of an insertion', replace(5, 5, 'hello'), replace(5, 5, 'he'), replace(7, 7, 'llo')],
    ['deleting part of what goes, from its end', replace(5, 8, 'bar'), replace(7, 8, ''), replace(5, 7, 'bar')],
    ['deleting part of what goes, from its start', replace(5, 8, 'bar'), replace(5, 6, ''), replace(5, 7, 'bar')],
    ['deleting all that goes', replace(5, 8, 'bar'), replace(5, 8, ''), replace(5, 5, 'bar')],
    ['replacing it by the first characters', replace(5, 8, 'bar'), replace(5, 8, 'b'), replace(6, 6, 'ar')],
    ['an editor that closes the bracket', replace(5, 5, '(a, b)'), replace(5, 5, '()'), replace(6, 6, 'a, b')],
  ])('sees progress in %s', (_, edit, change, rest) => {
    expect(rebaseEdit(edit, change)).toEqual({ kind: 'progressed', edit: rest });
  });

  it('is consumed by a change that says the same', () => {
    expect(rebaseEdit(replace(5, 8, 'bar'), replace(5, 8, 'bar'))).toEqual({ kind: 'consumed' });
  });

  it.each([
    ['other characters at an insertion', replace(5, 5, 'hello'), replace(5, 5, 'x')],
    ['more than the insertion', replace(5, 5, 'he'), replace(5, 5, 'hello')],
    ['characters behind what is to go', replace(5, 8, 'bar'), replace(8, 8, 'r')],
    ['a deletion that reaches beyond', replace(5, 8, 'bar'), replace(4, 6, '')],
    ['characters within what is to go', replace(5, 8, 'bar'), replace(6, 6, 'r')],
  ])('conflicts with %s', (_, edit, change) => {
    expect(rebaseEdit(edit, change)).toEqual({ kind: 'conflict' });
  });

  it('with the text, knows a change that was written wider or beside the edit', () => {
    const text = 'foo = 1\nfoo = 1\nend\n';
    const above = replace(0, 0, 'foo = 1\n');
    expect(rebaseEdit(above, replace(16, 16, 'foo = 1\n'), text)).toEqual({ kind: 'consumed' });
    expect(rebaseEdit(replace(16, 16, 'foo = 1\n'), above, text)).toEqual({ kind: 'consumed' });
    const wide = replace(0, 7, 'bar = 1');
    expect(rebaseEdit(replace(0, 3, 'bar'), wide, text)).toEqual({ kind: 'consumed' });
    expect(rebaseEdit(wide, replace(0, 3, 'b'), text)).toEqual({ kind: 'progressed', edit: replace(1, 1, 'ar') });
  });

  it('with the text, keeps an edit clear of a change that could only slide into its way', () => {
    const edit = replace(4, 4, 'x');
    expect(rebaseEdit(edit, replace(0, 0, 'a'), 'aaaa')).toEqual({ kind: 'kept', edit: replace(5, 5, 'x') });
  });

  it('keeps an edit over a change inside it that puts back what it takes out', () => {
    const edit = replace(1, 7, 'x');
    expect(rebaseEdit(edit, replace(2, 3, '}'), ')\t}\tabc')).toEqual({ kind: 'kept', edit });
  });

  it('never lies: the rest gives what the edit alone was to give, or both changes when clear', () => {
    const anyEdit = (text: string) => anyEdits(text, 1).map(([edit]) => edit ?? replace(0, 0, 'a'));
    // Steps towards the edit are rare among random changes, so half of them are made from the edit itself.
    const step = (edit: OffsetEdit) =>
      fc
        .tuple(fc.nat(edit.end - edit.start), fc.nat(edit.end - edit.start), fc.nat(edit.newText.length), fc.boolean())
        .map(([a, b, n, fromStart]) => {
          const [from, to] = [Math.min(a, b), Math.max(a, b)];
          return fromStart
            ? replace(edit.start, edit.start + to, edit.newText.slice(0, n))
            : replace(edit.start + from, edit.end, edit.newText.slice(n));
        });
    const anyCase = anyText.chain((text) =>
      anyEdit(text).chain((edit) =>
        fc
          .tuple(fc.oneof(anyEdit(text), step(edit)), fc.boolean())
          .map(([change, knowsText]) => ({ text, edit, change, knowsText })),
      ),
    );
    const seen = new Set<string>();
    fc.assert(
      fc.property(anyCase, ({ text, edit, change, knowsText }) => {
        const rebased = rebaseEdit(edit, change, knowsText ? text : undefined);
        const changed = applyEdits(text, [change]);
        seen.add(rebased.kind);
        if (rebased.kind === 'consumed') expect(changed).toBe(applyEdits(text, [edit]));
        if (rebased.kind === 'progressed') expect(applyEdits(changed, [rebased.edit])).toBe(applyEdits(text, [edit]));
        if (rebased.kind === 'kept') {
          // A change that puts back what it takes out is none, and may then lie anywhere.
          const made = knowsText ? narrowEdit(text, change) : change;
          const isNull = made.start === made.end && made.newText === '';
          const both = knowsText ? [narrowEdit(text, edit), made] : [edit, made];
          expect(applyEdits(changed, [rebased.edit])).toBe(applyEdits(text, isNull ? [edit] : both));
        }
      }),
      { numRuns: 2000 },
    );
    expect([...seen].sort()).toEqual(['conflict', 'consumed', 'kept', 'progressed']);
  });
});
