import { applyEdits } from '../../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import { percentile } from '../nextEdit.ts';
import { deltaChrf } from './deltaChrf.ts';
import type { PeerCase } from './peerCase.ts';

/** What came of asking at one cursor of a case. */
export interface PeerResult {
  readonly id: string;
  /** Counted from 0 among the case's cursors that were asked at. */
  readonly cursor: number;
  /** Whether the case wants an edit. */
  readonly wanted: boolean;
  readonly shown: boolean;
  /** 0 to 100, where an edit is wanted; 0 for silence. */
  readonly deltaChrf?: number;
  /** How many lines the edits take out without putting others in. */
  readonly linesLost: number;
  /** Milliseconds; absent for a recorded answer. */
  readonly latency?: number;
}

export interface PeerScore {
  readonly cases: { readonly wanted: number; readonly silence: number };
  /** Mean deltaChrF / 100 × harmonic mean of show and quiet, which is the peer's own rule. */
  readonly score: number;
  readonly deltaChrf: number;
  /** How often something was shown where an edit is wanted, and nothing where silence is. */
  readonly show: number;
  readonly quiet: number;
  /** Answers that took out lines without putting others in. */
  readonly deletions: number;
  /** Milliseconds; absent for recorded answers. */
  readonly p50?: number;
}

export function judgePeer(
  { id, buffer, expected }: PeerCase,
  cursor: number,
  edits: readonly OffsetEdit[],
  latency?: number,
): PeerResult {
  const made = applyEdits(buffer, edits);
  const shown = edits.length > 0 && made !== buffer;
  const time = latency === undefined ? {} : { latency };
  const linesLost = Math.max(0, lineCount(buffer) - lineCount(made));
  const result = { id, cursor, wanted: expected !== null, shown, linesLost, ...time };
  if (expected === null) return result;
  return { ...result, deltaChrf: shown ? deltaChrf(buffer, made, expected) : 0 };
}

export function peerScore(results: readonly PeerResult[]): PeerScore {
  const wanted = results.filter((result) => result.wanted);
  const silence = results.filter((result) => !result.wanted);
  const show = mean(wanted.map(({ shown }) => Number(shown)));
  const quiet = mean(silence.map(({ shown }) => Number(!shown)));
  const delta = mean(wanted.map((result) => result.deltaChrf ?? 0));
  const latencies = results.flatMap(({ latency }) => (latency === undefined ? [] : [latency]));
  return {
    cases: { wanted: wanted.length, silence: silence.length },
    score: show + quiet === 0 ? 0 : (delta / 100) * ((2 * show * quiet) / (show + quiet)),
    deltaChrf: delta,
    show,
    quiet,
    deletions: results.filter(({ linesLost }) => linesLost > 0).length,
    ...(latencies.length > 0 ? { p50: percentile(latencies, 0.5) } : {}),
  };
}

function lineCount(text: string): number {
  return text.split('\n').filter((line) => line.trim() !== '').length;
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
