import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tokenize } from '../../../server/engines/pattern/lexer.ts';
import { learnTemplates } from '../../../server/engines/pattern/template.ts';
import { applyTemplate } from '../../../server/engines/pattern/templateMatch.ts';
import { proposed, session } from './outcomes.ts';

/** What the example makes of other lines; undefined where it says nothing about them. */
function rewritten(before: string, after: string, ...lines: string[]): (string | undefined)[] {
  const templates = learnTemplates(before, after).filter(({ telling }) => telling > 0);
  return lines.map((line) => templates.map((one) => applyTemplate(one, line)?.text).find((text) => text !== undefined));
}

describe('a template from one example', () => {
  it.each([
    [
      'text and value of a formatted string',
      ['return "Hello, {}!".format(user.name)', 'return f"Hello, {user.name}!"'],
      ['log("{} is overdue".format(task.title), 1)', 'log(f"{task.title} is overdue", 1)'],
    ],
    [
      'what moved into the string (Python)',
      ['a("reading %s" % path)', 'a(f"reading {path}")'],
      ['c("done %s now" % f(x))', 'c(f"done {f(x)} now")'],
    ],
    [
      'an interpolation (C#)',
      ['string.Format("Welcome, {0}!", name);', '$"Welcome, {name}!";'],
      ['string.Format("{0} is sold out", item);', '$"{item} is sold out";'],
    ],
    [
      'a concatenation (TypeScript)',
      ["const a = 'Hello ' + name + '!';", `const a = \`Hello \${name}!\`;`],
      ["const c = 'From ' + city.name + ' on';", `const c = \`From \${city.name} on\`;`],
    ],
    [
      'a name that becomes a variable in the string (Kotlin)',
      ['val a = "Hello " + name + "!"', 'val a = "Hello $name!"'],
      ['val c = "From " + city + " on"', 'val c = "From $city on"'],
    ],
    [
      'two placeholders',
      ['a = "{} of {}".format(n, total)', 'a = f"{n} of {total}"'],
      ['c = "{} and {} here".format(x.y, z[1])', 'c = f"{x.y} and {z[1]} here"'],
    ],
    [
      'a type in brackets, however nested, as often as it stands there',
      ['def f(a: Optional[int]):', 'def f(a: int | None):'],
      ['def g(b: Optional[dict[str, int]], c: Optional[str]):', 'def g(b: dict[str, int] | None, c: str | None):'],
    ],
    [
      'a generic type',
      ['a(xs: Array<string>)', 'a(xs: string[])'],
      ['b(ys: Array<Foo<Bar>>, z: Array<number>)', 'b(ys: Foo<Bar>[], z: number[])'],
    ],
    [
      'two arguments on both sides of a mark',
      ['self.assertEqual(add(1, 2), 3)', 'assert add(1, 2) == 3'],
      ['self.assertEqual(f([1, 2]), "a, b")', 'assert f([1, 2]) == "a, b"'],
    ],
    [
      'an import',
      ["const fs = require('fs');", "import fs from 'fs';"],
      ["const { join } = require('node:path');", "import { join } from 'node:path';"],
    ],
    [
      'a key binding (Lisp)',
      [`(global-set-key (kbd "C-c a") #'org-agenda)`, `(keymap-global-set "C-c a" #'org-agenda)`],
      [`(global-set-key (kbd "C-x g") #'magit-status)`, `(keymap-global-set "C-x g" #'magit-status)`],
    ],
    [
      'arguments that changed places',
      ['assertEquals(actual, "a")', 'assertEquals("a", actual)'],
      ['assertEquals(g(x, y), 4)', 'assertEquals(4, g(x, y))'],
    ],
    [
      'a name that is said once less',
      ['total = total + item.price', 'total += item.price'],
      ['self.n = self.n + 1', 'self.n += 1'],
    ],
    [
      'a name in another way of writing it',
      ['set(user_id)', 'put(userId: user_id)'],
      ['set(order_no)', 'put(orderNo: order_no)'],
    ],
  ] as const)('carries over %s', (_, [before, after], [target, wanted]) => {
    expect(rewritten(before, after, target)).toEqual([wanted]);
  });

  it.each([
    ['more than one argument', ['"a {}".format(x)', 'f"a {x}"'], '"{} and {}".format(a, b)'],
    ['another string than the one meant', ['"a {}".format(x)', 'f"a {x}"'], '"{" + y.format(z) + "}"'],
    ['another number of arguments', ['assertEquals(a, b)', 'assertEquals(b, a)'], 'assertEquals(1, 2, 3)'],
    ['another name on both sides', ['n = n + 1', 'n += 1'], 'n = m + 1'],
    ['its own result', ['def f(a: Optional[int]):', 'def f(a: int | None):'], 'def f(a: int | None):'],
  ] as const)('leaves alone %s', (_, [before, after], target) => {
    expect(rewritten(before, after, target)).toEqual([undefined]);
  });
});

