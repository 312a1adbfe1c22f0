import { hunksOfLines, type LineHunk } from '../../shared/edits/diff.ts';
import type { NextEditCase } from './cases.ts';
import type { LineEdit } from './judge.ts';

/** What became of a predicted edit in the text as the programmer left it. */
export interface Survival {
  /** The share of what it puts in and takes out that is so in that text too, in tokens, 0 to 1. */
  readonly kept: number;
  /** Whether all it does is to take back: each token that it changes is then as in an earlier snapshot. */
  readonly reversed: boolean;
}

/** Compares a predicted edit with what the programmer did next. White space does not count. */
export function survivalOf(example: NextEditCase, predicted: LineEdit): Survival {
  const lines = example.current.split('\n');
  const current = tokensOf(example.current);
  const made = tokensOf(withEdit(lines, predicted).join('\n'));
  const changed = hunksOfLines(current, made);
  const size = sizeOf(changed);
  // A change of white space alone neither survives nor takes back.
  if (size === 0) return { kept: 0, reversed: false };
  const next = tokensOf(nextText(example));
  const [lost, replaced] = [hunksOfLines(made, next), hunksOfLines(current, next)].map(touchedBy);
  let kept = 0;
  for (const { start, end, newStart, newEnd } of changed) {
    for (let at = newStart; at < newEnd; at++) if (!lost?.has(at)) kept++;
    for (let at = start; at < end; at++) if (replaced?.has(at)) kept++;
  }
  const reversed = example.history.map(tokensOf).some((earlier) => {
    const way = sizeOf(hunksOfLines(current, earlier));
    return way - sizeOf(hunksOfLines(made, earlier)) >= size;
  });
  return { kept: kept / size, reversed };
}

/**
 * The text once everything that remains is done. Hunks that overlap, and insertions at one place, are ways of going on: of these the
 * longest first one.
 */
export function nextText({ current, remaining }: NextEditCase): string {
  const inserts = ({ start, end }: LineEdit) => Number(start === end);
  const chosen: LineEdit[] = [];
  // What is inserted stands above the line that is replaced at its place.
  const ordered = [...remaining].sort((a, b) => a.start - b.start || inserts(b) - inserts(a) || b.end - a.end);
  for (const hunk of ordered) {
    const last = chosen.at(-1);
    const repeats = last?.start === hunk.start && last.end === hunk.end;
    if (!repeats && hunk.start >= (last?.end ?? 0)) chosen.push(hunk);
  }
  return chosen.reduceRight<readonly string[]>(withEdit, current.split('\n')).join('\n');
}

function withEdit(lines: readonly string[], { start, end, lines: added }: LineEdit): readonly string[] {
  return [...lines.slice(0, start), ...added, ...lines.slice(end)];
}

function tokensOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];
}

function sizeOf(hunks: readonly LineHunk[]): number {
  return hunks.reduce((sum, { start, end, newStart, newEnd }) => sum + end - start + newEnd - newStart, 0);
}

/** Which places of the earlier sequence are in one of the hunks. */
function touchedBy(hunks: readonly LineHunk[]): Set<number> {
  return new Set(hunks.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i)));
}
