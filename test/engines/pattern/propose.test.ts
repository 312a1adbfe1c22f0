import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type GeneratorKind, generatorKinds, type PooledCandidate } from '../../../server/engines/pattern/candidate.ts';
import { collect } from '../../../server/engines/pattern/propose.ts';
import { buildScene } from '../../../server/engines/pattern/scene.ts';
import { liveSession } from './liveSessions.ts';
import { session } from './outcomes.ts';

const goingOn: ReadonlySet<GeneratorKind> = new Set([
  'completion',
  'halfTyped',
  'restOfLine',
  'closingTag',
  'copyAdapt',
  'sequence',
]);

function kindsOf({ kinds }: PooledCandidate): GeneratorKind[] {
  return generatorKinds.filter((_, i) => (kinds >> i) & 1);
}

function collected(history: readonly string[], current: string, offset: number, languageId = '') {
  const scene = buildScene({ path: '', languageId, history, current, target: { kind: 'cursor', offset } });
  return scene && { scene, candidates: collect(scene) };
}

describe('a candidate is refused', () => {
  it('that leaves nothing between two commas where its example does not', () => {
    const { history, current, cursor } = session(
      'one = {\n  files = { "parser.c" }\n}\ntwo = {\n  files = { "parser.c" },\n  other = 1\n}\nthree = {\n  files = { "parser.c" }\n}\n',
      ['  files = { "parser.c" }\n', '  files = { "parser.c" },\n  branch = "main"\n'],
    );
    const made = collected(history, current, cursor)?.candidates.flatMap(({ lines }) => lines) ?? [];
    expect(made).toContain('  files = { "parser.c" },');
    expect(made.filter((line) => /,\s*,/.test(line))).toEqual([]);
  });

  it('but not where the example has such commas', () => {
    const { history, current, cursor } = session('a,1,x\nb,1,x\nc,1,x\n', ['a,1,x', 'a,,x']);
    expect(collected(history, current, cursor)?.candidates.map(({ lines }) => lines[0])).toContain('b,,x');
  });
});

describe('a line that has been changed', () => {
  it('is not changed again as others were', () => {
    const { history, current, cursor } = session(
      'open(a, 1)\nopen(b, 1)\nopen(c, 1)\n',
      ['open(b, 1)', 'open(b, 2)'],
      ['open(a', 'fetch(a'],
    );
    const lines = collected(history, current, cursor)?.candidates.map(({ start }) => start);
    expect(lines).not.toContain(1);
    expect(lines).toContain(2);
  });

  it('is changed like any other where it came in with a piece of text', () => {
    const { history, current, cursor } = session(
      'start\nend\n',
      ['end', 'open(a)\nopen(b)\nopen(c)\nend'],
      ['open(a)', 'fetch(a)'],
    );
    const lines = collected(history, current, cursor)?.candidates.map(({ start }) => start);
    expect(lines).toEqual(expect.arrayContaining([2, 3]));
  });

  it('is only gone on with, whatever was done', () => {
    fc.assert(
      fc.property(liveSession, ({ history, current, cursor, languageId }) => {
        const made = collected(history, current, cursor, languageId);
        const changed = made?.scene.changes.filter(({ start, end }) => start < end) ?? [];
        // What came in as one piece is code like any other to what is learnt inside.
        if (!made || changed.some(({ inside }) => inside)) return;
        for (const candidate of made.candidates) {
          // What comes between two lines changes neither.
          const redone =
            candidate.start < candidate.end &&
            changed.some(({ start, end }) => candidate.start < end && candidate.end > start);
          if (redone) expect(kindsOf(candidate).some((kind) => goingOn.has(kind))).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a lone return', () => {
  it('is not brought in with what takes another’s place', () => {
    const { history, current, cursor } = session('use(foo)\nuse(foo)\nuse(foo)\n', ['foo', 'a\rb']);
    expect(current).toContain('\r');
    const lines = collected(history, current, cursor)?.candidates.flatMap(({ lines }) => lines);
    expect(lines?.join('')).not.toContain('\r');
  });

  it('stays where it is, but not one more comes', () => {
    const { history, current, cursor } = session('use(foo, 1)\nuse(foo,\r2)\nuse(foo,\r3)\n', ['foo', 'bar']);
    const lines = collected(history, current, cursor)?.candidates.flatMap(({ lines }) => lines);
    expect(lines).toEqual(expect.arrayContaining(['use(bar,\r2)', 'use(bar,\r3)']));
    const more = session('use(foo, 1)\nuse(foo,\r2)\n', ['foo', 'a\rb']);
    const others = collected(more.history, more.current, more.cursor)?.candidates.flatMap(({ lines }) => lines);
    expect(others).not.toContain('use(a\rb,\r2)');
  });

  it('does not come to stand before the end of its line', () => {
    const { history, current, cursor } = session('use(a){\nuse(b)\r{\n', ['{', '']);
    expect(collected(history, current, cursor)?.candidates.flatMap(({ lines }) => lines)).toEqual([]);
  });

  it('at the end of a line is no part of it', () => {
    const { history, current, cursor } = session('use(foo)\r\nuse(foo)\r\n', ['foo', 'bar']);
    expect(collected(history, current, cursor)?.candidates.map(({ lines }) => lines)).toContainEqual(['use(bar)']);
  });
});
