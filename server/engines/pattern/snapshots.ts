import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { invertDelta, type Change as TextChange } from '../../../shared/edits/delta.ts';
import { lineAtOffset } from '../../../shared/positions/lineIndex.ts';

/** At most this many earlier texts are looked at, the newest. */
const maxSnapshots = 8;

/**
 * The lines of the texts between the programmer's edits, oldest first, the current one last, without terminators. From
 * the edits where they are known, so that lines which stayed are the same string and cheap to compare; else from `history`.
 * Undefined where there is no edit to learn from, or the last one only went back to an earlier text.
 */
export function snapshotLines({ history, edits, current }: Conversation): string[][] | undefined {
  if (edits) return edits.length > 0 ? fromEdits(edits.slice(-maxSnapshots), current) : undefined;
  const texts = history.slice(-maxSnapshots).filter((text, i, all) => text !== all[i + 1]);
  if (texts.length === 0 || texts.slice(0, -1).includes(current)) return undefined;
  return [...texts, current].map(textLines);
}

/** The lines of a text, split at `\n`, without a `\r` at their ends. */
export function textLines(text: string): string[] {
  return withoutReturns(text.split('\n'));
}

function withoutReturns(lines: readonly string[]): string[] {
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line));
}

function fromEdits(edits: readonly (readonly TextChange[])[], current: string): string[][] {
  let lines = current.split('\n');
  const snapshots = [lines];
  for (const delta of [...edits].reverse()) {
    lines = replaceIn(lines, invertDelta(delta));
    snapshots.unshift(lines);
  }
  return current.includes('\r') || edits.some((delta) => delta.some(({ removed }) => removed.includes('\r')))
    ? snapshots.map(withoutReturns)
    : snapshots;
}

/** Applies changes, sorted, in offsets of the lines joined by `\n`; lines that no change touches are kept as they are. */
function replaceIn(lines: readonly string[], changes: readonly TextChange[]): string[] {
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += line.length + 1;
  }
  const result: string[] = [];
  let next = 0;
  /** What stands on the line being put together, up to a column of line `next`. */
  let open: { text: string; column: number } | undefined;
  for (const { start, removed, inserted } of changes) {
    const [first, last] = [lineAtOffset(starts, start), lineAtOffset(starts, start + removed.length)];
    if (open && first > next) {
      result.push(open.text + (lines[next] ?? '').slice(open.column));
      next++;
      open = undefined;
    }
    for (; next < first; next++) result.push(lines[next] ?? '');
    const column = start - (starts[first] ?? 0);
    const head: string = (open?.text ?? '') + (lines[first] ?? '').slice(open?.column ?? 0, column);
    const made = (head + inserted).split('\n');
    for (const line of made.slice(0, -1)) result.push(line);
    next = last;
    open = { text: made.at(-1) ?? '', column: start + removed.length - (starts[last] ?? 0) };
  }
  if (open) {
    result.push(open.text + (lines[next] ?? '').slice(open.column));
    next++;
  }
  for (; next < lines.length; next++) result.push(lines[next] ?? '');
  return result;
}
