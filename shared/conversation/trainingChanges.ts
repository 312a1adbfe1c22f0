import type { LineHunk } from '../edits/diff.ts';
import { pythonIndent, pythonStrip, pythonWords } from './python.ts';
import { sequenceHunks } from './sequenceMatcher.ts';

export interface ChangeOptions {
  /** Widens each block until its lines of `before` occur there only once. */
  readonly unique?: boolean;
  /** Merges blocks with at most this many lines between them. */
  readonly mergeWithin?: number;
  /** Keeps changes of white space only. */
  readonly keepWhitespace?: boolean;
}

/**
 * The changed blocks as in CursorCore's training data (`extract_changes_lines` of the authors' `generic/utils.py`):
 * those of Python's difflib, without those that only change white space, unless lines are indented more or less than
 * any before.
 */
export function extractChanges(
  before: readonly string[],
  after: readonly string[],
  { unique = false, mergeWithin, keepWhitespace = false }: ChangeOptions = {},
): LineHunk[] {
  let hunks = sequenceHunks(before, after);
  if (!keepWhitespace && deepestIndent(before) === deepestIndent(after)) {
    hunks = hunks.filter(
      ({ start, end, newStart, newEnd }) =>
        wordsOf(before.slice(start, end)) !== wordsOf(after.slice(newStart, newEnd)),
    );
  }
  if (unique && hunks.length > 0) hunks = widenUntilUnique(hunks, before);
  return mergeWithin === undefined ? hunks : mergeNeighbours(hunks, mergeWithin);
}

function deepestIndent(lines: readonly string[]): number {
  return lines.reduce((deepest, line) => Math.max(deepest, pythonIndent(line)), 0);
}

function wordsOf(lines: readonly string[]): string {
  return lines.flatMap(pythonWords).join(' ');
}

/** Widens by as few lines as possible, preferably above. A blank text stays unchanged. */
function widenUntilUnique(hunks: readonly LineHunk[], lines: readonly string[]): LineHunk[] {
  const blank = lines.map((line) => pythonStrip(line) === '');
  if (!blank.includes(false)) return [...hunks];
  const repeated = longestRepeats(lines);
  /** The first line from each line on that is not blank. */
  const solid = new Array<number>(lines.length + 1).fill(lines.length);
  for (let i = lines.length - 1; i >= 0; i--) solid[i] = blank[i] ? (solid[i + 1] ?? lines.length) : i;
  const isUnique = (first: number, last: number) =>
    (solid[first] ?? lines.length) < last && last - first > (repeated[first] ?? 0);

  return hunks.map(({ start, end, newStart, newEnd }) => {
    for (let more = 0; more <= lines.length - end + start; more++) {
      for (let below = 0; below <= more; below++) {
        const first = start - more + below;
        if (first < 0 || !isUnique(first, Math.min(lines.length, end + below))) continue;
        const [above, under] = [Math.min(start, more - below), Math.min(lines.length - end, below)];
        return { start: start - above, end: end + under, newStart: newStart - above, newEnd: newEnd + under };
      }
    }
    return { start, end, newStart, newEnd };
  });
}

/** For each line, the maximum number of lines from there on that also occur elsewhere. */
function longestRepeats(lines: readonly string[]): number[] {
  const places = new Map<string, number[]>();
  const longest = new Array<number>(lines.length).fill(0);
  let below = new Map<number, number>();
  for (let i = lines.length - 1; i >= 0; i--) {
    const line = lines[i] ?? '';
    const later = places.get(line) ?? [];
    const here = new Map<number, number>();
    for (const j of later) {
      const length = (below.get(j + 1) ?? 0) + 1;
      here.set(j, length);
      longest[i] = Math.max(longest[i] ?? 0, length);
      longest[j] = Math.max(longest[j] ?? 0, length);
    }
    later.push(i);
    places.set(line, later);
    below = here;
  }
  return longest;
}

function mergeNeighbours(hunks: readonly LineHunk[], within: number): LineHunk[] {
  const merged: LineHunk[] = [];
  for (const hunk of hunks) {
    const last = merged.at(-1);
    if (last && hunk.start - last.end <= within && hunk.newStart - last.newEnd <= within) {
      merged[merged.length - 1] = {
        start: Math.min(last.start, hunk.start),
        end: Math.max(last.end, hunk.end),
        newStart: Math.min(last.newStart, hunk.newStart),
        newEnd: Math.max(last.newEnd, hunk.newEnd),
      };
    } else {
      merged.push(hunk);
    }
  }
  return merged;
}
