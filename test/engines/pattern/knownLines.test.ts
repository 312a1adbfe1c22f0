import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KnownLines } from '../../../server/engines/pattern/knownLines.ts';
import { tokenize } from '../../../server/engines/pattern/lexer.ts';
import { TextKinds, textKind } from '../../../server/engines/pattern/textKinds.ts';

const anyLine = fc.constantFrom(
  '',
  '  ',
  '\tfoo(bar)',
  '  a = 1 ',
  '/* b',
  'c */ d',
  'x = `',
  '"""',
  "'''",
  '# e',
  '\r',
  '}',
);
const anyLanguage = fc.constantFrom('typescript', 'python', 'ruby', '');

describe('KnownLines', () => {
  it('knows the same of lines that stood in the text before', () => {
    const edit = fc.record({
      at: fc.nat(),
      removed: fc.nat({ max: 3 }),
      inserted: fc.array(anyLine, { maxLength: 3 }),
    });
    const asked = fc.tuple(anyLanguage, fc.array(edit, { maxLength: 3 }));
    fc.assert(
      fc.property(fc.array(anyLine, { maxLength: 20 }), fc.array(asked, { maxLength: 5 }), (first, steps) => {
        let lines = first;
        for (const [languageId, edits] of steps) {
          for (const { at, removed, inserted } of edits) {
            lines = lines.toSpliced(at % (lines.length + 1), removed, ...inserted);
          }
          const known = new KnownLines(lines, languageId);
          const kinds = new TextKinds(lines, languageId, 0, known.carrying);
          const alone = new TextKinds(lines, languageId);
          for (const [line, text] of lines.entries()) {
            expect(known.trimmedAt(line)).toBe(text.trim());
            expect(known.lexedAt(line).tokens).toEqual(tokenize(text));
            const indent = /^[ \t\r]*/.exec(text)?.[0] ?? '';
            const width = indent.replaceAll('\r', '').replaceAll('\t', '    ').length;
            expect(known.widths[line]).toBe(indent === text ? -1 : width);
            for (const column of text.split('').keys()) expect(kinds.at(line, column)).toBe(alone.at(line, column));
          }
        }
      }),
    );
  });

  it('reads a text in another language anew', () => {
    const lines = ['"""', 'some text', '"""'];
    const kindIn = (languageId: string) =>
      new TextKinds(lines, languageId, 0, new KnownLines(lines, languageId).carrying).at(1, 0);
    expect(kindIn('javascript')).toBe(textKind.code);
    expect(kindIn('python')).toBe(textKind.string);
    expect(kindIn('javascript')).toBe(textKind.code);
  });

  it('knows nothing of lines outside of the text', () => {
    const known = new KnownLines([' a']);
    expect([known.trimmedAt(-1), known.trimmedAt(1), known.trimmedAt(0)]).toEqual(['', '', 'a']);
    expect(known.lexedAt(7).tokens).toEqual([]);
  });
});
