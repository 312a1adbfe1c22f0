import type { Measurement } from './session.ts';
import { medianRatio, type Quartiles, quartiles } from './statistics.ts';

/** In the order of a trace. */
export const kinds: readonly Measurement['kind'][] = ['cold', 'warm', 'jump', 'rest'];

/** The answers of one variant to the questions of one kind. */
export interface Group {
  readonly kind: Measurement['kind'];
  readonly variant: string;
  readonly answers: number;
  readonly shown: number;
  readonly ms: Quartiles;
  readonly cpu: Quartiles;
  readonly cpuInAll: Quartiles;
  readonly read?: number;
  readonly readAhead?: number;
  readonly written?: number;
  readonly runs?: number;
  /** How many times as long, and as much processor time, it took as the first variant, question by question. */
  readonly timesAsLong?: number;
  readonly timesTheCpu?: number;
}

type Figure = 'ms' | 'cpu' | 'cpuInAll' | 'read' | 'readAhead' | 'written' | 'runs';

/** Medians over the questions of a kind, for each variant, in the order of `variants`. Kinds nobody was asked are left out. */
export function groupsOf(measurements: readonly Measurement[], variants: readonly string[]): Group[] {
  return kinds.flatMap((kind) => {
    const ofKind = measurements.filter((one) => one.kind === kind);
    const first = ofKind.filter(({ variant }) => variant === variants[0]);
    return variants.flatMap((variant) => {
      const own = ofKind.filter((one) => one.variant === variant);
      const [ms, cpu, cpuInAll] = (['ms', 'cpu', 'cpuInAll'] as const).map((figure) => quartiles(figures(own, figure)));
      if (!ms || !cpu || !cpuInAll) return [];
      const counts = { answers: own.length, shown: own.filter(({ isShown }) => isShown).length };
      const optional = {
        read: quartiles(figures(own, 'read'))?.median,
        readAhead: quartiles(figures(own, 'readAhead'))?.median,
        written: quartiles(figures(own, 'written'))?.median,
        runs: quartiles(figures(own, 'runs'))?.median,
        timesAsLong: variant === variants[0] ? undefined : medianRatio(pairs(first, own, 'ms')),
        timesTheCpu: variant === variants[0] ? undefined : medianRatio(pairs(first, own, 'cpu')),
      };
      const known = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined));
      return [{ kind, variant, ...counts, ms, cpu, cpuInAll, ...known }];
    });
  });
}

function figures(some: readonly Measurement[], figure: Figure): number[] {
  return some.flatMap((one) => one[figure] ?? []);
}

function pairs(first: readonly Measurement[], second: readonly Measurement[], figure: 'ms' | 'cpu') {
  return first.flatMap((a): [number, number][] => {
    const b = second.find(({ trace, index }) => trace === a.trace && index === a.index);
    return b ? [[a[figure], b[figure]]] : [];
  });
}

/** As a table in Markdown. */
export function renderGroups(groups: readonly Group[]): string {
  const rows = groups.map((group) => [
    group.kind,
    group.variant,
    `${group.shown}/${group.answers}`,
    span(group.ms, (ms) => (ms / 1000).toFixed(2)),
    times(group.timesAsLong),
    span(group.cpu, (seconds) => seconds.toFixed(2)),
    times(group.timesTheCpu),
    group.cpuInAll.median.toFixed(2),
    ...[group.read, group.readAhead, group.written, group.runs].map((value) =>
      value === undefined ? '' : value.toFixed(0),
    ),
  ]);
  return table(
    [
      'question',
      'variant',
      'shown',
      's to first hunk',
      '×',
      'CPU s',
      '×',
      'CPU s in all',
      'read',
      'ahead',
      'written',
      'runs',
    ],
    rows,
  );
}

function span({ q1, median, q3 }: Quartiles, show: (value: number) => string): string {
  return `${show(median)} (${show(q1)} to ${show(q3)})`;
}

function times(ratio: number | undefined): string {
  return ratio === undefined ? '' : ratio.toFixed(2);
}

/** Text to the left, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const isText = head.map((_, column) => rows.some((row) => /^[a-z]/i.test(row[column] ?? '')));
  const widths = head.map((title, column) =>
    Math.max(2, title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (isText[i] ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (isText[i] ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(head), rule, ...rows.map(line)].join('\n');
}
