import { table } from '../report.ts';
import { describe } from './apevalReport.ts';
import { type TaskType, taskTypes } from './dataset.ts';
import { type Mode, modes, type RunSpec, type TaskRecord } from './runFolder.ts';

/** Two runs on the tasks that both have. */
export interface Comparison {
  readonly a: RunSpec;
  readonly b: RunSpec;
  readonly modes: Readonly<Partial<Record<Mode, ModeComparison>>>;
}

export interface ModeComparison {
  readonly types: Readonly<Record<TaskType, Counts>>;
  readonly all: Counts;
  /** In per cent of the tasks, B's rate above A's, with the standard error of the paired difference. */
  readonly difference: { readonly rate: number; readonly standardError: number };
  /** Tasks that only one of the two solved. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
  /** Tasks of which both made the same code. */
  readonly sameCode: number;
}

interface Counts {
  readonly tasks: number;
  readonly both: number;
  readonly onlyA: number;
  readonly onlyB: number;
  readonly neither: number;
}

interface Side {
  readonly spec: RunSpec;
  readonly records: readonly TaskRecord[];
}

/** Puts two runs side by side, task by task. */
export function compareRuns(a: Side, b: Side): Comparison {
  const compared = modes.flatMap((mode) => {
    const of = (side: Side) => new Map(side.records.filter((one) => one.mode === mode).map((one) => [one.id, one]));
    const others = of(b);
    const pairs = [...of(a).values()].flatMap((one): Pair[] => {
      const other = others.get(one.id);
      return other ? [[one, other]] : [];
    });
    return pairs.length > 0 ? [[mode, comparePairs(pairs)] as const] : [];
  });
  return { a: a.spec, b: b.spec, modes: Object.fromEntries(compared) };
}

type Pair = readonly [TaskRecord, TaskRecord];

function comparePairs(pairs: readonly Pair[]): ModeComparison {
  const all = count(pairs);
  const ids = (some: readonly Pair[]) => some.map(([{ id }]) => id);
  const difference = (all.onlyB - all.onlyA) / all.tasks;
  const spread = (all.onlyA + all.onlyB) / all.tasks - difference ** 2;
  return {
    types: Object.fromEntries(
      taskTypes.map((type) => [type, count(pairs.filter(([one]) => one.type === type))]),
    ) as Record<TaskType, Counts>,
    all,
    difference: { rate: 100 * difference, standardError: 100 * Math.sqrt(spread / all.tasks) },
    onlyA: ids(pairs.filter(([one, other]) => one.base.passed && !other.base.passed)),
    onlyB: ids(pairs.filter(([one, other]) => !one.base.passed && other.base.passed)),
    sameCode: pairs.filter(([one, other]) => one.code === other.code).length,
  };
}

function count(pairs: readonly Pair[]): Counts {
  const those = (a: boolean, b: boolean) =>
    pairs.filter(([one, other]) => one.base.passed === a && other.base.passed === b).length;
  return {
    tasks: pairs.length,
    both: those(true, true),
    onlyA: those(true, false),
    onlyB: those(false, true),
    neither: those(false, false),
  };
}

export function renderComparison({ a, b, modes: compared }: Comparison): string {
  const parts = [`A: ${describe(a)}\nB: ${describe(b)}`];
  for (const [mode, one] of Object.entries(compared)) {
    const row = (name: string, c: Counts) => [name, ...[c.tasks, c.both, c.onlyA, c.onlyB, c.neither].map(String)];
    const { rate, standardError } = one.difference;
    parts.push(
      table([
        [mode, 'tasks', 'both right', 'only A', 'only B', 'neither'],
        ...taskTypes.map((type) => row(type, one.types[type])),
        row('all', one.all),
      ]),
      `B above A by ${rate.toFixed(1)} ± ${standardError.toFixed(1)} points; the same code in ${one.sameCode}`,
      `only A: ${one.onlyA.join(', ') || 'none'}\nonly B: ${one.onlyB.join(', ') || 'none'}`,
    );
  }
  return `${parts.join('\n\n')}\n`;
}
