import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { splitLines, stripTerminator } from '../../shared/edits/lines.ts';
import { fromUtf16Character, toUtf16Character } from '../../shared/positions/encoding.ts';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import { anyText } from '../edits/arbitraries.ts';

const encodings = ['utf-16', 'utf-8'] as const;

describe('LineIndex', () => {
  it('knows every terminator, and the empty line behind the last one', () => {
    const index = new LineIndex('a\r\nb\rc\n\n');
    expect(Array.from({ length: index.lineCount }, (_, line) => index.line(line))).toEqual(['a', 'b', 'c', '', '']);
    expect([0, 1, 2, 3, 5, 8, 99].map((offset) => index.lineAt(offset))).toEqual([0, 0, 0, 1, 2, 4, 4]);
    expect(new LineIndex('').lineCount).toBe(1);
  });

  it('counts bytes in UTF-8 and code units in UTF-16', () => {
    const index = new LineIndex('é😀漢x');
    expect([0, 1, 3, 4, 5].map((offset) => index.positionAt(offset, 'utf-8').character)).toEqual([0, 2, 6, 9, 10]);
    expect([0, 2, 6, 9, 10].map((character) => index.offsetAt({ line: 0, character }, 'utf-8'))).toEqual([
      0, 1, 3, 4, 5,
    ]);
  });

  it.each(encodings)('clamps as LSP says, and never lands inside a character, in %s', (encoding) => {
    const index = new LineIndex('a😀\r\nb');
    expect(index.offsetAt({ line: 0, character: 99 }, encoding)).toBe(3);
    expect(index.offsetAt({ line: 9, character: 0 }, encoding)).toBe(6);
    expect(index.offsetAt({ line: -1, character: 5 }, encoding)).toBe(0);
    expect(index.offsetAt({ line: 1, character: -5 }, encoding)).toBe(5);
    expect(index.offsetAt({ line: 0, character: Number.NaN }, encoding)).toBe(0);
    expect(index.offsetAt({ line: 0, character: 2 }, encoding)).toBe(1);
    expect(index.positionAt(2, encoding)).toEqual({ line: 0, character: 1 });
    expect(index.positionAt(4, 'utf-16')).toEqual({ line: 0, character: 3 });
    expect(index.positionAt(-1, encoding)).toEqual({ line: 0, character: 0 });
    expect(index.positionAt(99, encoding)).toEqual({ line: 1, character: 1 });
  });

  it('counts a lone surrogate as the three bytes that UTF-8 writes for it', () => {
    const line = 'a\ud83d!';
    expect(fromUtf16Character(line, 2, 'utf-8')).toBe(Buffer.byteLength(line.slice(0, 2)));
    expect(toUtf16Character(line, 4, 'utf-8')).toBe(2);
  });

  it('goes there and back at every place between characters', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom(...encodings), (text, encoding) => {
        const index = new LineIndex(text);
        let offset = 0;
        for (const line of splitLines(text)) {
          for (const character of stripTerminator(line)) {
            expect(index.offsetAt(index.positionAt(offset, encoding), encoding)).toBe(offset);
            offset += character.length;
          }
          expect(index.offsetAt(index.positionAt(offset, encoding), encoding)).toBe(offset);
          offset += line.length - stripTerminator(line).length;
        }
        expect(index.positionAt(offset, encoding).line).toBe(index.lineCount - 1);
      }),
    );
  });

  it('agrees with Buffer on UTF-8', () => {
    fc.assert(
      fc.property(anyText, fc.nat(60), (text, offset) => {
        const index = new LineIndex(text);
        const { line, character } = index.positionAt(offset, 'utf-8');
        expect(character).toBe(
          Buffer.byteLength(text.slice(index.lineStart(line), index.offsetAt({ line, character }, 'utf-8'))),
        );
      }),
    );
  });

  it('agrees with TextDocument on UTF-16, inside surrogate pairs apart', () => {
    fc.assert(
      fc.property(anyText, fc.nat(60), fc.nat(10), fc.nat(10), (text, offset, line, character) => {
        const index = new LineIndex(text);
        const document = TextDocument.create('untitled:a', '', 0, text);
        expect(index.lineCount).toBe(document.lineCount);
        const theirs = document.positionAt(offset);
        const ours = index.positionAt(offset);
        expect(ours.line).toBe(theirs.line);
        expect([theirs.character, theirs.character - 1]).toContain(ours.character);
        const at = document.offsetAt({ line, character });
        expect([at, at - 1]).toContain(index.offsetAt({ line, character }));
      }),
    );
  });
});
