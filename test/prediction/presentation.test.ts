import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeEdits, ghostText } from '../../server/prediction/presentation.ts';
import { applyEdits, mergeEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

/** The edit and the cursor of a text in which `[old→new]` marks the edit and `|` the cursor. */
function parse(marked: string): { text: string; edit: OffsetEdit; cursor: number } {
  const cursorAt = marked.replace(/\[(.*?)→(.*?)\]/s, (_, old: string) => old).indexOf('|');
  const bare = marked.replace('|', '');
  const [whole, old, newText] = /\[(.*?)→(.*?)\]/s.exec(bare) ?? ['', '', ''];
  const start = bare.indexOf('[');
  const text = bare.replace(whole, old ?? '');
  return { text, edit: { start, end: start + (old ?? '').length, newText: newText ?? '' }, cursor: cursorAt };
}

function shown(marked: string): string | undefined {
  const { text, edit, cursor } = parse(marked);
  return ghostText(text, edit, cursor);
}

describe('ghostText', () => {
  it.each([
    ['an insertion at the cursor', 'const x = |[→42];', '42'],
    ['text that begins with what is typed', '[fo|→foobar]()', 'obar'],
    ['text whose end stands already', 'call(|[)→a, b)]', 'a, b'],
    ['lines at the end of a line', 'if (x) {|[→\n  y();\n}]\nz', '\n  y();\n}'],
    ['a line inserted below, from the end of the line above', 'a|\n[→b\n]c', '\nb'],
  ])('shows %s', (_, marked, expected) => {
    expect(shown(marked)).toBe(expected);
  });

  it.each([
    ['a replacement of text before the cursor', '[foo|→bar]'],
    ['a replacement of text behind the cursor', 'x = |[1→2];'],
    ['a deletion', 'x = |[1→];'],
    ['an insertion elsewhere on the line', 'x| = [→1];'],
    ['lines in the middle of a line, which would be drawn below it', 'f(|[→a,\nb])'],
    ['text that begins like what stands behind the cursor', 'f(|[→first, ]four)'],
    ['an edit that also changes text before the cursor', '[let x|→const xy]'],
  ])('does not show %s', (_, marked) => {
    expect(shown(marked)).toBeUndefined();
  });

  it('is an insertion at the cursor that does exactly what the edit does', () => {
    const piece = fc.string({ unit: fc.constantFrom('a', 'b', '\n', ' ', '😀', '\r\n'), maxLength: 8 });
    fc.assert(
      fc.property(piece, piece, piece, piece, fc.nat(), (before, old, newText, after, at) => {
        const text = before + old + after;
        const edit = { start: before.length, end: before.length + old.length, newText };
        const cursor = at % (text.length + 1);
        const insert = ghostText(text, edit, cursor);
        fc.pre(insert !== undefined);
        expect(applyEdits(text, [{ start: cursor, end: cursor, newText: insert ?? '' }])).toBe(
          applyEdits(text, [edit]),
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('mergeEdits', () => {
  it('does in one edit what several do', () => {
    const text = 'one two three';
    const edits = [
      { start: 0, end: 3, newText: '1' },
      { start: 8, end: 13, newText: '3' },
    ];
    expect(mergeEdits(text, edits)).toEqual({ start: 0, end: 13, newText: '1 two 3' });
  });
});

describe('describeEdits', () => {
  const edit = (start: number, end: number, newText: string, reason?: string) => ({
    start,
    end,
    newText,
    confidence: 1,
    ...(reason ? { reason } : {}),
  });

  it('takes the words that all edits agree on', () => {
    expect(describeEdits('a a', [edit(0, 1, 'x', 'rename'), edit(2, 3, 'x', 'rename')])).toBe('rename');
  });

  it('says what happens to the lines otherwise', () => {
    expect(describeEdits('a a', [edit(0, 1, 'x', 'one'), edit(2, 3, 'x', 'two')])).toBe('change 1 line');
    expect(describeEdits('a\n', [edit(2, 2, 'b\nc\n')])).toBe('insert 2 lines');
    expect(describeEdits('a\nb', [edit(0, 2, '')])).toBe('delete 1 line');
  });
});
