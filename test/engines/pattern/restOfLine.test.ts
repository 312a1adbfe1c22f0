import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restOfLineGenerator } from '../../../server/engines/pattern/generators/restOfLine.ts';
import { proposals, proposedLines } from './proposals.ts';

/** The line proposed last, which has all forms of the word, after `old` became `now` in a file of other lines. */
function lastFor(old: string, now: string): string | undefined {
  return proposedLines(restOfLineGenerator, [`first\n${old}\nlast\n`, `first\n${now}\nlast\n`]).at(-1);
}

describe('the rest of a line on which a word was changed', () => {
  it.each([
    ['    this.email = email;', '    this.mail¦ = email;', '    this.mail = mail;'],
    [
      'DB_HOST = os.environ.get("DB_HOST", "localhost")',
      'DATABASE_HOST¦ = os.environ.get("DB_HOST", "localhost")',
      'DATABASE_HOST = os.environ.get("DATABASE_HOST", "localhost")',
    ],
    [
      '	private UserService userService;',
      '	private OrderService¦ userService;',
      '	private OrderService orderService;',
    ],
    ['let id = id_of(id);', 'let id = id_of(key¦);', 'let key = key_of(key);'],
    ['x = a.size() + b.size()', 'x = a.length¦ + b.size()', 'x = a.length + b.length'],
    ['  <b>14 days</b> after', '  <strong¦>14 days</b> after', '  <strong>14 days</strong> after'],
  ])('follows: %s', (old, now, wanted) => {
    expect(lastFor(old, now)).toBe(wanted);
  });

  it('is proposed first with the very word only', () => {
    const texts = ['for user in active(user, users):\n', 'for member¦ in active(user, users):\n'];
    const found = proposals(restOfLineGenerator, texts);
    expect(found.map(({ lines }) => lines[0])).toEqual([
      'for member in active(member, users):',
      'for member in active(member, members):',
    ]);
    expect(found.map((candidate) => candidate.evidence.extra)).toEqual([0, 2]);
  });

  it('is left as it is where the word stands there no more, and where something was only added', () => {
    expect(lastFor('a = load(b)', 'a = read¦(b)')).toBeUndefined();
    expect(lastFor('a = load(a)', 'a = load(a, a¦)')).toBeUndefined();
  });
});

const word = fc.constantFrom('foo', 'fooBar', 'FOO', 'foos', 'bar', 'é', '$x', 'constructor', '7');
const piece = fc.oneof(word, fc.constantFrom(' ', '.', '(', ')', '"', ' = ', '\\', '*', '[', '-'));

describe('whatever the line is', () => {
  it('what was typed stays, and so does everything but words that are like what it replaced', () => {
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 10 }),
        word,
        word,
        fc.array(piece, { maxLength: 10 }),
        (a, old, now, b) => {
          fc.pre(old !== now);
          const line = (middle: string) => `${a.join('')} ${middle} ${b.join('')}`;
          const texts = [`x\n${line(old)}\n`, `x\n${line(now)}\n`];
          for (const { start, end, lines } of proposals(restOfLineGenerator, texts)) {
            expect([start, end, lines.length]).toEqual([1, 2, 1]);
            const made = lines[0] ?? '';
            expect(made).not.toBe(line(now));
            expect(made).toContain(` ${now} `);
            // A name may also be written `foo bar` or `foo-bar`; all other marks are the same, in the same order.
            const marks = (text: string) => text.replace(/[\w$\u00aa-\uffff]+(?:[- ][\w$\u00aa-\uffff]+)*/g, 'w');
            expect(marks(made)).toBe(marks(line(now)));
          }
        },
      ),
      { numRuns: 500, examples: [[['foo', ' ', 'bar'], 'fooBar', 'foo', []]] },
    );
  });
});
