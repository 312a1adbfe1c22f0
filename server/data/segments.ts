import { sequenceHunks } from '../../shared/conversation/sequenceMatcher.ts';
import type { LineHunk } from '../../shared/edits/diff.ts';
import type { Random } from './random.ts';

/** How one text differs from a later one, block by block: lines as `split('\n')` cuts them. */
export interface Difference {
  readonly before: readonly string[];
  readonly after: readonly string[];
  /** In order and apart, each with one line at least that is the same between it and the next. */
  readonly segments: readonly LineHunk[];
}

/** M cut by continuity (arXiv 2410.07002, section 4.2): lines that change side by side are one segment. */
export function difference(before: string, after: string): Difference {
  const [old, now] = [before.split('\n'), after.split('\n')];
  return { before: old, after: now, segments: sequenceHunks(old, now) };
}

/** The earlier text with those segments made whose index is in `chosen`. */
export function withSegments({ before, after, segments }: Difference, chosen: ReadonlySet<number>): string {
  const lines: string[] = [];
  let from = 0;
  for (const [i, { start, end, newStart, newEnd }] of segments.entries()) {
    if (!chosen.has(i)) continue;
    for (let line = from; line < start; line++) lines.push(before[line] ?? '');
    for (let line = newStart; line < newEnd; line++) lines.push(after[line] ?? '');
    from = end;
  }
  for (let line = from; line < before.length; line++) lines.push(before[line] ?? '');
  return lines.join('\n');
}

/**
 * The texts on the way from `before` to `after`, the first left out and the last not, when the segments are made one by one
 * in the order given (Appendix D). Texts equal to the one before them are left out.
 */
export function decompose(change: Difference, order: readonly number[]): string[] {
  const made = new Set<number>();
  const texts: string[] = [];
  let last = change.before.join('\n');
  for (const index of order) {
    made.add(index);
    const text = withSegments(change, made);
    if (text !== last) texts.push(text);
    last = text;
  }
  return texts;
}

export interface Series {
  /** The process's texts in time order, all different. */
  readonly texts: readonly string[];
  readonly decomposed: boolean;
}

/** More segments than this at once are a rewrite, which nobody makes one by one in any order. */
const maxSegments = 64;

/** The process with each step of several segments taken apart in random order, with the given probability for each step. */
export function decomposedSeries(snippets: readonly string[], probability: number, random: Random): Series {
  const texts: string[] = snippets.slice(0, 1);
  let decomposed = false;
  for (const [i, after] of snippets.slice(1).entries()) {
    const change = difference(snippets[i] ?? '', after);
    const { length } = change.segments;
    if (length > 1 && length <= maxSegments && random.chance(probability)) {
      decomposed = true;
      texts.push(...decompose(change, random.shuffled([...change.segments.keys()])));
    } else {
      texts.push(after);
    }
  }
  return { texts: withoutReturns(texts), decomposed };
}

/** The texts without those between two equal ones: what was undone is no history, as in the server's. */
function withoutReturns(texts: readonly string[]): string[] {
  const kept: string[] = [];
  for (const text of texts) {
    const before = kept.indexOf(text);
    if (before >= 0) kept.length = before;
    kept.push(text);
  }
  return kept;
}
