import path from 'node:path';
import { expect, it } from 'vitest';
import { readEverydayCases } from '../../../server/eval/everyday/caseFile.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { allTraces, fileTrace, jumpLines, type Trace } from './traces.ts';

const root = path.resolve(import.meta.dirname, '../../..');
const traces = allTraces(await readEverydayCases(path.join(root, 'test/everyday')), root);

/** The line of each key, counted in the text that it was typed into, and the text at the end. */
function play({ before, pieces }: Trace) {
  let text = before;
  const lines = pieces.map(({ keys }) =>
    keys.map((key) => {
      const line = text.slice(0, key.start).split('\n').length;
      text = applyEdits(text, [key]);
      return line;
    }),
  );
  return { text, lines };
}

it('are of several languages, and of files of 30 to 300 lines', () => {
  expect(new Set(traces.map(({ languageId }) => languageId)).size).toBeGreaterThan(8);
  expect(new Set(traces.map(({ name }) => name)).size).toBe(traces.length);
  const lengths = traces.map(({ before }) => before.split('\n').length);
  expect(Math.min(...lengths)).toBeGreaterThanOrEqual(30);
  expect(Math.max(...lengths)).toBeLessThanOrEqual(301);
  expect(Math.max(...lengths)).toBeGreaterThan(250);
});

it.each(traces.map((trace) => [trace.name, trace] as const))('%s goes on in a line, then jumps', (_, trace) => {
  const { lines } = play(trace);
  expect(trace.pieces.map(({ kind }) => kind).join(' ')).toMatch(/^cold( warm)+( jump)?$/);
  expect(trace.pieces.every(({ keys }) => keys.length > 0)).toBe(true);
  const [cold = [], warm = []] = lines;
  expect(new Set([cold.at(-1), ...warm]).size).toBe(1);
  if (trace.pieces.at(-1)?.kind !== 'jump') return;
  const jumped = Math.abs((lines.at(-1)?.[0] ?? 0) - (warm.at(-1) ?? 0));
  expect(jumped).toBeGreaterThanOrEqual(jumpLines);
});

it('types what stood in the file', () => {
  const line = (i: number) => `const value${i} = compute(${i}, 'some text');`;
  const text = Array.from({ length: 90 }, (_, i) => line(i)).join('\n');
  const typed = play(fileTrace('a.ts', 'typescript', text)).text.split('\n');
  const original = text.split('\n');
  expect(typed).toHaveLength(90);
  const different = typed.filter((one, i) => one !== original[i]);
  // All but the rest of the line jumped to.
  expect(different.length).toBeLessThanOrEqual(1);
});
