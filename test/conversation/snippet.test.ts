import { describe, expect, test } from 'vitest';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { applyEdits } from '../../shared/edits/apply.ts';

/** The text after `newLines` came in the place of lines `first` to `last`. */
function edited(text: string, first: number, last: number, newLines: readonly string[]): string {
  return applyEdits(text, new Snippet(text).editsFor(first, last, newLines));
}

describe('the ends of new lines', () => {
  test('one stray line end is not copied', () => {
    expect(edited('a\nb\r\nc\n', 1, 1, ['x', 'y'])).toBe('a\nx\ny\nb\r\nc\n');
    expect(edited('a\nb\r\nc\n', 2, 2, ['x', 'y'])).toBe('a\nb\r\nx\ny\nc\n');
    expect(edited('a\r\nb\nc\r\n', 1, 1, ['x', 'y'])).toBe('a\r\nx\r\ny\r\nb\nc\r\n');
    expect(edited('a\nb\r\nc\n', 1, 2, ['x', 'y', 'z'])).toBe('a\nx\r\ny\nz\nc\n');
  });

  test('a line that takes the place of another keeps its end', () => {
    expect(edited('a\nb\r\nc\n', 1, 2, ['x'])).toBe('a\nx\r\nc\n');
  });

  test('behind a text without a final line end', () => {
    expect(edited('a\r\nb', 2, 2, ['x', 'y'])).toBe('a\r\nb\r\nx\r\ny');
    expect(edited('a', 1, 1, ['x'])).toBe('a\nx');
  });
});
