import { describe, expect, it } from 'vitest';
import { checkHarness, renderHarnessCheck } from '../../../server/eval/apeval/check.ts';
import { readApeval } from '../../../server/eval/apeval/dataset.ts';
import { evalData } from './data.ts';
import { pythonHere } from './python.ts';

const data = evalData();
const python = pythonHere();
/**
 * Tests that use a helper of the task's own text (32, 38, 50) or the function by its name (33); and one that has nothing left
 * to do (35). `eval apeval --check` does all 164.
 */
const chosen = [32, 33, 35, 38, 50].map((number) => `HumanEval/${number}`);

describe.skipIf(!data || python === undefined)('the tests of HumanEval (need its files and Python)', () => {
  it('pass what is right, and nothing else', { timeout: 120_000 }, async () => {
    const tasks = (await readApeval(data?.dataset ?? '', data?.problems ?? '')).filter(({ id }) => chosen.includes(id));
    const progress: number[] = [];
    const result = await checkHarness(tasks, python ?? '', 2, (done) => progress.push(done));
    expect(result.canonical).toEqual({ passed: chosen, failed: [] });
    expect(result.unchanged.passed).toEqual(['HumanEval/35']);
    expect(result.wrong.passed).toEqual([]);
    expect(result.wrong.failed.map(({ reason }) => reason === '')).toEqual(chosen.map(() => false));
    expect(progress).toHaveLength(15);
    expect(renderHarnessCheck(result)).toMatch(/canonical solution +5 +0\n/);
  });
});
