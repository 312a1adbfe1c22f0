import { performance } from 'node:perf_hooks';
import type { PredictedEdit } from '../../shared/conversation/conversation.ts';
import type { Hunk } from '../../shared/edits/hunks.ts';
import { pickHunk } from '../../shared/edits/pick.ts';
import type { Engine } from '../engines/engine.ts';
import { type NextEditCase, toConversation } from './cases.ts';
import { matchesRemaining } from './judge.ts';

/** What the first hunk would be at `threshold` and above, until a higher threshold changes it. */
export interface Pick {
  readonly threshold: number;
  readonly correct: boolean;
}

export interface CaseResult {
  readonly id: string;
  readonly lang: string;
  /** The prediction's first hunk for each range of thresholds, ascending; past the last one's edits, silence. */
  readonly picks: readonly Pick[];
  /** Above this threshold nothing is predicted; below 0 when nothing is predicted at all. */
  readonly silentAbove: number;
  /** Whether anything is left to do. */
  readonly wanted: boolean;
  /** Of the lines that the first hunk writes, how many, 0 to 1, stand in the text as it is to be; absent without such. */
  readonly kept?: number;
  /** Whether the first hunk puts back lines that were taken out before, and nothing else. */
  readonly reverts: boolean;
  /** Milliseconds. */
  readonly latency: number;
}

export interface Score {
  readonly cases: number;
  readonly predicted: number;
  readonly correct: number;
  /** correct / predicted; 0 when nothing was predicted. */
  readonly precision: number;
  /** correct / cases. */
  readonly recall: number;
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
  let nearest: Hunk<PredictedEdit> | undefined;
  levels.forEach((level, i) => {
    const first = pickHunk(
      example.current,
      edits.filter((edit) => edit.confidence >= level),
      cursor,
    );
    const key = first && keyOf(first);
    if (!first || key === shown) return;
    shown = key;
    nearest ??= first;
    const correct = matchesRemaining(
      lines,
      { start: first.startLine, end: first.endLine, lines: first.newLines },
      example.remaining,
    );
    picks.push({ threshold: i === 0 ? 0 : Math.max(levels[i - 1] ?? 0, 0), correct });
  });
  return {
    id: example.id,
    lang: example.lang,
    picks,
    silentAbove: levels.at(-1) ?? -1,
    wanted: example.remaining.length > 0,
    ...(nearest ? outcomeOf(nearest, example) : { reverts: false }),
    latency,
  };
}

/** What becomes of a hunk's lines, white space around them aside. */
function outcomeOf({ newLines }: Hunk, example: NextEditCase): { kept?: number; reverts: boolean } {
  const trimmed = (lines: readonly string[]) =>
    lines.map((line) => line.trim()).filter((line) => /[\p{L}\p{N}]/u.test(line));
  const lines = example.current.split('\n');
  const current = new Set(trimmed(lines));
  for (const { start, end, lines: made } of example.remaining.toReversed()) lines.splice(start, end - start, ...made);
  const wanted = new Set(trimmed(lines));
  const earlier = new Set(example.history.flatMap((text) => trimmed(text.split('\n'))));
  const put = trimmed(newLines).filter((line) => !current.has(line));
  const reverts = put.length > 0 && put.every((line) => earlier.has(line) && !wanted.has(line));
  return put.length === 0 ? { reverts } : { kept: put.filter((line) => wanted.has(line)).length / put.length, reverts };
}

function keyOf(hunk: Hunk<PredictedEdit>): string {
  return `${hunk.startLine}:${hunk.endLine}:${hunk.newLines.join('\n')}`;
}

/** Whether the case's first hunk at `threshold` is right; undefined for silence. */
export function outcome(result: CaseResult, threshold: number): boolean | undefined {
  if (result.silentAbove < threshold) return undefined;
  let correct: boolean | undefined;
  for (const pick of result.picks) {
    if (pick.threshold > 0 && pick.threshold >= threshold) break;
    correct = pick.correct;
  }
  return correct;
}

export function score(results: readonly CaseResult[], threshold: number): Score {
  let predicted = 0;
  let correct = 0;
  for (const result of results) {
    const right = outcome(result, threshold);
    if (right === undefined) continue;
    predicted++;
    if (right) correct++;
  }
  const cases = results.length;
  return {
    cases,
    predicted,
    correct,
    precision: predicted === 0 ? 0 : correct / predicted,
    recall: cases === 0 ? 0 : correct / cases,
  };
}

/** What an engine's first hunks are worth besides being right. */
export interface Conduct {
  /** How often nothing is predicted, 0 to 1: of all cases, and of those where nothing is left to do; null without such. */
  readonly silent: number;
  readonly quiet: number | null;
  /** The mean share of a hunk's new lines that stand in the text as it is to be; null without predictions. */
  readonly kept: number | null;
  /** The share of predictions that put back what was taken out before; null without predictions. */
  readonly reversal: number | null;
}

export function conduct(results: readonly CaseResult[]): Conduct {
  const silent = (some: readonly CaseResult[]) => some.filter((result) => outcome(result, 0) === undefined).length;
  const idle = results.filter(({ wanted }) => !wanted);
  const shown = results.filter((result) => outcome(result, 0) !== undefined);
  const kept = shown.flatMap((result) => (result.kept === undefined ? [] : [result.kept]));
  const share = (part: number, whole: number) => (whole === 0 ? null : part / whole);
  return {
    silent: share(silent(results), results.length) ?? 0,
    quiet: share(silent(idle), idle.length),
    kept: share(
      kept.reduce((sum, one) => sum + one, 0),
      kept.length,
    ),
    reversal: share(shown.filter(({ reverts }) => reverts).length, shown.length),
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
