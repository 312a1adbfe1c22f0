import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../shared/edits/apply.ts';
import { diffEdits } from '../../shared/edits/diff.ts';
import { toHunks } from '../../shared/edits/hunks.ts';
import { splitLines, stripTerminator } from '../../shared/edits/lines.ts';
import { anyLines, textAndEdits } from './arbitraries.ts';

describe('toHunks', () => {
  it('puts edits of one line and of adjacent lines together, others apart', () => {
    const text = 'foo(foo)\nfoo\nbar\nfoo\n';
    const starts = [0, 4, 9, 17];
    const hunks = toHunks(
      text,
      starts.map((start) => ({ start, end: start + 3, newText: 'baz' })),
    );
    expect(hunks.map(({ startLine, endLine }) => [startLine, endLine])).toEqual([
      [0, 2],
      [3, 4],
    ]);
    expect(hunks[0]?.oldLines).toEqual(['foo(foo)', 'foo']);
    expect(hunks[0]?.newLines).toEqual(['baz(baz)', 'baz']);
    expect(hunks[0]?.edits.map((edit) => edit.start)).toEqual([0, 4, 9]);
  });

  it.each([
    ['before a line', { start: 2, end: 2, newText: 'x\n' }],
    ['after a line', { start: 1, end: 1, newText: '\nx' }],
  ])('shows a line inserted %s as only that line', (_, edit) => {
    expect(toHunks('a\nb\n', [edit])).toEqual([
      { startLine: 1, endLine: 1, oldLines: [], newLines: ['x'], edits: [edit] },
    ]);
  });

  it('shows lines appended to a text without final newline', () => {
    const [hunk] = toHunks('a', [{ start: 1, end: 1, newText: '\nb' }]);
    expect(hunk).toMatchObject({ startLine: 1, endLine: 1, oldLines: [], newLines: ['b'] });
    const [onEmptyLine] = toHunks('a\n', [{ start: 2, end: 2, newText: 'b' }]);
    expect(onEmptyLine).toMatchObject({ startLine: 1, endLine: 1, oldLines: [], newLines: ['b'] });
  });

  it('shows a change of terminators as the line that has it', () => {
    const [hunk] = toHunks('a\r\nb\n', [{ start: 1, end: 3, newText: '\n' }]);
    expect(hunk).toMatchObject({ startLine: 0, oldLines: ['a', 'b'], newLines: ['a', 'b'] });
  });

  it('leaves out edits that change nothing', () => {
    expect(toHunks('abc', [{ start: 0, end: 1, newText: 'a' }])).toEqual([]);
  });

  it('joins hunks that touch only once the edits of one are taken together', () => {
    const text = '\r  foo(2)\r\n\t';
    const edits = [
      { start: 0, end: 0, newText: '\n  foo(2)\r\n' },
      { start: 1, end: 1, newText: 'a\n\r' },
      { start: 11, end: 12, newText: '' },
    ];
    expect(toHunks(text, edits)).toHaveLength(1);
  });

  it('keeps every edit, in hunks that lie apart and that together give the new lines', () => {
    const byDiff = fc.tuple(anyLines, anyLines).map(([text, after]) => ({ text, edits: diffEdits(text, after) }));
    fc.assert(
      fc.property(fc.oneof(byDiff, textAndEdits), ({ text, edits }) => {
        const changing = edits.filter((edit) => text.slice(edit.start, edit.end) !== edit.newText);
        const hunks = toHunks(text, edits);
        expect(hunks.flatMap((hunk) => hunk.edits)).toEqual(changing);
        const lines = splitLines(text).map(stripTerminator);
        const result: string[] = [];
        let line = 0;
        for (const [i, hunk] of hunks.entries()) {
          if (i > 0) expect(hunk.startLine).toBeGreaterThan(line);
          expect(lines.slice(hunk.startLine, hunk.endLine)).toEqual(hunk.oldLines);
          result.push(...lines.slice(line, hunk.startLine), ...hunk.newLines);
          line = hunk.endLine;
        }
        result.push(...lines.slice(line));
        expect(result).toEqual(splitLines(applyEdits(text, edits)).map(stripTerminator));
      }),
      { numRuns: 1000 },
    );
  });
});
