import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfTypedGenerator } from '../../../server/engines/pattern/generators/halfTyped.ts';
import { applied, proposals, proposedLines } from './proposals.ts';
import { cursorMark } from './support.ts';

/** What is proposed for a text in which the line with the cursor has just been begun. */
function finished(now: string): string[] {
  const before = now
    .split('\n')
    .map((line) => (line.includes(cursorMark) ? '' : line))
    .join('\n');
  return proposedLines(halfTypedGenerator, [before, now]);
}

describe('a line begun like others', () => {
  it.each([
    [
      'its own words in the places of theirs',
      "const nameInput = document.getElementById('name');\nconst cityInput = document.getElementById('city');\nconst emailInput = doc¦\n",
      "const emailInput = document.getElementById('email');",
    ],
    [
      'other forms of these words',
      'MAX_USERS = int(env("max-users"))\nMAX_ORDERS = int(env("max-orders"))\nMAX_ITEMS = ¦\n',
      'MAX_ITEMS = int(env("max-items"))',
    ],
    [
      'texts of several words',
      "  field('First name', required: true)\n  field('Last name', required: true)\n  field('Post code'¦)\n",
      "  field('Post code', required: true)",
    ],
    ['what counts', '  RED = 1,\n  GREEN = 2,\n  BLUE = 3,\n  WHITE¦\n', '  WHITE = 4,'],
    ['powers', 'READ = 1\nWRITE = 2\nRUN = 4\nOWN = ¦\n', 'OWN = 8'],
    ['letters and days', 'a: monday\nb: tuesday\nc: ¦\n', 'c: wednesday'],
    ['hexadecimal numbers', '#define BIT_A 0x0E\n#define BIT_B 0x0F\n#define BIT_C¦\n', '#define BIT_C 0x10'],
    [
      'the next of the same things elsewhere',
      'enum Shape { Circle, Square, Box }\n\n    Circle => draw_circle(),\n    Square => draw_square(),\n    B¦\n',
      '    Box => draw_box(),',
    ],
  ])('goes on with %s', (_, now, wanted) => {
    expect(finished(now)[0]).toBe(wanted);
  });

  it('is finished with the lines that belong to it', () => {
    const now = `func a() error {
	x, err := open()
	if err != nil {
		return err
	}
	y, err := read(x)
	if err¦
	return use(y)
}
`;
    expect(finished(now)).toEqual(['\tif err != nil {', '\tif err != nil {\n\t\treturn err\n\t}']);
  });

  it('gets the body with its own words', () => {
    const getter = (name: string) => `  get ${name}() {\n    return this.#${name};\n  }\n`;
    const now = `class A {\n${getter('width')}\n${getter('height')}\n  get depth¦\n}\n`;
    expect(finished(now)).toContain(getter('depth').trimEnd());
  });

  it('gets the body that others have, and lines of such a body, with the words of its surroundings', () => {
    const arm = (name: string, call: string) => `  case '${name}':\n    move${call}(1);\n    break;\n`;
    const above = `switch (key) {\n${arm('up', 'Up')}${arm('down', 'Down')}`;
    expect(finished(`${above}  case 'left':¦\n}\n`)).toEqual([arm('left', 'Left').trimEnd()]);
    expect(finished(`${above}  case 'left':\n    mo¦\n}\n`)).toEqual(['    moveLeft(1);']);
  });

  it('goes on only as far as the others agree', () => {
    const now = "switch (r) {\ncase 'I':\n\treturn one(7);\ncase 'V':\n\treturn five;\ncase 'L':\n\tret¦\n}\n";
    expect(finished(now)).toEqual(['\treturn ']);
  });

  it('keeps the brackets that the editor has closed', () => {
    const now = "app.use(json('a'));\napp.use(json('b'));\napp.use(¦);\n";
    for (const line of finished(now)) expect(line).toMatch(/^app\.use\(json\('.'\)\);$/);
  });

  it('is left alone without others like it, when it is whole, and when something in its middle was edited', () => {
    expect(finished('alpha = 1\nreturn beta\nconst x¦\n')).toEqual([]);
    expect(finished('f(1)\nf(1)¦\n')).toEqual([]);
    const before = 'color: red;\nborder: red;\ncolor: re;\n';
    expect(proposals(halfTypedGenerator, [before, before.replace('re;', 'red¦;')])).toEqual([]);
  });

  it('that is empty goes on where everything in the lines above counts', () => {
    const opened = (above: string) => proposedLines(halfTypedGenerator, [`${above}\nend\n`, `${above}\n¦\nend\n`]);
    expect(opened('PIN1 = 1\nPIN2 = 2\nPIN3 = 3')).toEqual(['PIN4 = 4']);
    expect(opened('one = f(1)\nother = g(2)\nmore = h(3)')).toEqual([]);
  });
});

const word = fc.constantFrom('foo', 'fooBar', 'bar', 'BAR', '1', '2', '03', 'case', 'é', '😀', 'constructor');
const piece = fc.oneof(word, fc.constantFrom(' ', ' = ', '(', ')', '"', '.', ',', '{', '  '));
const line = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''));

describe('whatever was typed', () => {
  it('stays: each proposal begins with the line up to the cursor and ends its first line with what stands behind', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        line,
        fc.constantFrom('', ')', ');', '"', '}'),
        fc.nat(),
        fc.nat(9),
        (lines, typed, tail, at, length) => {
          const place = at % (lines.length + 1);
          const model = lines[place % lines.length] ?? '';
          const head = length < 5 ? typed : model.slice(0, length);
          const texts = [
            lines.toSpliced(place, 0, '').join('\n'),
            lines.toSpliced(place, 0, head + cursorMark + tail).join('\n'),
          ];
          for (const candidate of proposals(halfTypedGenerator, texts)) {
            const [first = ''] = candidate.lines;
            expect([candidate.start, candidate.end]).toEqual([place, place + 1]);
            expect(first.startsWith(head)).toBe(true);
            expect(candidate.lines.join('\n').length).toBeGreaterThan(head.length);
            expect(first.endsWith(tail)).toBe(true);
            const rest = applied(texts, candidate).split('\n').toSpliced(place, candidate.lines.length);
            expect(rest).toEqual(lines);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
