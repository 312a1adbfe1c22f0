import type { NextEditCase } from '../../server/eval/cases.ts';
import { matchesRemaining } from '../../server/eval/judge.ts';
import type { Hunk } from '../../shared/edits/hunks.ts';

/** Whether a hunk does some of what remains, line by line, and nothing else. */
export function isRight(example: NextEditCase, { startLine, endLine, oldLines, newLines }: Hunk): boolean {
  const { current, remaining } = example;
  const edit = { start: startLine, end: endLine, lines: newLines };
  if (matchesRemaining(current.split('\n'), edit, remaining)) return true;
  if (oldLines.length === 0 || oldLines.length !== newLines.length) return false;
  return newLines.every((line, i) => {
    const at = startLine + i;
    return (
      line === oldLines[i] ||
      remaining.some(({ start, end, lines }) => start <= at && at < end && lines[at - start] === line)
    );
  });
}
