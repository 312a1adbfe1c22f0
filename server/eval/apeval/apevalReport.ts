import { table } from '../report.ts';
import { type TaskType, taskTypes } from './dataset.ts';
import { type PaperRow, paperRowOf } from './paperRows.ts';
import { type Mode, modes, type RunSpec, type TaskRecord } from './runFolder.ts';

/** Pass@1 of some tasks. */
export interface Rate {
  readonly tasks: number;
  readonly passed: number;
  /** passed / tasks; undefined for none. */
  readonly rate?: number;
  /** Of the rate, as of a binomial share: how far another draw of tasks would lead, not another model. */
  readonly standardError?: number;
}

export interface ModeReport {
  readonly types: Readonly<Record<TaskType, Rate>>;
  /** Over all tasks, as the authors average. */
  readonly average: Rate;
  readonly plus?: { readonly types: Readonly<Record<TaskType, Rate>>; readonly average: Rate };
  /** Tasks whose code stayed as it was: nothing offered, or no code found in the answer. */
  readonly unchanged: number;
  /** Answers that ran into the limit of tokens. */
  readonly endless: number;
  /** Why tasks failed, the most frequent first. */
  readonly reasons: Readonly<Record<string, number>>;
  /** Milliseconds until there was an answer: the median and the longest. */
  readonly ms: { readonly median: number; readonly longest: number };
}

export interface ApevalReport {
  readonly spec: RunSpec;
  readonly modes: Readonly<Partial<Record<Mode, ModeReport>>>;
  /** The paper's row for the model, in per cent. */
  readonly paper?: PaperRow;
  /** Tasks right in one mode and wrong in the other, of those that were run in both. */
  readonly differing: { readonly onlyAsPaper: readonly string[]; readonly onlyAsUser: readonly string[] };
  /** What held the solutions that were tested. */
  readonly heldBy: readonly string[];
  readonly verdicts: readonly {
    readonly id: string;
    readonly type: TaskType;
    readonly mode: Mode;
    readonly passed: boolean;
    readonly plus?: boolean;
    readonly reason?: string;
  }[];
}

/** A report on the records of one run. */
export function makeApevalReport(spec: RunSpec, records: readonly TaskRecord[]): ApevalReport {
  const of = (mode: Mode) => records.filter((record) => record.mode === mode);
  const row = spec.model && paperRowOf([spec.model.name, spec.model.source]);
  const right = (mode: Mode) => new Set(of(mode).flatMap(({ id, base }) => (base.passed ? [id] : [])));
  const [asPaper, asUser] = [right('paper'), right('user')];
  const both = of('paper').flatMap(({ id }) => (of('user').some((other) => other.id === id) ? [id] : []));
  return {
    spec,
    modes: Object.fromEntries(
      modes.flatMap((mode) => (of(mode).length > 0 ? [[mode, modeReport(of(mode))] as const] : [])),
    ),
    ...(row && { paper: row }),
    differing: {
      onlyAsPaper: both.filter((id) => asPaper.has(id) && !asUser.has(id)),
      onlyAsUser: both.filter((id) => asUser.has(id) && !asPaper.has(id)),
    },
    heldBy: [...new Set(records.flatMap(({ base }) => base.layers))],
    verdicts: records.map(({ id, type, mode, base: { passed, reason }, plus }) => ({
      id,
      type,
      mode,
      passed,
      ...(plus && { plus: plus.passed }),
      ...(reason !== undefined && { reason }),
    })),
  };
}

