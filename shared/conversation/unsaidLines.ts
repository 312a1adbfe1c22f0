import { hunksOfLines, type LineHunk } from '../edits/diff.ts';
import { isNotBlank, saysSomething } from '../edits/lines.ts';
import { sequenceRatio } from './sequenceMatcher.ts';

/** Lines with less than this in common are not taken for one line and what became of it. */
const leastInCommon = 0.5;

/** What it takes to put in a line: more than to take one out, since it may as well be one of those that are left. */
const effortOfNewLine = 1.1;

export interface UnsaidLines {
  /** How many lines of the rewrite count: a bracket that only closes what it broke off does not. */
  readonly said: number;
  readonly left: readonly string[];
}

/**
 * The original lines that a rewrite has not said which ended before them all; undefined where it has. It has said those that it takes
 * the least to turn into its own, the fewest of them where that is not clear; the others have not been taken out, only not been reached.
 * All are said where the rewrite has as many lines, or ends with the same ones, or only blank ones are left.
 */
export function unsaidLines(original: readonly string[], rewrite: readonly string[]): UnsaidLines | undefined {
  const all = withoutBlankEnd(rewrite);
  if (all.length >= withoutBlankEnd(original).length || endOf(all) === endOf(original)) return undefined;
  let said = all.findLastIndex(saysSomething) + 1;
  const made = all.slice(0, said);
  let [reached, least] = [0, Number.POSITIVE_INFINITY];
  for (let count = 0; count <= original.length; count++) {
    const some = original.slice(0, count);
    const effort = hunksOfLines(some, made).reduce((sum, hunk) => sum + effortOf(hunk, some, made), 0);
    if (effort < least) [reached, least] = [count, effort];
  }
  while (said < all.length && all[said] === original[reached]) [said, reached] = [said + 1, reached + 1];
  const left = original.slice(reached);
  return withoutBlankEnd(left).length > 0 ? { said, left } : undefined;
}

function withoutBlankEnd(lines: readonly string[]): readonly string[] {
  return lines.slice(0, lines.findLastIndex(isNotBlank) + 1);
}

/** The last line that says something, and those behind it. */
function endOf(lines: readonly string[]): string {
  return withoutBlankEnd(lines.slice(Math.max(0, lines.findLastIndex(saysSomething)))).join('\n');
}

/** A line that is gone counts as 1, one that became another one as the part of it that did. */
function effortOf(hunk: LineHunk, original: readonly string[], rewrite: readonly string[]): number {
  const old = original.slice(hunk.start, hunk.end);
  const made = rewrite.slice(hunk.newStart, hunk.newEnd);
  const longer = Math.max(old.length, made.length);
  return Array.from({ length: longer }, (_, i) => i).reduce((sum, i) => {
    const [before, after] = [old[i], made[i]];
    if (after === undefined) return sum + 1;
    if (before === undefined) return sum + effortOfNewLine;
    const same = sequenceRatio(wordsAndMarks(before), wordsAndMarks(after));
    return sum + (same < leastInCommon ? 1 + effortOfNewLine : 1 - same);
  }, 0);
}

function wordsAndMarks(line: string): readonly string[] {
  return line.match(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu) ?? [];
}
