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

describe('the final line end', () => {
  test.each([
    ['stays, whether or not the model wrote one', 'a\nb\n', 1, [['c'], ['c', '']], 'a\nc\n'],
    ['does not come, whether or not the model wrote one', 'a\nb', 1, [['c'], ['c', '']], 'a\nc'],
    ['stays where the last lines go', 'a\nb\n', 1, [[], ['']], 'a\n'],
    ['does not double where the last lines below a blank one go', 'a\n\nb\n', 2, [[]], 'a\n'],
    ['goes with the last lines, if there is none', 'a\nb', 1, [[]], 'a'],
    ['of blank last lines stays, so that they are lines', 'a', 0, [['a', '', '']], 'a\n\n'],
    ['of a blank last line that was there stays likewise', 'a\n\nb', 2, [['']], 'a\n\n'],
  ])('%s', (_, text, first, answers, after) => {
    const snippet = new Snippet(text);
    for (const lines of answers) {
      expect(edited(text, first, snippet.lineCount, snippet.withFinalLineEnd(first, snippet.lineCount, lines))).toBe(
        after,
      );
    }
  });
});
