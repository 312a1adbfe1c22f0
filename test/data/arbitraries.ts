import fc from 'fast-check';
import type { Process } from '../../server/data/records.ts';
import { codeLine } from '../conversation/arbitraries.ts';

/** Lines of code, many of which recur. */
const someLines = fc.array(codeLine, { minLength: 1, maxLength: 25 });

function edited(lines: readonly string[], line: fc.Arbitrary<string>): fc.Arbitrary<string[]> {
  const change = fc.record({
    at: fc.nat(lines.length),
    taken: fc.nat(2),
    put: fc.array(line, { maxLength: 2 }),
  });
  return fc.array(change, { minLength: 1, maxLength: 5 }).map((changes) => {
    const next = [...lines];
    for (const { at, taken, put } of changes) next.splice(Math.min(at, next.length), taken, ...put);
    return next;
  });
}

/** Texts in time order, neighbours different. */
export const snippets: fc.Arbitrary<string[]> = someLines
  .chain((first) =>
    edited(first, codeLine).chain((second) =>
      fc.option(edited(second, codeLine), { freq: 2 }).map((third) => [first, second, ...(third ? [third] : [])]),
    ),
  )
  .map((texts) => texts.map((lines) => lines.join('\n')))
  .map((texts) => texts.filter((text, i) => text !== texts[i - 1]))
  .filter((texts) => texts.length > 1);

/** The same with no line twice, so that each line tells when it came and when it went. */
export const tellingSnippets: fc.Arbitrary<string[]> = fc
  .array(fc.array(fc.constantFrom('keep', 'change', 'delete', 'add'), { minLength: 3, maxLength: 12 }), {
    minLength: 1,
    maxLength: 3,
  })
  .map((rounds) => {
    let count = 0;
    const fresh = () => `name_${++count} = make_${count}(${count})`;
    let lines = Array.from({ length: 12 }, fresh);
    const texts = [lines.join('\n')];
    for (const round of rounds) {
      lines = lines.flatMap((line, i) => {
        const what = round[i % round.length] ?? 'keep';
        if (what === 'delete') return [];
        if (what === 'add') return [line, fresh()];
        return [what === 'change' ? fresh() : line];
      });
      texts.push(lines.join('\n'));
    }
    return texts.filter((text, i) => text !== texts[i - 1]);
  })
  .filter((texts) => texts.length > 1);

export function processOf(texts: readonly string[], more: Partial<Process> = {}): Process {
  return {
    kind: 'process',
    version: 1,
    id: 'git:repo@0:a.py',
    source: 'git',
    language: 'python',
    path: 'src/a.py',
    licence: 'MIT',
    snippets: [...texts],
    message: 'Make the names say what they mean',
    masked: 0,
    ...more,
  };
}