describe('transform', () => {
  it('needs two examples where the fixed tokens tell nothing, and stays near', () => {
    const before = `Message(string sender, string subject, string body)
    : sender_(sender),
      subject_(subject),
      body_(body) {}

void other(body);
`;
    const one = ['sender_(sender)', 'sender_(std::move(sender))'] as const;
    const two = ['subject_(subject)', 'subject_(std::move(subject))'] as const;
    expect(proposed('transform', session(before, one))).toEqual([]);
    expect(proposed('transform', session(before, one, two))).toEqual(['4:       body_(std::move(body)) {}']);
  });

  it('takes what two examples have in common as a condition', () => {
    const before = 'a=parts[0],\nb=parts[1],\nc=parts[2],\nd=other[3],\n';
    const steps = session(before, ['parts[0]', 'int(parts[0])'], ['parts[1]', 'int(parts[1])']);
    expect(proposed('transform', steps)).toEqual(['3: c=int(parts[2]),']);
  });

  it('says how many examples there are and how telling they are', () => {
    const before = 'x = wrap(a).get()\n\ny = wrap(b).get()\n\nz = wrap(c).get()\n';
    const steps = session(before, ['wrap(a).get()', 'get(a)'], ['wrap(b).get()', 'get(b)']);
    expect(proposed('transform', steps)).toEqual(['5: z = get(c)']);
  });
});

const piece = fc.constantFrom(
  'foo',
  'x',
  '1',
  '(',
  ')',
  '[',
  ']',
  '{',
  '}',
  ', ',
  '.',
  ' = ',
  ' ',
  '"',
  "'",
  '`',
  '%',
  '-',
  '<',
  '>',
  'é',
  '\\',
);
const line = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

describe('templates of any two lines', () => {
  it('keep every hole whole, and are found again where they were learnt', () => {
    fc.assert(
      fc.property(line, line, line, (before, after, target) => {
        for (const template of learnTemplates(before, after)) {
          // No word is cut: what is fixed and what was in the holes are whole tokens of both lines.
          const spelled = (parts: typeof template.old) =>
            parts
              .map((part) => ('token' in part ? part.token : (part.form ?? template.holes[part.hole]?.text)))
              .join('');
          expect(tokenize(before).join('')).toContain(spelled(template.old));
          expect(tokenize(after).join('')).toContain(spelled(template.now));
          const made = applyTemplate(template, target);
          if (!made) continue;
          expect(made.sites).toBeGreaterThan(0);
          expect(made.left.length + made.right.length).toBeLessThan(tokenize(target).length);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it('lead back to the example for any argument', () => {
    const argument = fc.constantFrom(
      'a',
      'a.b',
      'f(x)',
      'g(x, y)[0]',
      '"s, t"',
      'new Foo<Bar>(1)',
      '{ a: 1, b }',
      '!x',
    );
    fc.assert(
      fc.property(argument, argument, argument, (p, r, s) => {
        const template = learnTemplates(`  check(eq(${p}, other.one));`, `  assert(other.one).is(${p});`)[0];
        expect(template && applyTemplate(template, `    check(eq(${r}, ${s}));`)?.text).toBe(
          `    assert(${s}).is(${r});`,
        );
      }),
    );
  });
});
