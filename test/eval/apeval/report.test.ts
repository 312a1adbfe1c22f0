import { describe, expect, it } from 'vitest';
import { makeApevalReport, rateOf, renderApevalReport } from '../../../server/eval/apeval/apevalReport.ts';
import { compareRuns, renderComparison } from '../../../server/eval/apeval/compare.ts';
import { type ApevalTask, taskTypes } from '../../../server/eval/apeval/dataset.ts';
import { draw } from '../../../server/eval/apeval/measureTasks.ts';
import { paperRowOf, paperRows } from '../../../server/eval/apeval/paperRows.ts';
import type { RunSpec, TaskRecord } from '../../../server/eval/apeval/runFolder.ts';

const spec: RunSpec = {
  version: 1,
  dataset: '',
  problems: '',
  engine: 'cursorcore',
  model: { name: 'qwen2.5-coder-1.5b-instruct', precision: 'int8', source: 'a.gguf' },
  format: 'fewShotInstruct',
  targetArea: false,
  maxTokens: 3072,
};
const record = (id: string, passed: boolean, changes: Partial<TaskRecord> = {}): TaskRecord => ({
  id,
  type: 'C',
  mode: 'paper',
  exchanges: [],
  notes: [],
  code: `code of ${id}`,
  unchanged: false,
  ms: 10,
  base: { passed, ...(passed ? {} : { reason: 'NameError: name x' }), layers: ['limits'] },
  ...changes,
});

describe("the paper's rows", () => {
  it.each(paperRows)('of $model average to what is printed', ({ model, base, plus }) => {
    for (const [c, hc, cu, hcu, average] of [base, plus]) {
      // As the paper prints it, one cell cannot be: 39.9 per cent of 41 tasks is no number of tasks.
      const misprint = model === 'DeepSeek-Coder-1.3B-Instruct' ? 0.3 : 0.1;
      expect(Math.abs((c + hc + cu + hcu) / 4 - average)).toBeLessThan(misprint);
    }
  });

  it.each([
    ['qwen2.5-coder-1.5b-instruct', 'Qwen2.5-Coder-1.5B-Instruct'],
    ['Qwen/Qwen2.5-Coder-1.5B@main', 'Qwen2.5-Coder-1.5B'],
    ['TechxGenus/CursorCore-QW2.5-1.5B-SR@main', 'CursorCore-QW2.5-1.5B'],
    ['cursorcore-yi-9b', 'CursorCore-Yi-9B'],
  ])('are found for %s', (name, model) => {
    expect(paperRowOf(['mine', name])?.model).toBe(model);
  });

  it('are not those of another size', () => {
    expect(paperRowOf(['qwen2.5-coder-0.5b-instruct', 'smollm2-135m'])).toBeUndefined();
  });
});

describe('a report', () => {
  const records = [
    record('T/1', true),
    record('T/2', false),
    record('T/3', false, { type: 'H,C,U', unchanged: true }),
    record('T/1', false, { mode: 'user', base: { passed: false, reason: 'a test failed', layers: ['limits'] } }),
    record('T/2', true, { mode: 'user' }),
    record('T/4', true, { mode: 'user' }),
  ];
  const report = makeApevalReport(spec, records);

  it('counts by type, with the standard error of a share', () => {
    expect(report.modes.paper?.types.C).toEqual({ tasks: 2, passed: 1, rate: 0.5, standardError: Math.sqrt(0.125) });
    expect(report.modes.paper?.types['H,C']).toEqual({ tasks: 0, passed: 0 });
    expect(report.modes.paper?.average).toMatchObject({ tasks: 3, passed: 1 });
    expect(report.modes.paper).toMatchObject({ unchanged: 1, reasons: { NameError: 2 } });
    expect(rateOf(41, 41)).toMatchObject({ rate: 1, standardError: 0 });
  });

  it('names the tasks in which the modes differ, of those run in both', () => {
    expect(report.differing).toEqual({ onlyAsPaper: ['T/1'], onlyAsUser: ['T/2'] });
  });

  it("puts the model beside the paper's row", () => {
    const text = renderApevalReport(report);
    expect(text).toMatch(/as the paper +50\.0 ± 35\.4 \(1\/2\)/);
    expect(text).toMatch(/paper: Qwen2\.5-Coder-1\.5B-Instruct +14\.6 +17\.1 +43\.9 +31\.7 +26\.8/);
  });

  it('says so where the paper has no row', () => {
    const { model: _, ...other } = spec;
    expect(renderApevalReport(makeApevalReport(other, records))).toContain('The paper has no row for this model.');
  });
});

describe('two runs side by side', () => {
  const side = (...verdicts: boolean[]) => ({ spec, records: verdicts.map((passed, i) => record(`T/${i}`, passed)) });

  it('are compared task by task, on those that both have', () => {
    const { modes } = compareRuns(side(true, true, false, false), side(true, false, true, false, true));
    expect(modes.paper?.all).toEqual({ tasks: 4, both: 1, onlyA: 1, onlyB: 1, neither: 1 });
    expect(modes.paper).toMatchObject({ onlyA: ['T/1'], onlyB: ['T/2'], sameCode: 4 });
    expect(modes.user).toBeUndefined();
  });

  it('differ by the paired difference', () => {
    const comparison = compareRuns(side(false, false, false, true), side(true, false, false, true));
    expect(comparison.modes.paper?.difference.rate).toBe(25);
    expect(comparison.modes.paper?.difference.standardError).toBeCloseTo(21.65, 2);
    expect(renderComparison(comparison)).toContain('B above A by 25.0 ± 21.7 points; the same code in 4');
  });
});

describe('drawing tasks', () => {
  const tasks = Array.from({ length: 40 }, (_, i) => ({
    id: `T/${i}`,
    type: taskTypes[i % 4] ?? 'C',
    conversation: { path: '', languageId: '', history: [], current: '' },
    problem: { entry: '', prompt: '', canonical: '', base: { test: '' } },
  })) satisfies ApevalTask[];
  const ids = (drawn: readonly ApevalTask[]) => drawn.map(({ id }) => id);

  it('takes as many of each type, in the order of the dataset', () => {
    const drawn = draw(tasks, taskTypes, 12, 1);
    for (const type of taskTypes) expect(drawn.filter((task) => task.type === type)).toHaveLength(3);
    expect(ids(drawn)).toEqual(ids(tasks).filter((id) => ids(drawn).includes(id)));
  });

  it('draws more to the same when the limit is raised, and others by another seed', () => {
    const few = ids(draw(tasks, taskTypes, 8, 1));
    expect(ids(draw(tasks, taskTypes, 20, 1))).toEqual(expect.arrayContaining(few));
    expect(ids(draw(tasks, taskTypes, 8, 2))).not.toEqual(few);
    expect(draw(tasks, ['C', 'C,U'], 100, 1)).toHaveLength(20);
  });
});
