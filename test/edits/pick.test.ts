import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PredictedEdit } from '../../shared/conversation/conversation.ts';
import { pickHunk } from '../../shared/edits/pick.ts';

const text = 'a\nb\nc\nd\ne\nf\n';
/** Replaces the line that counts so from 0. */
const inLine = (line: number, confidence = 0.5) => ({ start: 2 * line, end: 2 * line + 1, newText: 'x', confidence });
const picked = (edits: readonly PredictedEdit[], cursorLine: number) =>
  pickHunk(text, edits, 2 * cursorLine)?.startLine;

describe('pickHunk', () => {
  test('what is on the cursor line goes first, then what is below, in order', () => {
    expect(picked([inLine(0), inLine(2), inLine(4)], 2)).toBe(2);
    expect(picked([inLine(0), inLine(4)], 1)).toBe(4);
    expect(picked([inLine(2), inLine(5)], 1)).toBe(2);
  });

  test('only where there is nothing below, the nearest above', () => {
    expect(picked([inLine(0), inLine(2)], 4)).toBe(2);
    expect(picked([inLine(3), inLine(5)], 4)).toBe(5);
  });

  test('what is more certain farther away waits its turn', () => {
    expect(picked([inLine(1, 0.5), inLine(5, 0.99)], 0)).toBe(1);
    expect(picked([inLine(0, 0.99), inLine(5, 0.5)], 1)).toBe(5);
  });

  test('what is less than 0.4 times as certain as another one is passed by', () => {
    expect(picked([inLine(1, 0.39), inLine(3, 0.4), inLine(5, 0.99)], 0)).toBe(3);
    expect(picked([inLine(0, 0.99), inLine(5, 0.39)], 2)).toBe(0);
    expect(picked([inLine(1, 0.1), inLine(5, 0.15)], 0)).toBe(1);
  });

  test('a hunk around the cursor is where the cursor is', () => {
    expect(picked([{ start: 2, end: 7, newText: 'x\ny\nz', confidence: 0.5 }, inLine(5)], 2)).toBe(1);
  });

  test('lines inserted at the cursor line or behind the text count as below', () => {
    expect(picked([inLine(0), { start: 8, end: 8, newText: 'x\n', confidence: 0.5 }], 4)).toBe(4);
    expect(picked([inLine(0), { start: 12, end: 12, newText: 'x', confidence: 0.5 }], 6)).toBe(6);
  });

  test('nothing for no edits, nor for edits that change nothing', () => {
    expect(pickHunk(text, [], 0)).toBeUndefined();
    expect(pickHunk(text, [{ start: 0, end: 1, newText: 'a', confidence: 0.5 }], 0)).toBeUndefined();
  });

  test('no hunk lies between the cursor and the one picked', () => {
    const lines = fc.uniqueArray(fc.nat(20), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(lines, fc.nat(20), (changed, cursor) => {
        const long = 'a\n'.repeat(21);
        const edits = changed.sort((a, b) => a - b).map((line) => inLine(line));
        const hunk = pickHunk(long, edits, 2 * cursor);
        const below = changed.filter((line) => line >= cursor);
        const next = below.length > 0 ? Math.min(...below) : Math.max(...changed);
        expect(hunk && hunk.startLine <= next && next < hunk.endLine).toBe(true);
      }),
    );
  });
});
