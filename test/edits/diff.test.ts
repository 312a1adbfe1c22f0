import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../shared/edits/apply.ts';
import { diffEdits, lineHunks, narrowEdit } from '../../shared/edits/diff.ts';
import { splitLines, splitsCharacter, stripTerminator } from '../../shared/edits/lines.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { anyLines, anyText, textAndEdits } from './arbitraries.ts';

const anyPair = fc.oneof(
  fc.tuple(anyText, anyText),
  fc.tuple(anyLines, anyLines),
  textAndEdits.map(({ text, edits }): [string, string] => [text, applyEdits(text, edits)]),
);

/** Whether an edit's ends part a surrogate pair or a `\r\n`, in the text or in the result. */
function partsCharacters(text: string, edit: OffsetEdit, shift: number): boolean {
  const result = text.slice(0, edit.start) + edit.newText + text.slice(edit.end);
  const newEnd = edit.start + edit.newText.length;
  return (
    splitsCharacter(text, edit.start) ||
    splitsCharacter(text, edit.end) ||
    splitsCharacter(result, edit.start + shift) ||
    splitsCharacter(result, newEnd)
  );
}

describe('splitLines', () => {
  it('keeps terminators and joins back', () => {
    expect(splitLines('a\r\nb\rc\n\nd')).toEqual(['a\r\n', 'b\r', 'c\n', '\n', 'd']);
    expect(splitLines('')).toEqual([]);
    expect(splitLines('a\r\nb\rc\n\nd').map(stripTerminator)).toEqual(['a', 'b', 'c', '', 'd']);
    fc.assert(fc.property(anyText, (text) => splitLines(text).join('') === text));
  });
});

describe('lineHunks', () => {
  it('finds each changed block', () => {
    expect(lineHunks('a\nb\nc\nd\n', 'a\nB\nc\nd\ne\n')).toEqual([
      { start: 1, end: 2, newStart: 1, newEnd: 2 },
      { start: 4, end: 4, newStart: 4, newEnd: 5 },
    ]);
    expect(lineHunks('a\n', 'a\n')).toEqual([]);
  });

  it('covers the difference, in order, with common lines between', () => {
    fc.assert(
      fc.property(anyPair, ([before, after]) => {
        const [oldLines, newLines] = [splitLines(before), splitLines(after)];
        let [line, newLine] = [0, 0];
        for (const [i, hunk] of lineHunks(before, after).entries()) {
          expect(oldLines.slice(line, hunk.start)).toEqual(newLines.slice(newLine, hunk.newStart));
          if (i > 0) expect(hunk.start).toBeGreaterThan(line);
          expect(hunk.end - hunk.start + hunk.newEnd - hunk.newStart).toBeGreaterThan(0);
          [line, newLine] = [hunk.end, hunk.newEnd];
        }
        expect(oldLines.slice(line)).toEqual(newLines.slice(newLine));
      }),
    );
  });

  it('takes the middle as one block once too much has changed', () => {
    const numbered = (word: string) => Array.from({ length: 2000 }, (_, i) => `${word} ${i}\n`).join('');
    const before = `same\n${numbered('old')}same\n`;
    const after = `same\n${numbered('new')}same\n`;
    expect(lineHunks(before, after)).toEqual([{ start: 1, end: 2001, newStart: 1, newEnd: 2001 }]);
    expect(applyEdits(before, diffEdits(before, after))).toBe(after);
  });
});

describe('diffEdits', () => {
  it('narrows a changed line to what differs', () => {
    expect(diffEdits('let a = foo(1);\n', 'let a = foo(1, 2);\n')).toEqual([{ start: 13, end: 13, newText: ', 2' }]);
  });

  it('keeps the lines of a block apart where as many come as go', () => {
    expect(diffEdits('a(x)\nb(x)\n', 'a(y)\nb(y)\n')).toEqual([
      { start: 2, end: 3, newText: 'y' },
      { start: 7, end: 8, newText: 'y' },
    ]);
  });

  it('keeps surrogate pairs and CRLF whole', () => {
    expect(diffEdits('😀', '😁')).toEqual([{ start: 0, end: 2, newText: '😁' }]);
    expect(diffEdits('a\r\n', 'a\n')).toEqual([{ start: 1, end: 3, newText: '\n' }]);
    expect(diffEdits('a\r', 'a\r\n')).toEqual([{ start: 1, end: 2, newText: '\r\n' }]);
  });

  it('gives exactly the later text, with edits that are sorted, apart, minimal and part no character', () => {
    fc.assert(
      fc.property(anyPair, ([before, after]) => {
        const edits = diffEdits(before, after);
        expect(applyEdits(before, edits)).toBe(after);
        let [covered, shift] = [-1, 0];
        for (const edit of edits) {
          expect(edit.start).toBeGreaterThan(covered);
          expect(before.slice(edit.start, edit.end)).not.toBe(edit.newText);
          expect(splitsCharacter(before, edit.start) || splitsCharacter(before, edit.end)).toBe(false);
          expect(splitsCharacter(after, edit.start + shift)).toBe(false);
          expect(splitsCharacter(after, edit.start + shift + edit.newText.length)).toBe(false);
          shift += edit.newText.length - (edit.end - edit.start);
          covered = edit.end;
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('narrowEdit', () => {
  it('says the same in less, without parting characters that were whole', () => {
    fc.assert(
      fc.property(textAndEdits, ({ text, edits }) => {
        for (const edit of edits) {
          const narrow = narrowEdit(text, edit);
          expect(applyEdits(text, [narrow])).toBe(applyEdits(text, [edit]));
          expect(narrow.newText.length).toBeLessThanOrEqual(edit.newText.length);
          if (!partsCharacters(text, edit, 0)) expect(partsCharacters(text, narrow, 0)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('keeps further fields', () => {
    expect(narrowEdit('abc', { start: 0, end: 3, newText: 'axc', confidence: 1 })).toEqual({
      start: 1,
      end: 2,
      newText: 'x',
      confidence: 1,
    });
  });
});
