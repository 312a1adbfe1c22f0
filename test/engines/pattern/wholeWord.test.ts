import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wholeness } from '../../../server/engines/pattern/wholeWord.ts';

describe('whether a name is whole', () => {
  it.each(['connection', 'getResponse', 'user_name', 'MAX_VALUE', 'address', 'HTTPServer'])('%s is', (name) => {
    expect(wholeness(name)).toBeGreaterThan(0.5);
  });

  it.each(['conne', 'getRespon', 'user_na', 'MAX_VALU', 'addres', 'HTTPServic'])('%s is not yet', (name) => {
    expect(wholeness(name)).toBeLessThan(0.05);
    expect(wholeness(name)).toBeGreaterThanOrEqual(0);
  });

  it.each(['', '_', '$', '42', 'zzxqj', 'é'])('of "%s" nothing is known', (name) => {
    expect(wholeness(name)).toBe(-1);
  });

  it('depends on the last part alone, however it is written', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('count', 'coun', 'size', 'na', 'zzxqj'),
        fc.constantFrom('my', 'user', 'x2'),
        (word, first) => {
          const known = wholeness(word);
          expect(wholeness(`${first}_${word}`)).toBe(known);
          expect(wholeness(`${first}${word.charAt(0).toUpperCase()}${word.slice(1)}`)).toBe(known);
          expect(wholeness(`${first}_${word}`.toUpperCase())).toBe(known);
        },
      ),
    );
  });

  it('is a share of 1, or -1, for any text', () => {
    const odd = fc.constantFrom('\uffff', '\uD83D', '😀', '__proto__', 'constructor', 'toString', ' ', 'zz', '~');
    fc.assert(
      fc.property(fc.oneof(fc.string(), odd), (name) => {
        const share = wholeness(name);
        expect(share === -1 || (share >= 0 && share <= 1)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
