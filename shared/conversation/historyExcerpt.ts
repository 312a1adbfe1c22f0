import { hunksOfLines, type LineHunk } from '../edits/diff.ts';
import type { Conversation } from './conversation.ts';
import type { Excerpt } from './format.ts';
import { Snippet } from './snippet.ts';

export interface EarlierSnippet {
  readonly snippet: Snippet;
  /** The lines of it that became the current text's excerpt; undefined where the whole is shown. */
  readonly excerpt: Excerpt | undefined;
}

/**
 * The history, oldest first, each snapshot cut to the lines that became the current text's excerpt. With an excerpt,
 * snapshots whose lines there are those of the next one say nothing and are left out.
 */
export function earlierSnippets(
  { history, current }: Pick<Conversation, 'history' | 'current'>,
  excerpt: Excerpt | undefined,
): EarlierSnippet[] {
  if (!excerpt) return history.map((text) => ({ snippet: new Snippet(text), excerpt: undefined }));
  const earlier: EarlierSnippet[] = [];
  let later = new Snippet(current);
  let region = later.shown(excerpt);
  for (const text of history.toReversed()) {
    const snippet = new Snippet(text);
    const before = regionBefore(hunksOfLines(snippet.lines, later.lines), region);
    if (!sameLines(snippet, before, later, region)) earlier.unshift({ snippet, excerpt: before });
    [later, region] = [snippet, before];
  }
  return earlier;
}

/** The lines of the earlier text that became `region` of the later one; a changed block that reaches into it counts whole. */
export function regionBefore(hunks: readonly LineHunk[], region: Excerpt): Excerpt {
  let [first, last] = [region.first, region.last];
  let shift = 0;
  let firstFound = false;
  for (const { start, end, newStart, newEnd } of hunks) {
    if (!firstFound && newEnd > region.first) {
      firstFound = true;
      first = newStart < region.first ? start : region.first - shift;
    }
    if (newStart > region.last || (newStart === region.last && newStart < newEnd)) break;
    shift = newEnd - end;
    if (!firstFound) first = region.first - shift;
    // A block that the region cuts through is taken to its end.
    last = newEnd > region.last ? end : region.last - shift;
  }
  return { first, last: Math.max(first, last) };
}

function sameLines(a: Snippet, { first, last }: Excerpt, b: Snippet, other: Excerpt): boolean {
  if (last - first !== other.last - other.first) return false;
  for (let i = 0; i < last - first; i++) if (a.lines[first + i] !== b.lines[other.first + i]) return false;
  return true;
}
