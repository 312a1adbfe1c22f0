import { LineIndex } from '../positions/lineIndex.ts';
import { applyEdits, checkEdits } from './apply.ts';
import { splitLines, stripTerminator } from './lines.ts';
import type { OffsetEdit } from './offsetEdit.ts';

/** Edits of the same or adjacent lines: shown, accepted and judged as a unit. */
export interface Hunk<T extends OffsetEdit = OffsetEdit> {
  /** Lines `startLine` to `endLine` of the text are replaced; half-open, from 0. Equal for lines that are only inserted. */
  readonly startLine: number;
  readonly endLine: number;
  /** At least one edit, sorted by offset. */
  readonly edits: readonly T[];
  /** The lines before and after, without terminators and without the unchanged lines around them. */
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
}

interface Block {
  readonly startLine: number;
  readonly endLine: number;
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
}

/**
 * Groups edits of `text` into hunks, in the order of the text. Edits that change nothing are left out.
 * Throws a RangeError as `applyEdits` does.
 */
export function toHunks<T extends OffsetEdit>(text: string, edits: readonly T[]): Hunk<T>[] {
  const index = new LineIndex(text);
  const groups: { edits: T[]; endLine: number }[] = [];
  for (const edit of checkEdits(text.length, edits)) {
    if (text.slice(edit.start, edit.end) === edit.newText) continue;
    const { startLine, endLine } = changedLines(text, index, [edit]);
    const last = groups.at(-1);
    // Two edits may each change a line break of the same line, and then the block of neither shows the other's change.
    const sharesLine = last && firstLine(text, index, edit) <= index.lineAt((last.edits.at(-1) ?? edit).end);
    if (last && (sharesLine || startLine <= last.endLine)) {
      last.edits.push(edit);
      last.endLine = Math.max(last.endLine, endLine);
    } else {
      groups.push({ edits: [edit], endLine });
    }
  }
  const hunks: Hunk<T>[] = [];
  for (const group of groups) {
    let hunk = { ...changedLines(text, index, group.edits), edits: group.edits };
    // Several edits together may change more lines than each of them alone.
    for (let last = hunks.at(-1); last && hunk.startLine <= last.endLine; last = hunks.at(-1)) {
      hunks.pop();
      const joined = [...last.edits, ...hunk.edits];
      hunk = { ...changedLines(text, index, joined), edits: joined };
    }
    hunks.push(hunk);
  }
  return hunks;
}

/** The first line that an edit can change: behind a `\r`, a `\n` would become part of the terminator before it. */
function firstLine(text: string, index: LineIndex, edit: OffsetEdit): number {
  return index.lineAt(text[edit.start - 1] === '\r' ? edit.start - 1 : edit.start);
}

/** The lines that the sorted edits change together. */
function changedLines(text: string, index: LineIndex, edits: readonly OffsetEdit[]): Block {
  const first = edits[0] ? firstLine(text, index, edits[0]) : 0;
  const last = index.lineAt(edits.at(-1)?.end ?? 0);
  const [start, end] = [index.lineStart(first), index.lineStart(last + 1)];
  const before = text.slice(start, end);
  const after = applyEdits(
    before,
    edits.map((edit) => ({ start: edit.start - start, end: edit.end - start, newText: edit.newText })),
  );
  const oldLines = splitLines(before).map(stripTerminator);
  const newLines = splitLines(after).map(stripTerminator);

  const shorter = Math.min(oldLines.length, newLines.length);
  let prefix = 0;
  while (prefix < shorter && oldLines[prefix] === newLines[prefix]) prefix++;
  // Only terminators differ: there is no narrower block to show.
  if (prefix === oldLines.length && prefix === newLines.length) prefix = 0;
  let suffix = 0;
  while (suffix < shorter - prefix && oldLines.at(-1 - suffix) === newLines.at(-1 - suffix)) suffix++;
  if (suffix === oldLines.length && suffix === newLines.length) suffix = 0;
  return {
    startLine: first + prefix,
    endLine: first + oldLines.length - suffix,
    oldLines: oldLines.slice(prefix, oldLines.length - suffix),
    newLines: newLines.slice(prefix, newLines.length - suffix),
  };
}
