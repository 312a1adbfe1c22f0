import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OpenDocument } from '../../server/lsp/openDocument.ts';
import { applyContentChanges, OutOfSync, offsetAt } from '../../server/lsp/textSync.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { splitsCharacter } from '../../shared/edits/lines.ts';
import type { PositionEncoding } from '../../shared/positions/encoding.ts';
import { LineIndex } from '../../shared/positions/lineIndex.ts';

const text = fc.string({ unit: fc.constantFrom('a', 'é', '漢', '😀', '\t', '\n', '\r\n', ' '), maxLength: 40 });
const encoding = fc.constantFrom<PositionEncoding>('utf-16', 'utf-8');

function open(content: string): OpenDocument {
  return new OpenDocument('file:///a', '', 1, content);
}

const at = (line: number, character: number) => ({ line, character });

describe('applyContentChanges', () => {
  it('follows what a client does, in either encoding', () => {
    const step = fc.record({ from: fc.nat(), to: fc.nat(), newText: text, whole: fc.integer({ min: 0, max: 9 }) });
    fc.assert(
      fc.property(text, fc.array(step, { maxLength: 8 }), encoding, (content, steps, inEncoding) => {
        const document = open(content);
        let expected = content;
        const changes = steps.map(({ from, to, newText, whole }) => {
          if (whole === 0) {
            expected = newText;
            return { text: newText };
          }
          const boundary = (at: number) => {
            const offset = at % (expected.length + 1);
            return splitsCharacter(expected, offset) ? offset - 1 : offset;
          };
          const [start, end] = [boundary(from), boundary(to)].sort((a, b) => a - b) as [number, number];
          const index = new LineIndex(expected);
          const range = { start: index.positionAt(start, inEncoding), end: index.positionAt(end, inEncoding) };
          expected = applyEdits(expected, [{ start, end, newText }]);
          return { range, text: newText };
        });
        const made = applyContentChanges(document, 2, changes, inEncoding);
        expect(document.getText()).toBe(expected);
        expect(document.version).toBe(2);
        let replayed = content;
        for (const change of made) {
          replayed = applyEdits(replayed, [change.edit]);
          expect(replayed).toBe(change.text);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['a version that is not newer', 1, { range: { start: at(0, 0), end: at(0, 0) }, text: 'x' }],
    ['a range that begins after the text', 2, { range: { start: at(5, 0), end: at(5, 0) }, text: 'x' }],
    ['a reversed range', 2, { range: { start: at(1, 1), end: at(0, 0) }, text: 'x' }],
  ])('refuses %s', (_, version, change) => {
    expect(() => applyContentChanges(open('one\ntwo\n'), version, [change], 'utf-16')).toThrow(OutOfSync);
  });

  it('takes a range that begins in the text and ends behind it to the end', () => {
    const document = open('one\ntwo\n');
    const range = { start: at(1, 0), end: at(9, 4) };
    const [made] = applyContentChanges(document, 2, [{ range, text: 'x' }], 'utf-16');
    expect(document.getText()).toBe('one\nx');
    expect(made?.edit).toEqual({ start: 4, end: 8, newText: 'x', removed: 'two\n' });
  });

  it('takes the whole text whatever its version, and whatever came before it', () => {
    const document = open('one\ntwo\n');
    const wrong = { range: { start: at(7, 0), end: at(3, 0) }, text: 'x' };
    const behind = { range: { start: at(0, 1), end: at(0, 1) }, text: '!' };
    const made = applyContentChanges(document, 0, [wrong, { text: 'new' }, behind], 'utf-16');
    expect(document).toMatchObject({ version: 0 });
    expect(document.getText()).toBe('n!ew');
    expect(made.map(({ text }) => text)).toEqual(['new', 'n!ew']);
  });

  it('takes UTF-16 positions to the exact code unit, inside surrogate pairs too', () => {
    const units = fc.string({ unit: fc.constantFrom('a', '😀', '\ud83d', '\ude00', '𝒳'), maxLength: 12 });
    fc.assert(
      fc.property(units, fc.nat(24), fc.nat(24), units, (line, a, b, newText) => {
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        const document = open(`x\n${line}\ny`);
        const range = { start: at(1, start), end: at(1, end) };
        applyContentChanges(document, 2, [{ range, text: newText }], 'utf-16');
        expect(document.getText()).toBe(`x\n${line.slice(0, start)}${newText}${line.slice(end)}\ny`);
      }),
    );
  });

  it('refuses a position inside a UTF-8 sequence, and takes any other to its character', () => {
    fc.assert(
      fc.property(text, fc.nat(3), fc.nat(60), (content, line, character) => {
        const document = open(content);
        const index = new LineIndex(content);
        const position = at(line % index.lineCount, character);
        const bytes = Buffer.from(index.line(position.line));
        const before = bytes.subarray(0, character);
        const range = { start: position, end: position };
        const change = () => applyContentChanges(document, 2, [{ range, text: '|' }], 'utf-8');
        // A byte of a sequence that is not its first one.
        if (((bytes[character] ?? 0) & 0xc0) === 0x80) {
          expect(change).toThrow(OutOfSync);
          return;
        }
        const offset = index.lineStart(position.line) + before.toString().length;
        change();
        expect(document.getText()).toBe(`${content.slice(0, offset)}|${content.slice(offset)}`);
      }),
      { numRuns: 500 },
    );
  });

  it('takes a character after the end of the line for its end, and the line after the last for the end', () => {
    const document = open('one\r\ntwo');
    applyContentChanges(document, 2, [{ range: { start: at(0, 99), end: at(0, 99) }, text: '!' }], 'utf-8');
    applyContentChanges(document, 3, [{ range: { start: at(2, 0), end: at(2, 0) }, text: '?' }], 'utf-16');
    expect(document.getText()).toBe('one!\r\ntwo?');
  });
});

describe('offsetAt', () => {
  it('agrees with LineIndex, whatever the position', () => {
    fc.assert(
      fc.property(text, fc.nat(12), fc.nat(50), encoding, (content, line, character, inEncoding) => {
        const position = { line, character };
        expect(offsetAt(open(content), position, inEncoding)).toBe(
          new LineIndex(content).offsetAt(position, inEncoding),
        );
      }),
    );
  });
});
