import { createHash } from 'node:crypto';
import { EngineError } from '../../../shared/errors.ts';
import { HostDied } from '../../model-host/modelHost.ts';
import { extractAsPaper, type PaperOptions, renderAsPaper } from './asPaper.ts';
import type { ApevalTask, TaskType } from './dataset.ts';
import { runSolution, type Tests, type TestVerdict } from './harness.ts';
import type { Mode, TaskRecord } from './runFolder.ts';
import type { Subject, TaskOutcome } from './subject.ts';

export interface MeasureOptions extends PaperOptions {
  /** The command that runs Python. */
  readonly python: string;
  /** Of an answer in the paper's mode; the authors have 3072. */
  readonly maxTokens: number;
}

/** Asks about a task, and tests what comes back. Rejects where the engine cannot answer at all. */
export async function measureTasks(
  task: ApevalTask,
  mode: Mode,
  subject: Subject,
  options: MeasureOptions,
  signal: AbortSignal,
): Promise<TaskRecord> {
  const outcome = await (mode === 'paper' ? askAsPaper : askAsUser)(task, subject, options, signal);
  const { base, plus } = task.problem;
  const verdict = await test(task, outcome.code, base, options.python);
  // EvalPlus's figure counts what passes both.
  const more = plus && (verdict.passed ? await test(task, outcome.code, plus, options.python) : verdict);
  return {
    id: task.id,
    type: task.type,
    mode,
    exchanges: outcome.exchanges,
    notes: outcome.notes,
    code: outcome.code,
    unchanged: outcome.code === task.conversation.current,
    ms: outcome.ms,
    base: verdict,
    ...(more && { plus: more }),
  };
}

export function test({ problem }: ApevalTask, solution: string, tests: Tests, python: string): Promise<TestVerdict> {
  return runSolution(python, { solution, entry: problem.entry, prompt: problem.prompt, tests });
}

async function askAsPaper(
  task: ApevalTask,
  subject: Subject,
  options: MeasureOptions,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  if (!subject.ask) throw new EngineError(`the engine ${subject.engine} takes no prompts; use --mode user`);
  const { format } = options;
  const { current } = task.conversation;
  const exchange = await subject.ask(renderAsPaper(task, options), options.maxTokens, signal);
  // Their client for chats gives nothing back of an answer that ran into the limit; the one for completions does.
  const dropped = exchange.ended === 'length' && format !== 'fewShotBase';
  const code = dropped ? current : extractAsPaper(format, current, exchange.answer);
  return { code, exchanges: [exchange], notes: dropped ? ['the answer did not end'] : [], ms: exchange.ms };
}

async function askAsUser(
  { conversation }: ApevalTask,
  subject: Subject,
  _: MeasureOptions,
  signal: AbortSignal,
): Promise<TaskOutcome> {
  try {
    // An editor always has a cursor; where a task names no place, it is where the text ends.
    const end = { kind: 'cursor', offset: conversation.current.length } as const;
    return await subject.predict({ ...conversation, target: conversation.target ?? end }, signal);
  } catch (error) {
    // The user reads why, and has what he had; a model that is gone has said nothing about the task.
    if (signal.aborted || error instanceof HostDied || !(error instanceof EngineError)) throw error;
    return { code: conversation.current, exchanges: [], notes: [`error: ${error.message}`], ms: 0 };
  }
}

/**
 * At most `limit` of the tasks of some types, evenly of each type. Which, is drawn by `seed`: more are drawn by the same seed
 * when the limit is raised. In the dataset's order.
 */
export function draw(
  tasks: readonly ApevalTask[],
  types: readonly TaskType[],
  limit: number | undefined,
  seed: number,
): ApevalTask[] {
  const meant = tasks.filter(({ type }) => types.includes(type));
  if (limit === undefined || limit >= meant.length) return meant;
  const rank = ({ id }: ApevalTask) => createHash('sha256').update(`${seed}:${id}`).digest('hex');
  const ranked = types.map((type) =>
    meant
      .filter((task) => task.type === type)
      .map((task) => ({ task, rank: rank(task) }))
      .sort((a, b) => (a.rank < b.rank ? -1 : 1)),
  );
  const drawn = new Set<ApevalTask>();
  for (let round = 0; drawn.size < limit; round++) {
    for (const of of ranked) {
      const next = of[round]?.task;
      if (next && drawn.size < limit) drawn.add(next);
    }
  }
  return meant.filter((task) => drawn.has(task));
}
