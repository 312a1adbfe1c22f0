import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sequenceGenerator } from '../../../server/engines/pattern/generators/sequence.ts';
import { applied, proposals, proposedLines, takenInTurn } from './proposals.ts';

describe('numbered lines', () => {
  it('below one that was put in are numbered on, to the end of the run', () => {
    const before = '# Setup\n\n1. Clone\n2. Build\n   with care\n3. Test\n4. Ship\n\n# Other\n\n1. a\n2. b\n';
    const texts = [before, before.replace('2. Build', '2. Install¦\n2. Build')];
    expect(proposedLines(sequenceGenerator, texts)).toEqual(['3. Build', '4. Test', '5. Ship']);
    expect(takenInTurn(sequenceGenerator, texts)).toBe(
      '# Setup\n\n1. Clone\n2. Install\n3. Build\n   with care\n4. Test\n5. Ship\n\n# Other\n\n1. a\n2. b\n',
    );
  });

  it('close the gap that one leaves', () => {
    const before =
      '// Step 1: open\nopen()\n// Step 2: read\nread()\n// Step 3: close\nclose()\n// Step 4: log\nlog()\n';
    const texts = [before, before.replace('// Step 2: read\nread()\n', '')];
    expect(proposedLines(sequenceGenerator, texts)).toEqual(['// Step 2: close', '// Step 3: log']);
  });

  it('follow where two were moved by as much, or set to another step', () => {
    const before = 'A = 1,\nB = 2,\nC = 3,\nD = 4,\n';
    expect(
      proposedLines(sequenceGenerator, [
        before,
        before.replace('A = 1', 'A = 11'),
        before.replace('A = 1', 'A = 11').replace('B = 2', 'B = 12¦'),
      ]),
    ).toEqual(['C = 13,', 'D = 14,']);
    expect(
      proposedLines(sequenceGenerator, [
        before,
        before.replace('A = 1', 'A = 10'),
        before.replace('A = 1', 'A = 10').replace('B = 2', 'B = 20¦'),
      ]),
    ).toEqual(['C = 30,', 'D = 40,']);
  });

  it('keep their width, and other numbers on the line that are the same go with them', () => {
    const before =
      '| 08 | step08.png | 5 |\n| 09 | step09.png | 5 |\n| 10 | step10.png | 10 |\n| 11 | step11.png | 5 |\n';
    const texts = [before, before.replace('| 09 |', '| 09 | step09.png¦ | 7 |\n| 09 |')];
    expect(proposedLines(sequenceGenerator, texts)).toEqual([
      '| 10 | step10.png | 5 |',
      '| 11 | step11.png | 10 |',
      '| 12 | step12.png | 5 |',
    ]);
  });

  it('in rows of several lines follow as well', () => {
    const row = (id: number, name: string) => `  {\n    "id": ${id},\n    "name": "${name}"\n  },\n`;
    const before = `[\n${row(1, 'a')}${row(2, 'b')}${row(3, 'c')}]\n`;
    const texts = [before, `[\n${row(1, 'a')}${row(2, 'x¦')}${row(2, 'b')}${row(3, 'c')}]\n`];
    expect(takenInTurn(sequenceGenerator, texts)).toBe(
      `[\n${row(1, 'a')}${row(2, 'x')}${row(3, 'b')}${row(4, 'c')}]\n`,
    );
  });

  it('that are a copy of the line above count on first', () => {
    const before = 'PIN_1 = 4\nPIN_2 = 5\n\nx = 2\n';
    const texts = [before, before.replace('PIN_2 = 5\n', 'PIN_2 = 5\nPIN_2 = 5¦\n')];
    expect(proposedLines(sequenceGenerator, texts)).toEqual(['PIN_3 = 5']);
  });

  it.each([
    ['all have the same number', '1. a\n1. b\n1. c\n', '1. a\n1. x¦\n1. b\n1. c\n'],
    ['there is room for the new one', '10 a\n20 b\n30 c\n', '10 a\n15 x¦\n20 b\n30 c\n'],
    ['a call was wrapped', 'f(p[0])\nf(p[1])\nf(p[2])\n', 'f(int(p[0])¦)\nf(p[1])\nf(p[2])\n'],
    ['the numbers do not count', 'a = 3\nb = 7\nc = 1\n', 'a = 4¦\nb = 7\nc = 1\n'],
  ])('stay as they are where %s', (_, before, now) => {
    expect(proposals(sequenceGenerator, [before, now])).toEqual([]);
  });
});

describe('whatever the run is', () => {
  it('an item put into it moves each one below by a step, in order, and touches nothing but numbers', () => {
    const label = fc.constantFrom<string>('a', 'call x', 'é', 'f(y)', '"s"');
    fc.assert(
      fc.property(
        fc.array(label, { minLength: 3, maxLength: 9 }),
        fc.constantFrom<(n: number, text: string) => string>(
          (n, text) => `${n}. ${text}`,
          (n, text) => `  case ${n}: ${text};`,
          (n, text) => `// Step ${n}) ${text}`,
          (n, text) => `| ${n} | ${text} |`,
        ),
        fc.nat(),
        (labels, write, at) => {
          const start = 1;
          const lines = labels.map((text, i) => write(start + i, text));
          const place = 1 + (at % (labels.length - 2));
          const now = lines.toSpliced(place, 0, write(start + place, 'new'));
          const wanted = labels.toSpliced(place, 0, 'new').map((text, i) => write(start + i, text));
          const texts = [lines.join('\n'), now.join('\n')];
          let text = texts.at(-1) ?? '';
          for (const candidate of proposals(sequenceGenerator, texts)) {
            expect(candidate.lines[0]?.replace(/\d+/g, '')).toBe(now[candidate.start]?.replace(/\d+/g, ''));
            text = applied([text], candidate);
          }
          expect(text.split('\n')).toEqual(wanted);
        },
      ),
      { numRuns: 300 },
    );
  });
});
