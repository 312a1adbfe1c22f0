import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextAfter } from '../../../server/engines/pattern/counters.ts';
import { WordPairs } from '../../../server/engines/pattern/wordPairs.ts';

describe('what comes next', () => {
  it.each([
    ['1', '2', '3'],
    ['item07', 'item08', 'item09'],
    ['0x0E', '0x0F', '0x10'],
    ['30', '20', '10'],
    ['a', 'b', 'c'],
    ['Mon', 'Tue', 'Wed'],
    ['FIRST', 'SECOND', 'THIRD'],
  ])('after %s and %s is %s', (a, b, next) => {
    expect(nextAfter(a, b)).toBe(next);
  });

  it('goes by the factor where three numbers have one, and is unknown where they have neither', () => {
    expect(nextAfter('2', '4', '1')).toBe('8');
    expect(nextAfter('2', '4', '0')).toBe('6');
    expect(nextAfter('5', '10', '1')).toBeUndefined();
  });

  it.each([
    ['Sat', 'Sun'],
    ['1', '0'],
    ['y', 'x1'],
    ['foo', 'bar'],
  ])('after %s and %s is nothing', (a, b) => {
    expect(nextAfter(a, b) === undefined || Number(nextAfter(a, b)) >= 0).toBe(true);
    if (b !== '0') expect(nextAfter(a, b)).toBeUndefined();
  });
});

describe('word pairs', () => {
  const rewritten = (old: string, now: string, text: string) => {
    const pairs = new WordPairs();
    pairs.learn(old, now);
    return pairs.rewrite(text).text;
  };

  it.each([
    [
      'userName',
      'accountId',
      'user_name UserName USER_NAME "user name" user-name',
      'account_id AccountId ACCOUNT_ID "account id" account-id',
    ],
    ['category', 'box', 'categories Category getCategories', 'boxes Box getBoxes'],
    ['users', 'orders', 'user = users[0]', 'order = orders[0]'],
    ['getUser', 'getOrder', 'setUser(user)', 'setOrder(order)'],
    ['user', 'superUser', 'user superUser', 'superUser superUser'],
    ['parseInt', 'parseHex', 'int x = parseInt(y)', 'int x = parseHex(y)'],
    ['tokenString', 'tokenComment', 'string a = "string";', 'string a = "comment";'],
    ['x', 'y', 'x = max(x, xs)', 'y = max(y, xs)'],
    ['42', '43', '42 420 "42"', '43 420 "43"'],
    ['1', '2', 'a[1] = 1', 'a[1] = 1'],
  ])('%s for %s: %s', (old, now, text, wanted) => {
    expect(rewritten(old, now, text)).toBe(wanted);
  });

  it('that contradict each other are both let go of', () => {
    const pairs = new WordPairs();
    pairs.learn('foo', 'bar');
    pairs.learn('foo', 'baz');
    expect(pairs.size).toBe(0);
    expect(pairs.rewrite('foo').text).toBe('foo');
  });

  it('leave everything that is no word as it is', () => {
    const text = fc
      .array(fc.constantFrom('foo', 'Bar', 'x1', ' ', '.', '\\', '(', '$&', '[', '^', '-', 'é'))
      .map((all) => all.join(''));
    fc.assert(
      fc.property(
        fc.constantFrom('foo', 'fooBar', '$1', 'x1'),
        fc.constantFrom('bar', '$1', 'Qux'),
        text,
        (old, now, line) => {
          const marks = (some: string) => some.replace(/[\w$\u00aa-\uffff]+/g, '');
          expect(marks(rewritten(old, now, line))).toBe(marks(line));
        },
      ),
    );
  });
});
