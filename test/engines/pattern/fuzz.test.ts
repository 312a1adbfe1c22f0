import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PatternEngine } from '../../../server/engines/pattern/patternEngine.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { splitsCharacter } from '../../../shared/edits/lines.ts';

const engine = new PatternEngine({ minConfidence: 0 });
const { signal } = new AbortController();

const piece = fc.constantFrom(
  ...[
    'foo',
    'bar',
    'fooBar',
    'foo_bar',
    'Foo',
    '1',
    '42',
    '(',
    ')',
    '{',
    '}',
    '[',
    ']',
    ', ',
    '.',
    ' = ',
    ' ',
    '  ',
    '\t',
  ],
  ...['"a"', "'b'", '//', '#', 'é', '😀', '\u{1F600}x', '\uD83D', '$', ';', '=>', '\r', '__proto__', 'constructor'],
);
const line = fc.array(piece, { maxLength: 9 }).map((pieces) => pieces.join(''));
const eol = fc.constantFrom('\n', '\n', '\n', '\r\n');
const text = fc.tuple(fc.array(line, { maxLength: 25 }), eol).map(([lines, end]) => lines.join(end));

/** A few edits of lines or parts of lines, so that the snapshots have something to do with each other. */
const session = fc
  .tuple(text, fc.array(fc.tuple(fc.nat(), fc.nat(12), line, fc.boolean()), { minLength: 1, maxLength: 6 }), fc.nat())
  .map(([first, steps, cursor]) => {
    const texts = [first];
    for (const [at, length, added, again] of steps) {
      const last = texts.at(-1) ?? '';
      const start = at % (last.length + 1);
      const gone = last.slice(start, start + length);
      const next = last.slice(0, start) + added + last.slice(start + length);
      texts.push(again && gone !== '' ? next.replace(gone, () => added) : next);
    }
    const current = texts.pop() ?? '';
    return { history: texts, current, cursor: cursor % (current.length + 1) };
  });

function check(current: string, edits: readonly { start: number; end: number; newText: string; confidence: number }[]) {
  let covered = -1;
  for (const { start, end, newText, confidence } of edits) {
    expect(start).toBeGreaterThan(covered);
    expect(end).toBeGreaterThanOrEqual(start);
    expect(end).toBeLessThanOrEqual(current.length);
    expect(current.slice(start, end)).not.toBe(newText);
    expect(splitsCharacter(current, start) || splitsCharacter(current, end)).toBe(false);
    expect(confidence).toBeGreaterThanOrEqual(0);
    expect(confidence).toBeLessThanOrEqual(1);
    covered = end;
  }
  expect(() => applyEdits(current, edits)).not.toThrow();
}

describe('the pattern engine on anything', () => {
  it('gives edits that are sorted, apart, in bounds, no no-ops and never inside a character', async () => {
    await fc.assert(
      fc.asyncProperty(session, async ({ history, current, cursor }) => {
        const asked = {
          path: 'a',
          languageId: '',
          history,
          current,
          target: { kind: 'cursor' as const, offset: cursor },
        };
        check(current, (await engine.predict(asked, signal)).edits);
      }),
      { numRuns: 400 },
    );
  });

  it('takes unrelated snapshots, related changes and cursors out of bounds', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(text, { maxLength: 5 }),
        text,
        text,
        fc.integer(),
        async (history, current, other, offset) => {
          const related = [{ path: 'b', languageId: '', before: other, after: current }];
          const asked = {
            path: 'a',
            languageId: '',
            history,
            current,
            related,
            target: { kind: 'cursor' as const, offset },
          };
          check(current, (await engine.predict(asked, signal)).edits);
        },
      ),
      { numRuns: 200 },
    );
  });

  it.each([
    ['one very long line', `x = ${'a, '.repeat(100_000)}b`],
    ['many short lines', 'x\n'.repeat(30_000)],
    ['only white space', ' \n\t\n'.repeat(2_000)],
    ['one name everywhere', 'foo(foo, foo)\n'.repeat(10_000)],
    ['brackets', '((((((((\n'.repeat(5_000)],
  ])('survives %s', async (_, before) => {
    const current = before.replace(/x|foo|\(| /, 'renamed');
    const asked = { path: 'a', languageId: '', history: [before], current };
    check(current, (await engine.predict(asked, signal)).edits);
  });
});
