import { diffArrays } from 'diff';
import { splitLines, splitsCharacter } from './lines.ts';
import type { OffsetEdit } from './offsetEdit.ts';

/** Lines `start` to `end` of the earlier text became lines `newStart` to `newEnd` of the later one. Half-open, from 0. */
export interface LineHunk {
  readonly start: number;
  readonly end: number;
  readonly newStart: number;
  readonly newEnd: number;
}

/**
 * The maximum number of added and removed lines before the differing middle becomes one block. The search is quadratic
 * in this number; 400 limits it to about 20 ms.
 */
const maxChangedLines = 400;

/** The changed line blocks from `before` to `after`, in order; lines are split by `splitLines`. */
export function lineHunks(before: string, after: string): LineHunk[] {
  return before === after ? [] : hunksOfLines(splitLines(before), splitLines(after));
}

/**
 * The same for texts already split into lines, by any rule. If more than `maxLines` lines are between the common start
 * and the common end, they become one block.
 */
export function hunksOfLines(
  before: readonly string[],
  after: readonly string[],
  maxLines = Number.POSITIVE_INFINITY,
): LineHunk[] {
  const shorter = Math.min(before.length, after.length);
  let prefix = 0;
  while (prefix < shorter && before[prefix] === after[prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter - prefix && before[before.length - 1 - suffix] === after[after.length - 1 - suffix]) suffix++;

  const end = before.length - suffix;
  const newEnd = after.length - suffix;
  if (prefix === end && prefix === newEnd) return [];
  const block = { start: prefix, end, newStart: prefix, newEnd };
  if (prefix === end || prefix === newEnd || end - prefix + newEnd - prefix > maxLines) return [block];

  const changes = diffArrays(before.slice(prefix, end), after.slice(prefix, newEnd), {
    maxEditLength: maxChangedLines,
  });
  if (changes === undefined) return [block];

  const hunks: LineHunk[] = [];
  let [line, newLine] = [prefix, prefix];
  let open: { start: number; newStart: number } | undefined;
  const close = () => {
    if (open) hunks.push({ ...open, end: line, newEnd: newLine });
    open = undefined;
  };
  for (const { added, removed, count } of changes) {
    if (added || removed) open ??= { start: line, newStart: newLine };
    else close();
    if (!added) line += count;
    if (!removed) newLine += count;
  }
  close();
  return hunks;
}

/**
 * The edits from `before` to `after`: one per changed line block, or one per line if as many lines are added as
 * removed, narrowed to the difference. Sorted, neither overlapping nor touching, and never inside a surrogate pair or a
 * `\r\n`.
 */
export function diffEdits(before: string, after: string): OffsetEdit[] {
  if (before === after) return [];
  const oldLines = splitLines(before);
  const newLines = splitLines(after);
  const edits: OffsetEdit[] = [];
  let [line, newLine, offset, newOffset] = [0, 0, 0, 0];
  for (const hunk of hunksOfLines(oldLines, newLines)) {
    for (; line < hunk.start; line++) offset += lengthOf(oldLines[line]);
    for (; newLine < hunk.newStart; newLine++) newOffset += lengthOf(newLines[newLine]);
    const [start, newStart] = [offset, newOffset];
    for (; line < hunk.end; line++) offset += lengthOf(oldLines[line]);
    for (; newLine < hunk.newEnd; newLine++) newOffset += lengthOf(newLines[newLine]);
    edits.push(...splitByLine(before, { start, end: offset, newText: after.slice(newStart, newOffset) }));
  }
  return edits;
}

/** A changed line block, narrowed; one edit per line if as many lines are added as removed. */
function splitByLine(text: string, block: OffsetEdit): OffsetEdit[] {
  const oldLines = splitLines(text.slice(block.start, block.end));
  const newLines = splitLines(block.newText);
  if (oldLines.length < 2 || oldLines.length !== newLines.length) return [narrowEdit(text, block)];
  const edits: OffsetEdit[] = [];
  let start = block.start;
  for (const [i, line] of oldLines.entries()) {
    const end = start + line.length;
    const newText = newLines[i] ?? '';
    if (line !== newText) {
      const edit = narrowEdit(text, { start, end, newText });
      const last = edits.at(-1);
      // Both the terminator before and the start of this line change: two edits would touch.
      if (last?.end === edit.start)
        edits[edits.length - 1] = { ...edit, start: last.start, newText: last.newText + edit.newText };
      else edits.push(edit);
    }
    start = end;
  }
  return edits;
}

function lengthOf(line: string | undefined): number {
  return line?.length ?? 0;
}

/**
 * The same edit without text that it removes and inserts again at its ends. Never splits a surrogate pair or a `\r\n`,
 * neither in `text` nor in the result. An edit that changes nothing becomes an empty one at its start.
 */
export function narrowEdit<T extends OffsetEdit>(text: string, edit: T): T {
  const { start, end, newText } = edit;
  const shorter = Math.min(end - start, newText.length);
  let prefix = 0;
  while (prefix < shorter && text.charCodeAt(start + prefix) === newText.charCodeAt(prefix)) prefix++;
  if (prefix === newText.length && start + prefix === end) return { ...edit, end: start, newText: '' };

  // A cut is invalid if it splits a pair in the old text, in the new text, or across their border.
  const old = text.slice(Math.max(0, start - 1), Math.min(text.length, end + 1));
  const lead = start - Math.max(0, start - 1);
  const made = old.slice(0, lead) + newText + old.slice(lead + end - start);
  const bad = (oldAt: number, newAt: number) =>
    splitsCharacter(old, lead + oldAt) || splitsCharacter(made, lead + newAt);
  while (prefix > 0 && bad(prefix, prefix)) prefix--;

  let suffix = 0;
  while (
    suffix < shorter - prefix &&
    text.charCodeAt(end - 1 - suffix) === newText.charCodeAt(newText.length - 1 - suffix)
  ) {
    suffix++;
  }
  while (suffix > 0 && bad(end - start - suffix, newText.length - suffix)) suffix--;
  if (prefix === 0 && suffix === 0) return edit;
  return { ...edit, start: start + prefix, end: end - suffix, newText: newText.slice(prefix, newText.length - suffix) };
}
