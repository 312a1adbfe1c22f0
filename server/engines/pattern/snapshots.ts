import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { invertDelta, type DeltaChange as TextChange } from '../../../shared/edits/delta.ts';
import { sameLines } from './sameLines.ts';

/** At most this many earlier texts are looked at, the newest. */
const maxSnapshots = 8;

/**
 * The lines of the texts between the programmer's edits, oldest first, the current one last, without terminators. From
 * the edits if they are known, else from `history`; unchanged lines are the same string and cheap to compare.
 * Undefined if there is no edit to learn from, or the last one only restored an earlier text.
 */
export function snapshotLines({ history, edits, current }: Conversation): string[][] | undefined {
  if (edits) return edits.length > 0 ? linesBefore(edits.slice(-maxSnapshots), current) : undefined;
  const texts = history.slice(-maxSnapshots).filter((text, i, all) => text !== all[i + 1]);
  if (texts.length === 0 || texts.slice(0, -1).includes(current)) return undefined;
  return linesOfEach([...texts, current]);
}

/** The lines of texts, each an edited form of the previous one, without terminators. */
export function linesOfEach(texts: readonly string[]): string[][] {
  const steps = texts.slice(1).map((text, i) => [difference(texts[i] ?? '', text)]);
  return linesBefore(steps, texts.at(-1) ?? '');
}

/** The lines of a text, split at `\n`, without a `\r` at their ends. */
export function textLines(text: string): string[] {
  return text.includes('\r') ? withoutReturns(text.split('\n')) : text.split('\n');
}

/** The lines of `current`, and those of the texts before each of the edits that led to it. */
function linesBefore(edits: readonly (readonly TextChange[])[], current: string): string[][] {
  let lines = splitAgain(current);
  const snapshots = [lines];
  for (const delta of [...edits].reverse()) {
    lines = replaceIn(lines, invertDelta(delta));
    snapshots.push(lines);
  }
  snapshots.reverse();
  const returns = current.includes('\r') || edits.some((delta) => delta.some(({ removed }) => removed.includes('\r')));
  return returns ? withoutReturnsInEach(snapshots) : snapshots;
}

/** The text that was split last: the next one is most likely the same with few edits. */
let last: { readonly text: string; readonly lines: readonly string[] } = { text: '', lines: [''] };

/** The text split at `\n`. Lines that were in the last one are the same strings, with cached data. */
function splitAgain(text: string): string[] {
  const change = difference(last.text, text);
  const isAnother = change.removed.length + change.inserted.length > text.length;
  const lines = isAnother ? text.split('\n') : replaceIn(last.lines, [change]);
  // There may have been several edits, with many lines between them.
  if (change.inserted.includes('\n')) {
    const same = sameLines(lines, last.lines);
    for (let i = 0; i < lines.length; i++) lines[i] = last.lines[same[i] ?? -1] ?? lines[i] ?? '';
  }
  last = { text, lines };
  return lines;
}

function withoutReturns(lines: readonly string[]): string[] {
  return lines.map(withoutReturn);
}

function withoutReturn(line: string): string {
  return line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** The last lines with `\r` at their ends, and without. */
let lastReturns: { readonly lines: readonly string[]; readonly made: readonly string[] } = { lines: [], made: [] };

/** Lines that are the same string in one text and the next also are so without their `\r`. */
function withoutReturnsInEach(snapshots: readonly (readonly string[])[]): string[][] {
  return snapshots.map((lines) => {
    const same = sameLines(lines, lastReturns.lines);
    const made = lines.map((line, i) => lastReturns.made[same[i] ?? -1] ?? withoutReturn(line));
    lastReturns = { lines, made };
    return made;
  });
}

/** The one change that turns one text into another. */
function difference(before: string, after: string): TextChange {
  const start = commonLength(before, after, 0, (text, at, length) => text.slice(at, at + length));
  const end = commonLength(before, after, start, (text, at, length) =>
    text.slice(text.length - at - length, text.length - at),
  );
  return {
    start,
    removed: before.slice(start, before.length - end),
    inserted: after.slice(start, after.length - end),
  };
}

const longestPiece = 1 << 14;

/** The length of the common start or end of two texts, the last `kept` code units left out; compared piece by piece. */
function commonLength(
  a: string,
  b: string,
  kept: number,
  piece: (text: string, at: number, length: number) => string,
): number {
  const most = Math.min(a.length, b.length) - kept;
  let same = 0;
  for (let length = longestPiece; length > 0; ) {
    const next = Math.min(length, most - same);
    if (next > 0 && piece(a, same, next) === piece(b, same, next)) same += next;
    else length = next > 1 ? next >> 1 : 0;
  }
  return same;
}

/** Applies changes, sorted, in offsets of the lines joined by `\n`; lines that no change touches are kept as they are. */
function replaceIn(lines: readonly string[], changes: readonly TextChange[]): string[] {
  /** The line that was looked up last, and its offset. */
  let [found, offset] = [0, 0];
  const lineAt = (wanted: number) => {
    while (found + 1 < lines.length && offset + (lines[found]?.length ?? 0) < wanted) {
      offset += (lines[found]?.length ?? 0) + 1;
      found++;
    }
    return found;
  };
  /** The lines that replace those from `top` to `next`; lines between changes are among them. */
  let made: string[] | undefined;
  let [top, next] = [0, 0];
  /** The text of the line being built, up to a column of line `next`. */
  let open: { text: string; column: number } | undefined;
  for (const { start, removed, inserted } of changes) {
    const first = lineAt(start);
    const column = start - offset;
    if (open && first > next) {
      made?.push(open.text + (lines[next] ?? '').slice(open.column));
      next++;
      open = undefined;
    }
    if (!made) {
      made = [];
      top = first;
      next = first;
    }
    for (; next < first; next++) made.push(lines[next] ?? '');
    const head: string = (open?.text ?? '') + (lines[first] ?? '').slice(open?.column ?? 0, column);
    const parts = (head + inserted).split('\n');
    for (const line of parts.slice(0, -1)) made.push(line);
    next = lineAt(start + removed.length);
    open = { text: parts.at(-1) ?? '', column: start + removed.length - offset };
  }
  if (!made) return [...lines];
  if (open) made.push(open.text + (lines[next] ?? '').slice(open.column));
  return lines.slice(0, top).concat(made, lines.slice(next + 1));
}