function modeReport(records: readonly TaskRecord[]): ModeReport {
  const times = records.map(({ ms }) => ms).sort((a, b) => a - b);
  const reasons = new Map<string, number>();
  for (const { base } of records) {
    if (base.passed) continue;
    const reason = kindOf(base.reason ?? '');
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  const hasPlus = records.some(({ plus }) => plus);
  return {
    ...rates(records, ({ base }) => base.passed),
    ...(hasPlus && { plus: rates(records, ({ plus }) => plus?.passed === true) }),
    unchanged: records.filter(({ unchanged }) => unchanged).length,
    endless: records.filter(({ exchanges }) => exchanges.some(({ ended }) => ended === 'length')).length,
    reasons: Object.fromEntries([...reasons].sort((a, b) => b[1] - a[1])),
    ms: { median: times[Math.floor(times.length / 2)] ?? 0, longest: times.at(-1) ?? 0 },
  };
}

/** A reason without what only one task has in it. */
function kindOf(reason: string): string {
  return reason
    .replace(/^(the solution cannot be read: )?(\w+): .*$/, '$1$2')
    .replace(/ \w+$/, (name) => (reason.startsWith('there is no function') ? '' : name));
}

function rates(records: readonly TaskRecord[], passes: (record: TaskRecord) => boolean) {
  const of = (some: readonly TaskRecord[]) => rateOf(some.length, some.filter(passes).length);
  const typed = taskTypes.map((type) => [type, of(records.filter((record) => record.type === type))] as const);
  return { types: Object.fromEntries(typed) as Record<TaskType, Rate>, average: of(records) };
}

export function rateOf(tasks: number, passed: number): Rate {
  if (tasks === 0) return { tasks, passed };
  const rate = passed / tasks;
  return { tasks, passed, rate, standardError: Math.sqrt((rate * (1 - rate)) / tasks) };
}

const modeNames: Readonly<Record<Mode, string>> = { paper: 'as the paper', user: 'as the user gets it' };

/** The report as tables for people. */
export function renderApevalReport(report: ApevalReport): string {
  const { spec, paper, differing } = report;
  const header = ['Pass@1, base tests', ...taskTypes, 'average'];
  const done = Object.entries(report.modes) as [Mode, ModeReport][];
  const rows = done.map(([mode, one]) => rateRow(modeNames[mode], one));
  const extra = done.flatMap(([mode, { plus }]) => (plus ? [rateRow(`${modeNames[mode]}, EvalPlus`, plus)] : []));
  const cells = (name: string, row: readonly number[]) => [name, ...row.map((rate) => rate.toFixed(1))];
  const published = paper ? [cells(`paper: ${paper.model}`, paper.base)] : [];
  const publishedPlus = paper && extra.length > 0 ? [cells(`paper: ${paper.model}, EvalPlus`, paper.plus)] : [];
  const parts = [
    describe(spec),
    table([header, ...rows, ...published, ...extra, ...publishedPlus]),
    'per cent ± standard error (passed / tasks)',
    ...done.map(([mode, one]) => remarks(modeNames[mode], one)),
  ];
  if (!paper) parts.push('The paper has no row for this model.');
  if (done.length > 1) {
    parts.push(`right only as the paper: ${listed(differing.onlyAsPaper)}`);
    parts.push(`right only as the user gets it: ${listed(differing.onlyAsUser)}`);
  }
  parts.push(`Solutions were held by: ${listed(report.heldBy)}.`);
  return `${parts.join('\n\n')}\n`;
}

export function describe({ engine, model, format, targetArea, window }: RunSpec): string {
  return [
    `engine ${engine}`,
    ...(model ? [`model ${model.name} (${model.precision})`] : []),
    ...(format ? [`format ${format}`, `target area ${targetArea ? 'marked' : 'not marked'}`] : []),
    ...(window === undefined ? [] : [`the last ${window} snapshots`]),
  ].join(', ');
}

function rateRow(name: string, { types, average }: Pick<ModeReport, 'types' | 'average'>): string[] {
  return [name, ...taskTypes.map((type) => cell(types[type])), cell(average)];
}

function cell({ tasks, passed, rate, standardError }: Rate): string {
  if (rate === undefined || standardError === undefined) return '–';
  return `${percent(rate)} ± ${percent(standardError)} (${passed}/${tasks})`;
}

const percent = (share: number) => (100 * share).toFixed(1);
const listed = (items: readonly string[]) => (items.length === 0 ? 'none' : items.join(', '));

function remarks(name: string, { average, unchanged, endless, reasons, ms }: ModeReport): string {
  const failed = average.tasks - average.passed;
  const why = Object.entries(reasons).map(([reason, count]) => `${count} × ${reason}`);
  return [
    `${name}: ${average.tasks} tasks, code unchanged in ${unchanged}, answer without an end in ${endless}`,
    `median ${(ms.median / 1000).toFixed(1)} s, longest ${(ms.longest / 1000).toFixed(1)} s`,
    ...(failed > 0 ? [`failed: ${why.join(', ')}`] : []),
  ].join('; ');
}
