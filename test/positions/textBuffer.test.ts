import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits } from '../../shared/edits/apply.ts';
import { LineIndex } from '../../shared/positions/lineIndex.ts';
import { TextBuffer } from '../../shared/positions/textBuffer.ts';
import { anyText } from '../edits/arbitraries.ts';

/** Compares all that a buffer says of its text with what a fresh index of the plain string says. */
function expectSame(buffer: TextBuffer, text: string): void {
  const index = new LineIndex(text);
  expect(buffer.length).toBe(text.length);
  expect(buffer.lineCount).toBe(index.lineCount);
  // Compared all at once: an `expect` for each of many thousand lines takes seconds.
  const linesOf = (one: TextBuffer | LineIndex) =>
    Array.from({ length: index.lineCount + 1 }, (_, line) => [one.lineStart(line), one.line(line)]);
  expect(linesOf(buffer)).toEqual(linesOf(index));
  for (let offset = 0; offset <= text.length; offset += Math.max(1, text.length >> 4)) {
    for (const encoding of ['utf-16', 'utf-8'] as const) {
      const position = buffer.positionAt(offset, encoding);
      expect(position).toEqual(index.positionAt(offset, encoding));
      expect(buffer.offsetAt(position, encoding)).toBe(index.offsetAt(position, encoding));
    }
  }
}

describe('TextBuffer', () => {
  it('holds what the edits make of the text, whatever was read in between', () => {
    const anyRun = fc.array(fc.tuple(fc.nat(), fc.nat(6), anyText, fc.nat(), fc.nat(), fc.boolean()), {
      maxLength: 20,
    });
    fc.assert(
      fc.property(anyText, anyRun, (start, run) => {
        const buffer = new TextBuffer(start);
        let text = start;
        for (const [at, length, newText, a, b, reads] of run) {
          const from = at % (text.length + 1);
          const edit = { start: from, end: Math.min(text.length, from + length), newText };
          buffer.edit(edit);
          text = applyEdits(text, [edit]);
          const [x, y] = [a % (text.length + 1), b % (text.length + 1)];
          expect(buffer.slice(x, y)).toBe(text.slice(x, y));
          if (reads) expect(buffer.getText()).toBe(text);
          expectSame(buffer, text);
        }
        expect(buffer.getText()).toBe(text);
      }),
      { numRuns: 300 },
    );
  });

  it('stays right in a long text, near the last edit and far from it', () => {
    const line = 'some line of text\r\n';
    let text = line.repeat(5000);
    const buffer = new TextBuffer(text);
    const places = fc.sample(fc.tuple(fc.nat(), fc.nat(5000), fc.constantFrom('', 'x', '\n', line.repeat(300))), {
      numRuns: 300,
      seed: 3,
    });
    let at = 0;
    for (const [i, [seed, step, newText]] of places.entries()) {
      // Mostly a step away, now and then somewhere else.
      at = i % 10 === 0 ? seed % text.length : Math.min(text.length, at + step);
      const edit = { start: at, end: Math.min(text.length, at + (seed % 40)), newText };
      buffer.edit(edit);
      text = applyEdits(text, [edit]);
      const somewhere = seed % text.length;
      expect(buffer.slice(somewhere, somewhere + 9000)).toBe(text.slice(somewhere, somewhere + 9000));
      if (i % 30 === 0) expectSame(buffer, text);
    }
    expect(buffer.getText()).toBe(text);
    expectSame(buffer, text);
  });

  it('joins and parts a carriage return and a line feed', () => {
    const buffer = new TextBuffer('a\r\nb');
    buffer.edit({ start: 2, end: 2, newText: 'x' });
    expectSame(buffer, 'a\rx\nb');
    buffer.edit({ start: 2, end: 3, newText: '' });
    expectSame(buffer, 'a\r\nb');
    buffer.edit({ start: 1, end: 2, newText: '' });
    expectSame(buffer, 'a\nb');
    buffer.edit({ start: 1, end: 1, newText: '\r' });
    expectSame(buffer, 'a\r\nb');
  });

  it('refuses an edit that is out of bounds and stays as it was', () => {
    const buffer = new TextBuffer('abc\n');
    expect(() => buffer.edit({ start: 0, end: 9, newText: '' })).toThrow(RangeError);
    expect(() => buffer.edit({ start: 2, end: 1, newText: '' })).toThrow(RangeError);
    expectSame(buffer, 'abc\n');
  });
});
