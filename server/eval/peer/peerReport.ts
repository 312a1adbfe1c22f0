import { table } from '../report.ts';
import { type PeerResult, type PeerScore, peerScore } from './peerScore.ts';

export interface PeerReport {
  /** The model or the engine. */
  readonly name: string;
  readonly total: PeerScore;
  /** The cases by their order, one by one to either half: what is tuned on one is judged by the other. */
  readonly halves: readonly [PeerScore, PeerScore];
  readonly results: readonly PeerResult[];
}

export function peerReport(name: string, results: readonly PeerResult[]): PeerReport {
  const ids = [...new Set(results.map(({ id }) => id))];
  const half = (which: number) => peerScore(results.filter(({ id }) => ids.indexOf(id) % 2 === which));
  return { name, total: peerScore(results), halves: [half(0), half(1)], results };
}

/** The reports as a table for people, with a line for each result where `verbose`. */
export function renderPeerReport(reports: readonly PeerReport[], verbose: boolean): string {
  const head = ['model', 'score', 'deltaChrF', 'show', 'quiet', 'deletions', 'halves', 'p50'];
  const rows = reports.map(({ name, total, halves }) => [
    name,
    total.score.toFixed(3),
    total.deltaChrf.toFixed(1),
    total.show.toFixed(2),
    total.quiet.toFixed(2),
    String(total.deletions),
    halves.map((half) => half.score.toFixed(3)).join(' '),
    total.p50 === undefined ? '' : `${total.p50.toFixed(0)} ms`,
  ]);
  const [first] = reports;
  const count = first
    ? `${first.total.cases.wanted} that want an edit, ${first.total.cases.silence} that want silence`
    : '';
  const lines = verbose ? reports.map(({ name, results }) => `${name}\n${table(results.map(lineOf))}\n\n`) : [];
  return `${lines.join('')}${table([head, ...rows])}\n\n${count}; score = deltaChrF / 100 × harmonic mean of show and quiet\n`;
}

function lineOf({ id, cursor, wanted, shown, deltaChrf, linesLost, latency }: PeerResult): string[] {
  const outcome = shown ? (wanted ? (deltaChrf ?? 0).toFixed(0) : 'spoke') : wanted ? 'silent' : 'quiet';
  return [
    `${id}${cursor > 0 ? `#${cursor + 1}` : ''}`,
    outcome,
    linesLost > 0 ? `${linesLost} lines lost` : '',
    latency === undefined ? '' : `${latency.toFixed(0)} ms`,
  ];
}
