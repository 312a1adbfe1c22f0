import { hunksOfLines, type LineHunk } from '../edits/diff.ts';
import type { LineRange } from '../edits/lines.ts';
import type { Conversation } from './conversation.ts';
import { Snippet } from './snippet.ts';
import { type ChangeOptions, extractChanges } from './trainingChanges.ts';

export interface EarlierSnippet {
  readonly snippet: Snippet;
  /** Its lines that became the current text's excerpt; undefined if the whole text is shown. */
  readonly excerpt: LineRange | undefined;
}

/**
 * The history, oldest first, each snapshot cut to the lines that became the current text's excerpt. With an excerpt,
 * snapshots whose lines there equal those of the next one are left out.
 */
export function earlierSnippets(
  { history, current }: Pick<Conversation, 'history' | 'current'>,
  excerpt: LineRange | undefined,
): EarlierSnippet[] {
  if (!excerpt) return history.map((text) => ({ snippet: Snippet.of(text), excerpt: undefined }));
  const earlier: EarlierSnippet[] = [];
  let later = Snippet.of(current);
  let region = later.shown(excerpt);
  for (const text of history.toReversed()) {
    const snippet = Snippet.of(text);
    const before = regionBefore(hunksBetween(snippet, later), region);
    if (!sameLines(snippet, before, later, region)) earlier.unshift({ snippet, excerpt: before });
    [later, region] = [snippet, before];
  }
  return earlier;
}

const knownHunks = new WeakMap<Snippet, WeakMap<Snippet, readonly LineHunk[]>>();

/** The difference of two texts; cached while both texts exist. */
function hunksBetween(earlier: Snippet, later: Snippet): readonly LineHunk[] {
  const known = knownHunks.get(earlier) ?? new WeakMap<Snippet, readonly LineHunk[]>();
  knownHunks.set(earlier, known);
  const hunks = known.get(later) ?? hunksOfLines(earlier.lines, later.lines);
  known.set(later, hunks);
  return hunks;
}

/** One step of the history: how the earlier text differs from the later one. */
export interface HistoryStep {
  readonly earlier: Snippet;
  readonly later: Snippet;
  /** Lines `start` to `end` of the later text were lines `newStart` to `newEnd` of the earlier one. */
  readonly hunks: readonly LineHunk[];
}

/** The history's steps, oldest first, within the lines that became the current text's excerpt. */
export function historySteps(
  conversation: Pick<Conversation, 'history' | 'current'>,
  excerpt: LineRange | undefined,
  options: ChangeOptions,
): HistoryStep[] {
  const current = Snippet.of(conversation.current);
  const states = [...earlierSnippets(conversation, excerpt), { snippet: current, excerpt }];
  return states.flatMap(({ snippet: earlier, excerpt: earlierPart }, i) => {
    const next = states[i + 1];
    if (!next) return [];
    const later = next.snippet;
    const [to, from] = [later.shown(next.excerpt), earlier.shown(earlierPart)];
    const hunks = extractChanges(
      later.lines.slice(to.first, to.last),
      earlier.lines.slice(from.first, from.last),
      options,
    );
    return {
      earlier,
      later,
      hunks: hunks.map(({ start, end, newStart, newEnd }) => ({
        start: start + to.first,
        end: end + to.first,
        newStart: newStart + from.first,
        newEnd: newEnd + from.first,
      })),
    };
  });
}

/**
 * The lines of the earlier text that became `region` of the later one. A changed block that the region cuts is included
 * whole, and so are lines removed at its edges.
 */
export function regionBefore(hunks: readonly LineHunk[], region: LineRange): LineRange {
  const first = firstBefore(hunks, region.first);
  return { first, last: Math.max(first, lastBefore(hunks, region.last)) };
}

function firstBefore(hunks: readonly LineHunk[], first: number): number {
  let shift = 0;
  for (const { start, end, newStart, newEnd } of hunks) {
    if (newStart >= first) break;
    if (newEnd > first) return start;
    shift = newEnd - end;
  }
  return first - shift;
}

function lastBefore(hunks: readonly LineHunk[], last: number): number {
  let shift = 0;
  for (const { end, newStart, newEnd } of hunks) {
    if (newStart > last || (newStart === last && newEnd > last)) break;
    if (newEnd > last) return end;
    shift = newEnd - end;
  }
  return last - shift;
}

function sameLines(a: Snippet, { first, last }: LineRange, b: Snippet, other: LineRange): boolean {
  if (last - first !== other.last - other.first) return false;
  for (let i = 0; i < last - first; i++) if (a.lines[first + i] !== b.lines[other.first + i]) return false;
  return true;
}
