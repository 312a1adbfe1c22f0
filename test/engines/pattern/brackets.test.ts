import { describe, expect, it } from 'vitest';
import { quoteLeftOpen } from '../../../server/engines/pattern/brackets.ts';

describe('quoteLeftOpen', () => {
  it.each([
    ['a = "b', 'python', '"'],
    ["a = 'b", 'python', "'"],
    ['a = `b', 'javascript', '`'],
    ['a = "b\\"', 'python', '"'],
    ['a = "it\'s"', 'python', ''],
    ["# it doesn't matter", 'python', ''],
    ["fn f<'a>(x: &'a str)", 'rust', ''],
    ["(quote 'a)", 'elisp', ''],
    ['', 'python', ''],
  ])('of %s in %s is %s', (line, languageId, wanted) => {
    expect(quoteLeftOpen(line, languageId)).toBe(wanted);
  });
});
