import { inParallel } from '../inParallel.ts';
import { table } from '../report.ts';
import type { ApevalTask } from './dataset.ts';
import { test } from './measureTasks.ts';

interface Outcome {
  readonly passed: readonly string[];
  readonly failed: readonly { readonly id: string; readonly reason: string }[];
}

/** How the tests judge what is known to be right and wrong. */
export interface HarnessCheck {
  readonly tasks: number;
  /** HumanEval's own solutions: all have to pass. */
  readonly canonical: Outcome;
  /** The code that a task begins with: passes where nothing was left to do. */
  readonly unchanged: Outcome;
  /** A function that returns nothing: none may pass. */
  readonly wrong: Outcome;
}

/** Tests the tests: runs three known answers to each task. */
export async function checkHarness(
  tasks: readonly ApevalTask[],
  python: string,
  jobs: number,
  onProgress: (done: number) => void,
): Promise<HarnessCheck> {
  let done = 0;
  const outcomeOf = async (solutionOf: (task: ApevalTask) => string): Promise<Outcome> => {
    const verdicts = new Map<string, string | undefined>();
    await inParallel(tasks, jobs, async (task) => {
      const { passed, reason } = await test(task, solutionOf(task), task.problem.base, python);
      verdicts.set(task.id, passed ? undefined : (reason ?? ''));
      onProgress(++done);
    });
    const judged = tasks.map(({ id }) => ({ id, reason: verdicts.get(id) }));
    return {
      passed: judged.flatMap(({ id, reason }) => (reason === undefined ? [id] : [])),
      failed: judged.flatMap(({ id, reason }) => (reason === undefined ? [] : [{ id, reason }])),
    };
  };
  return {
    tasks: tasks.length,
    canonical: await outcomeOf(({ problem }) => problem.prompt + problem.canonical),
    unchanged: await outcomeOf(({ conversation }) => conversation.current),
    wrong: await outcomeOf(({ problem }) => `def ${problem.entry}(*_, **__):\n    return None\n`),
  };
}

export function renderHarnessCheck({ tasks, canonical, unchanged, wrong }: HarnessCheck): string {
  const row = (name: string, { passed, failed }: Outcome) => [name, String(passed.length), String(failed.length)];
  const parts = [
    table([
      [`${tasks} tasks`, 'passed', 'failed'],
      row('canonical solution', canonical),
      row('current code, unchanged', unchanged),
      row('a function that returns None', wrong),
    ]),
    ...canonical.failed.map(({ id, reason }) => `canonical solution of ${id}: ${reason}`),
    `unchanged and right: ${unchanged.passed.join(', ') || 'none'}`,
    ...wrong.passed.map((id) => `passed with None: ${id}`),
  ];
  return `${parts.join('\n')}\n`;
}
