import { performance } from 'node:perf_hooks';
import type { PredictedEdit } from '../../shared/conversation/conversation.ts';
import type { Hunk } from '../../shared/edits/hunks.ts';
import { pickHunk } from '../../shared/edits/pick.ts';
import type { Engine } from '../engines/engine.ts';
import { type NextEditCase, toConversation } from './cases.ts';
import { matchesRemaining } from './judge.ts';
import { type Survival, survivalOf } from './survival.ts';

/** What the first hunk would be at `threshold` and above, until a higher threshold changes it. */
export interface Pick {
  readonly threshold: number;
  readonly correct: boolean;
  /** What becomes of it in the text as the programmer left it. */
  readonly survival: Survival;
}

export interface CaseResult {
  readonly id: string;
  readonly lang: string;
  /** Whether anything was still to come. */
  readonly wanted: boolean;
  /** The engine whose prediction this is; the last one asked where all were silent. */
  readonly engine: string;
  /** The prediction's first hunk for each range of thresholds, ascending; past the last one's edits, silence. */
  readonly picks: readonly Pick[];
  /** Above this threshold nothing is predicted; below 0 when nothing is predicted at all. */
  readonly silentAbove: number;
  /** Milliseconds. */
  readonly latency: number;
}

export interface Score {
  readonly cases: number;
  /** Cases in which something was still to come. */
  readonly wanted: number;
  readonly predicted: number;
  readonly correct: number;
  /** correct / predicted; 0 when nothing was predicted. */
  readonly precision: number;
  /** correct / wanted; 0 where nothing was. */
  readonly recall: number;
  /** Cases without a prediction / cases. */
  readonly silence: number;
  /** The same of the cases in which nothing was still to come; absent where there are none. */
  readonly quiet?: number;
  /** How much of a prediction survives in the text as the programmer left it, the mean over predictions; absent without any. */
  readonly kept?: number;
  /** The share of predictions that only take back what the programmer did; absent without any. */
  readonly reversed?: number;
}

/** Runs one case. Thresholds can be compared afterwards where the engine was told to keep everything. */
export async function runCase(engine: Engine, example: NextEditCase, signal: AbortSignal): Promise<CaseResult> {
  const conversation = toConversation(example);
  const begun = performance.now();
  const { edits } = await engine.predict(conversation, signal);
  const latency = performance.now() - begun;

  const cursor = conversation.target?.kind === 'cursor' ? conversation.target.offset : 0;
  const lines = example.current.split('\n');
  const picks: Pick[] = [];
  const levels = [...new Set(edits.map((edit) => edit.confidence))].sort((a, b) => a - b);
  let shown: string | undefined;
  levels.forEach((level, i) => {
    const first = pickHunk(
      example.current,
      edits.filter((edit) => edit.confidence >= level),
      cursor,
    );
    const key = first && keyOf(first);
    if (!first || key === shown) return;
    shown = key;
    const edit = { start: first.startLine, end: first.endLine, lines: first.newLines };
    const correct = matchesRemaining(lines, edit, example.remaining);
    const survival = survivalOf(example, edit);
    picks.push({ threshold: i === 0 ? 0 : Math.max(levels[i - 1] ?? 0, 0), correct, survival });
  });
  const wanted = example.remaining.length > 0;
  const { id, lang } = example;
  return { id, lang, engine: engine.name, wanted, picks, silentAbove: levels.at(-1) ?? -1, latency };
}

/** Runs one case as the server asks several engines: the first that is not silent answers. The latency is that of all asked. */
export async function runInTurn(
  engines: readonly [Engine, ...Engine[]],
  example: NextEditCase,
  signal: AbortSignal,
): Promise<CaseResult> {
  const [first, ...others] = engines;
  let result = await runCase(first, example, signal);
  for (const engine of others) {
    if (result.silentAbove >= 0) break;
    result = orElse(result, await runCase(engine, example, signal));
  }
  return result;
}

/** Runs one case through every engine, so that each threshold can be compared: an engine answers where those before it are silent. */
export async function runAll(
  engines: readonly [Engine, ...Engine[]],
  example: NextEditCase,
  signal: AbortSignal,
): Promise<CaseResult> {
  const [first, ...others] = engines;
  let result = await runCase(first, example, signal);
  for (const engine of others) result = orElse(result, await runCase(engine, example, signal));
  return result;
}

/** What `first` says, and at thresholds where it is silent, what `second` says. */
function orElse(first: CaseResult, second: CaseResult): CaseResult {
  const latency = first.latency + second.latency;
  if (first.silentAbove < 0) return { ...second, latency };
  const from = first.silentAbove;
  if (second.silentAbove <= from) return { ...first, latency };
  const atFrom = second.picks.findLast((pick) => pick.threshold <= from);
  const picks = [
    ...first.picks,
    ...(atFrom ? [{ ...atFrom, threshold: from }] : []),
    ...second.picks.filter((pick) => pick.threshold > from),
  ];
  return { ...first, picks, silentAbove: second.silentAbove, latency };
}

function keyOf(hunk: Hunk<PredictedEdit>): string {
  return `${hunk.startLine}:${hunk.endLine}:${hunk.newLines.join('\n')}`;
}

/** The case's first hunk at `threshold`; undefined for silence. */
export function outcome(result: CaseResult, threshold: number): Pick | undefined {
  if (result.silentAbove < threshold) return undefined;
  let shown: Pick | undefined;
  for (const [i, pick] of result.picks.entries()) {
    if (i > 0 && pick.threshold >= threshold) break;
    shown = pick;
  }
  return shown;
}

export function score(results: readonly CaseResult[], threshold: number): Score {
  const judged = results.map((result) => ({ ...result, shown: outcome(result, threshold) }));
  const shown = judged.flatMap((one) => one.shown ?? []);
  const correct = shown.filter((pick) => pick.correct).length;
  const wanted = judged.filter((one) => one.wanted).length;
  const unwanted = judged.filter((one) => !one.wanted);
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const [cases, predicted] = [judged.length, shown.length];
  return {
    cases,
    wanted,
    predicted,
    correct,
    precision: share(correct, predicted),
    recall: share(correct, wanted),
    silence: share(cases - predicted, cases),
    ...(unwanted.length > 0 && { quiet: share(unwanted.filter((one) => !one.shown).length, unwanted.length) }),
    ...(predicted > 0 && {
      kept: shown.reduce((sum, { survival }) => sum + survival.kept, 0) / predicted,
      reversed: shown.filter(({ survival }) => survival.reversed).length / predicted,
    }),
  };
}

export interface CurvePoint extends Score {
  readonly threshold: number;
}

/** Precision against recall, from every threshold that is a multiple of `step`. */
export function curve(results: readonly CaseResult[], step = 0.05): CurvePoint[] {
  const points: CurvePoint[] = [];
  for (let i = 0; i * step < 1; i++) {
    const threshold = Math.round(i * step * 1000) / 1000;
    points.push({ threshold, ...score(results, threshold) });
  }
  return points;
}

/** The value below which `share` of `values` lie (nearest rank); 0 for none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? 0;
}

export function byLanguage(results: readonly CaseResult[]): Map<string, CaseResult[]> {
  const groups = new Map<string, CaseResult[]>();
  for (const result of results) {
    const group = groups.get(result.lang);
    if (group) group.push(result);
    else groups.set(result.lang, [result]);
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)));
}
