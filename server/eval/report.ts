import { byLanguage, type CaseResult, type CurvePoint, curve, percentile, type Score, score } from './nextEdit.ts';

/** An engine that was asked, and with what. */
export interface Measured {
  readonly name: string;
  /** The name of its model, where it has one. */
  readonly model?: string;
  /** The least confidence that counted as a prediction of it, 0 to 1. */
  readonly threshold: number;
}

/** How often an engine was the one to answer, and how often rightly. */
export interface EngineAnswers extends Measured, Pick<Score, 'predicted' | 'correct' | 'precision'> {}

export interface Report {
  /** In the order in which they are asked: each where those before it are silent. */
  readonly engines: readonly EngineAnswers[];
  readonly total: Score;
  readonly languages: { readonly [lang: string]: Score };
  /** Milliseconds a prediction took. */
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly curves?: { readonly [lang: string]: readonly CurvePoint[] };
}

export const allLanguages = 'all';

/** `results` are those of the engines at their thresholds; the curves are of `unfiltered`, the same cases with everything it thought of. */
export function makeReport(
  engines: readonly Measured[],
  results: readonly CaseResult[],
  unfiltered?: readonly CaseResult[],
): Report {
  const groups = byLanguage(results);
  const latencies = results.map((result) => result.latency);
  const report: Report = {
    engines: engines.map((measured) => {
      const { predicted, correct, precision } = score(
        results.filter(({ engine }) => engine === measured.name),
        0,
      );
      return { ...measured, predicted, correct, precision };
    }),
    total: score(results, 0),
    languages: Object.fromEntries([...groups].map(([lang, group]) => [lang, score(group, 0)])),
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
  const { engines, total, languages, latency, curves } = report;
  const header = [
    'language',
    'cases',
    'predicted',
    'correct',
    'precision',
    'recall',
    'silence',
    'quiet',
    'kept',
    'reversed',
  ];
  const share = (value: number | undefined) => value?.toFixed(3) ?? '–';
  const row = (name: string, s: Score) => [
    name,
    String(s.cases),
    String(s.predicted),
    String(s.correct),
    s.precision.toFixed(3),
    s.recall.toFixed(3),
    ...[s.silence, s.quiet, s.kept, s.reversed].map(share),
  ];
  const rows = [...Object.entries(languages).map(([lang, s]) => row(lang, s)), row(allLanguages, total)];
  const parts = [
    engines.map(describeEngine).join('\n'),
    table([header, ...rows]),
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

function describeEngine(
  { name, model, threshold, predicted, correct }: EngineAnswers,
  i: number,
  all: readonly EngineAnswers[],
): string {
  const which = `engine ${name}${model === undefined ? '' : `, model ${model}`}, threshold ${threshold}`;
  if (all.length === 1) return which;
  return `${which}: ${i === 0 ? 'asked first' : 'where that is silent'}, ${predicted} predicted, ${correct} correct`;
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
