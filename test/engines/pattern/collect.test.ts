import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from '../../../server/engines/pattern/propose.ts';
import { buildScene } from '../../../server/engines/pattern/scene.ts';

const piece = fc.constantFrom(
  ...['foo', 'bar', 'fooBar', 'foo_bar', 'Foo', '1', '42', '(', ')', '{', '}', '[', ']', ', ', '.', ' = ', ' ', '  '],
  ...['\t', '"', "'", '`', '//', '#', 'é', '😀', '\uD83D', '$foo', ';', '=>', '<', '>', '|', ': ', '?', '%s', 'self'],
  ...['def ', 'case ', 'return ', '__proto__', 'constructor', '-', '\\'],
);
const line = fc.array(piece, { maxLength: 10 }).map((pieces) => pieces.join(''));
const text = fc.array(line, { minLength: 2, maxLength: 20 });

/** Lines put in, taken out, or changed in part, often the like twice. */
const session = fc.tuple(
  text,
  fc.array(fc.tuple(fc.nat(), fc.nat(3), line, fc.nat(9)), { minLength: 1, maxLength: 4 }),
);

function texts([first, steps]: readonly [string[], readonly [number, number, string, number][]]): string[] {
  let lines = first;
  const all = [lines.join('\n')];
  for (const [at, what, added, column] of steps) {
    const here = at % lines.length;
    const old = lines[here] ?? '';
    const now = old.slice(0, column) + added + old.slice(column);
    if (what === 0) lines = lines.toSpliced(here, 0, added);
    else if (what === 1 && lines.length > 1) lines = lines.toSpliced(here, 1);
    else if (what === 2) lines = lines.toSpliced(here, 1, now);
    else lines = lines.toSpliced(here, 1, old.replace('foo', 'bar(foo)'));
    all.push(lines.join('\n'));
  }
  return all;
}

function candidates(history: readonly string[], current: string) {
  const scene = buildScene({ path: 'a', languageId: '', history, current });
  return scene ? { scene, found: collect(scene) } : undefined;
}

describe('what all generators propose', () => {
  it('is within the text, changes it, and is the same each time', () => {
    fc.assert(
      fc.property(session, (steps) => {
        const history = texts(steps);
        const current = history.pop() ?? '';
        const made = candidates(history, current);
        if (!made) return;
        const { scene, found } = made;
        for (const { start, end, lines, evidence } of found) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(scene.lines.length);
          expect(end > start || lines.length > 0).toBe(true);
          expect(lines.every((one) => !one.includes('\n'))).toBe(true);
          expect(scene.lines.slice(start, end).join('\n') === lines.join('\n') && end > start).toBe(false);
          for (const value of Object.values(evidence))
            if (typeof value === 'number') expect(Number.isFinite(value)).toBe(true);
        }
        expect(candidates(history, current)?.found).toEqual(found);
      }),
      { numRuns: 400 },
    );
  });

  it.each([
    ['one very long line', `x = ${'a, '.repeat(50_000)}b`],
    ['many short lines', 'x\n'.repeat(20_000)],
    ['one name everywhere', 'foo(foo, foo)\n'.repeat(8_000)],
    ['brackets', '((((((((\n'.repeat(4_000)],
    ['quotes', `"'"'"'"{}{}'x\n`.repeat(4_000)],
  ])('survives %s', (_, before) => {
    for (const [old, now] of [
      [/x|foo|\(/, 'renamed'],
      [/foo|\(|"/, 'foo(bar, '],
      [/\n/, '\nfoo(x, y)\n'],
    ] as const) {
      expect(() => candidates([before], before.replace(old, now))).not.toThrow();
    }
  });
});
