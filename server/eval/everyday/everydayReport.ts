import { percentile } from '../nextEdit.ts';
import { table } from '../report.ts';
import type { CaseVerdict, PlayedCase } from './play.ts';

/** How often the first offer was right, and what became of the rest. Shares are `undefined` where there is nothing to share. */
export interface EverydayScore {
  readonly cases: number;
  /** Cases that want edits, and what came first in them. */
  readonly wanted: number;
  readonly right: number;
  readonly wrong: number;
  readonly silent: number;
  /** Of these, those whose whole change was made by accepting what was offered. */
  readonly complete: number;
  /** Cases that want silence, or do not mind it, and what came of them. */
  readonly unwanted: number;
  readonly quiet: number;
  readonly spoke: number;
  readonly failed: number;
  /** Right first offers / first offers. */
  readonly precision: number | undefined;
  /** Right first offers / cases that want edits. */
  readonly recall: number | undefined;
}

export interface EverydayReport {
  readonly total: EverydayScore;
  readonly kinds: { readonly [kind: string]: EverydayScore };
  readonly languages: { readonly [lang: string]: EverydayScore };
  /** All offers, first or not; the edits that had to be made; offers that passed a nearer edit by. */
  readonly chains: {
    readonly offers: number;
    readonly right: number;
    readonly sites: number;
    readonly sitesDone: number;
    readonly passedBy: number;
    readonly firstRight: number;
    readonly firstPassedBy: number;
  };
  readonly typing?: { readonly asked: number; readonly shown: number; readonly wrong: number };
  /** Milliseconds to the first answer. */
  readonly latency: { readonly p50: number; readonly p99: number };
  readonly cases: readonly PlayedCase[];
}

export function makeEverydayReport(cases: readonly PlayedCase[]): EverydayReport {
  const chains = cases.map(({ chain }) => chain);
  const right = chains.flat().filter(({ verdict }) => verdict === 'right');
  const first = chains.flatMap(([one]) => (one?.verdict === 'right' ? [one] : []));
  const wanted = cases.filter(({ want }) => want === 'edits');
  const typed = cases.flatMap(({ typing }) => typing ?? []);
  const times = cases.filter(({ result }) => result !== 'failed').map(({ firstMs }) => firstMs);
  return {
    total: everydayScore(cases),
    kinds: scores(cases, ({ kind }) => kind),
    languages: scores(cases, ({ lang }) => lang),
    chains: {
      offers: chains.flat().length,
      right: right.length,
      sites: sum(wanted.map(({ sites }) => sites.required)),
      sitesDone: sum(wanted.map(({ sites }) => sites.done)),
      passedBy: right.filter(({ passedBy }) => passedBy > 0).length,
      firstRight: first.length,
      firstPassedBy: first.filter(({ passedBy }) => passedBy > 0).length,
    },
    ...(typed.length > 0
      ? {
          typing: {
            asked: sum(typed.map(({ asked }) => asked)),
            shown: sum(typed.map(({ shown }) => shown)),
            wrong: sum(typed.map(({ wrong }) => wrong)),
          },
        }
      : {}),
    latency: { p50: percentile(times, 0.5), p99: percentile(times, 0.99) },
    cases,
  };
}

export function everydayScore(cases: readonly PlayedCase[]): EverydayScore {
  const wanted = cases.filter(({ want }) => want === 'edits');
  const unwanted = cases.filter(({ want }) => want !== 'edits');
  const count = (among: readonly PlayedCase[], result: CaseVerdict) =>
    among.filter((one) => one.result === result).length;
  const right = count(wanted, 'right');
  const wrong = count(wanted, 'wrong');
  const spoke = count(unwanted, 'spoke');
  // An offer that is right where none had to be made.
  const free = count(unwanted, 'right');
  const offered = right + free + wrong + spoke;
  return {
    cases: cases.length,
    wanted: wanted.length,
    right,
    wrong,
    silent: count(wanted, 'silent'),
    complete: wanted.filter(({ complete }) => complete).length,
    unwanted: unwanted.length,
    quiet: count(unwanted, 'quiet') + free,
    spoke,
    failed: count(cases, 'failed'),
    precision: offered === 0 ? undefined : (right + free) / offered,
    recall: wanted.length === 0 ? undefined : right / wanted.length,
  };
}

function scores(cases: readonly PlayedCase[], keyOf: (one: PlayedCase) => string): Record<string, EverydayScore> {
  const groups = new Map<string, PlayedCase[]>();
  for (const one of cases) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  const sorted = [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map(([key, group]) => [key, everydayScore(group)]));
}

/** The report as tables for people. */
export function renderEverydayReport(report: EverydayReport): string {
  const { total, kinds, languages, chains, typing, latency, cases } = report;
  const rows = (of: EverydayReport['kinds']) => [...Object.entries(of), ['all', total] as const].map(row);
  const head = ['wanted', 'right', 'wrong', 'silent', 'whole', 'unwanted', 'quiet', 'spoke', 'precision', 'recall'];
  const parts = [
    table([['kind', ...head], ...rows(kinds)]),
    table([['language', ...head], ...rows(languages)]),
    [
      `offers one after another: ${chains.right} of ${chains.offers} right; ${chains.sitesDone} of ${chains.sites} edits made`,
      `right offers that pass a nearer edit by: ${chains.passedBy} of ${chains.right}; first ones: ${chains.firstPassedBy} of ${chains.firstRight}`,
      ...(typing
        ? [
            `while typing: asked ${typing.asked} times, ${typing.shown} times shown something, ${typing.wrong} times wrong`,
          ]
        : []),
      `first answer p50 ${latency.p50.toFixed(0)} ms, p99 ${latency.p99.toFixed(0)} ms, the start of the engine included`,
      ...cases.flatMap(({ id, problem }) => (problem === undefined ? [] : [`failed: ${id}: ${problem}`])),
    ].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function row([name, s]: readonly [string, EverydayScore]): string[] {
  const counts = [s.wanted, s.right, s.wrong, s.silent, s.complete, s.unwanted, s.quiet, s.spoke].map(String);
  return [name, ...counts, ...[s.precision, s.recall].map((share) => share?.toFixed(2) ?? '–')];
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0);
}
