import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jsonText } from '../server/commands/jsonText.ts';
import { printable, printableText, steeringCharacters, withoutPasswords } from '../shared/printable.ts';

/** What a terminal obeys, and what reorders a line: written out, so that the pattern is held against something else. */
const isSteering = (code: number) =>
  code < 0x20 ||
  (code >= 0x7f && code < 0xa0) ||
  [0x061c, 0x200e, 0x200f, 0x2028, 0x2029].includes(code) ||
  (code >= 0x202a && code <= 0x202e) ||
  (code >= 0x2066 && code <= 0x2069);

const steering = Array.from({ length: 0x3000 }, (_, code) => code).filter(isSteering);
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...steering).map((code) => String.fromCharCode(code)),
      fc.string({ unit: 'binary' }),
    ),
  )
  .map((parts) => parts.join(''));

describe('text that a terminal sees', () => {
  it('has nothing in it that steers, as a line or as text', () => {
    fc.assert(
      fc.property(text, (value) => {
        expect([...printable(value)].some((character) => isSteering(character.charCodeAt(0)))).toBe(false);
        const left = [...printableText(value)].filter((character) => isSteering(character.charCodeAt(0)));
        expect(left.every((character) => character === '\t' || character === '\n')).toBe(true);
        expect(steeringCharacters(printableText(value))).toEqual([]);
      }),
    );
  });

  it('is otherwise as it was', () => {
    const plain = 'a\tb\nc \u00e9 \u{1f600} \u05d0\u0645 \u200d';
    expect(printableText(plain)).toBe(plain);
    expect(printable('\u001b[2J\n\u009b\u202e')).toBe('\\u001b[2J\\u000a\\u009b\\u202e');
    expect(printableText('a\r\nb\rc')).toBe('a\nb\\u000dc');
  });

  it('is the same value as JSON', () => {
    fc.assert(
      fc.property(fc.array(text), (value) => {
        expect(JSON.parse(jsonText(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('has no passwords of addresses', () => {
    expect(withoutPasswords('at https://u:p@host/a and http://p@x:1?y=@, not https://host/@scope/x or a@b')).toBe(
      'at https://***@host/a and http://***@x:1?y=@, not https://host/@scope/x or a@b',
    );
  });
});
