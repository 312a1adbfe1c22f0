import type { RemainingHunk } from './cases.ts';

/** Lines `start` to `end` replaced by `lines`; half-open, from 0. */
export interface LineEdit {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
}

/**
 * Whether a predicted hunk is one of the hunks that were still to come, surrounding white space aside: the same
 * lines are replaced by the same text, not counting blank lines and white space at the hunk's ends. Where a hunk can
 * be placed in several ways with the same outcome (a line inserted below its twin or above), all of them count.
 */
export function matchesRemaining(
  lines: readonly string[],
  predicted: LineEdit,
  remaining: readonly RemainingHunk[],
): boolean {
  return remaining.some((hunk) => sameLinesMade(lines, predicted, hunk));
}

export function sameLinesMade(lines: readonly string[], a: LineEdit, b: LineEdit): boolean {
  const left = normalize(lines, a);
  const right = normalize(lines, b);
  return left.start === right.start && left.end === right.end && trimmed(left.lines) === trimmed(right.lines);
}

/** The hunk without unchanged lines at its ends, moved up as far as repeated lines allow. */
function normalize(lines: readonly string[], edit: LineEdit): LineEdit {
  let { start, end } = edit;
  let added = [...edit.lines];
  while (start < end && added.length > 0 && lines[start] === added[0]) {
    start++;
    added = added.slice(1);
  }
  while (start < end && added.length > 0 && lines[end - 1] === added.at(-1)) {
    end--;
    added = added.slice(0, -1);
  }
  if (start === end) {
    while (start > 0 && added.length > 0 && lines[start - 1] === added.at(-1)) {
      added = [added.at(-1) ?? '', ...added.slice(0, -1)];
      start--;
      end--;
    }
  } else if (added.length === 0) {
    while (start > 0 && lines[start - 1] === lines[end - 1]) {
      start--;
      end--;
    }
  }
  return { start, end, lines: added };
}

function trimmed(lines: readonly string[]): string {
  return lines.join('\n').trim();
}
