import {
  byLanguage,
  type CaseResult,
  type Conduct,
  type CurvePoint,
  conduct,
  curve,
  percentile,
  type Score,
  score,
} from './nextEdit.ts';

export interface Report {
  readonly engine: string;
  readonly threshold: number;
  readonly total: Score;
  readonly languages: { readonly [lang: string]: Score };
  readonly conduct: Conduct;
  /** Milliseconds a prediction took. */
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly curves?: { readonly [lang: string]: readonly CurvePoint[] };
}

export const allLanguages = 'all';

/** `results` are the engine's at `threshold`; the curves are of `unfiltered`, the same cases with everything it thought of. */
export function makeReport(
  engine: string,
  threshold: number,
  results: readonly CaseResult[],
  unfiltered?: readonly CaseResult[],
): Report {
  const groups = byLanguage(results);
  const latencies = results.map((result) => result.latency);
  const report: Report = {
    engine,
    threshold,
    total: score(results, 0),
    languages: Object.fromEntries([...groups].map(([lang, group]) => [lang, score(group, 0)])),
    conduct: conduct(results),
    latency: { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99) },
  };
  if (!unfiltered) return report;
  const curves = [
    [allLanguages, curve(unfiltered)] as const,
    ...[...byLanguage(unfiltered)].map(([lang, g]) => [lang, curve(g)] as const),
  ];
  return { ...report, curves: Object.fromEntries(curves) };
}

/** The report as tables for people. */
export function renderReport(report: Report): string {
  const { total, languages, latency, curves } = report;
  const header = ['language', 'cases', 'predicted', 'correct', 'precision', 'recall'];
  const row = (name: string, s: Score) => [
    name,
    String(s.cases),
    String(s.predicted),
    String(s.correct),
    s.precision.toFixed(3),
    s.recall.toFixed(3),
  ];
  const rows = [...Object.entries(languages).map(([lang, s]) => row(lang, s)), row(allLanguages, total)];
  const parts = [
    `engine ${report.engine}, threshold ${report.threshold}`,
    table([header, ...rows]),
    conductLine(report.conduct),
    `latency p50 ${latency.p50.toFixed(1)} ms, p99 ${latency.p99.toFixed(1)} ms`,
  ];
  for (const [lang, points] of Object.entries(curves ?? {})) {
    const lines = points
      .filter((point) => point.predicted > 0)
      .map((p) => [p.threshold.toFixed(2), String(p.predicted), p.precision.toFixed(3), p.recall.toFixed(3)]);
    parts.push(`${lang}\n${table([['threshold', 'predicted', 'precision', 'recall'], ...lines])}`);
  }
  return `${parts.join('\n\n')}\n`;
}

function conductLine({ silent, quiet, kept, reversal }: Conduct): string {
  const share = (value: number | null) => value?.toFixed(3) ?? '–';
  return `silent ${share(silent)}, where nothing is left to do ${share(quiet)}; of what was shown ${share(kept)} of the new lines kept, ${share(reversal)} put back what was taken out`;
}

/** Columns padded to the widest cell: the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, i) => {
      widths[i] = Math.max(widths[i] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n');
}
