import { hunksOfLines, type LineHunk } from '../../../shared/edits/diff.ts';

/** A block of lines that the programmer has changed, net of everything done to it since the first snapshot. */
export interface Change {
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  /** The block in the current text: lines `start` to `end`, half-open, from 0. */
  readonly start: number;
  readonly end: number;
  /** How many steps ago it was last touched; 0 for the latest step. */
  readonly age: number;
  /** Unchanged lines just above and below, nearest first. */
  readonly above: readonly string[];
  readonly below: readonly string[];
  /** Made in another document, so that `start` and `end` say nothing about this one. */
  readonly elsewhere: boolean;
}

interface Block {
  oldLines: readonly string[];
  start: number;
  end: number;
  step: number;
}

const contextLines = 4;
/** Changes larger than this, in lines, teach nothing that can be repeated. */
const maxChangedLines = 400;
/** A step that changes more lines than this is one change. */
const maxComparedLines = 20 * maxChangedLines;

/** The changed blocks between snapshots, oldest first, composed so that each part of the text appears once. */
export function netChanges(snapshots: readonly (readonly string[])[], elsewhere = false): Change[] {
  const current = snapshots.at(-1) ?? [];
  const last = snapshots.length - 2;
  let blocks: Block[] = [];
  for (let step = 0; step <= last; step++) {
    blocks = compose(blocks, snapshots[step] ?? [], snapshots[step + 1] ?? [], step);
  }
  const changes: Change[] = [];
  for (const block of blocks) {
    const newLines = current.slice(block.start, block.end);
    if (block.oldLines.length + newLines.length > maxChangedLines) continue;
    for (const hunk of hunksOf(block.oldLines, newLines)) {
      const start = block.start + hunk.newStart;
      const end = block.start + hunk.newEnd;
      changes.push({
        oldLines: block.oldLines.slice(hunk.start, hunk.end),
        newLines: current.slice(start, end),
        start,
        end,
        age: last - block.step,
        above: current.slice(Math.max(0, start - contextLines), start).reverse(),
        below: current.slice(end, end + contextLines),
        elsewhere,
      });
    }
  }
  return changes;
}

function hunksOf(before: readonly string[], after: readonly string[]): LineHunk[] {
  return hunksOfLines(before, after, maxComparedLines);
}

/** Adds one step's hunks to the blocks so far; a hunk that overlaps or touches blocks is merged with them. */
function compose(blocks: readonly Block[], before: readonly string[], after: readonly string[], step: number): Block[] {
  const hunks = hunksOf(before, after);
  const result: Block[] = [];
  let shift = 0;
  let [b, h] = [0, 0];
  while (b < blocks.length || h < hunks.length) {
    const start = Math.min(blocks[b]?.start ?? before.length, hunks[h]?.start ?? before.length);
    let end = start;
    // What stood where the group stands, as far as the blocks tell; the rest has not been changed before.
    const oldLines: string[] = [];
    let covered = start;
    let grown = 0;
    let touched = -1;
    let oneForOne = true;
    // Lines replaced one for one are changes of their own: the next line may well be the second example of the same.
    const joins = (from: number, replaces: boolean) =>
      touched < 0 || from < end || (from === end && !(oneForOne && replaces));
    for (;;) {
      const block = blocks[b];
      const hunk = hunks[h];
      if (block && block.start <= end && joins(block.start, replacesLines(block))) {
        oneForOne &&= replacesLines(block);
        append(oldLines, before.slice(covered, block.start));
        append(oldLines, block.oldLines);
        covered = block.end;
        end = Math.max(end, block.end);
        touched = Math.max(touched, block.step);
        b++;
      } else if (
        hunk &&
        hunk.start <= end &&
        joins(hunk.start, hunk.end - hunk.start === hunk.newEnd - hunk.newStart)
      ) {
        oneForOne &&= hunk.end - hunk.start === hunk.newEnd - hunk.newStart;
        grown += hunk.newEnd - hunk.newStart - (hunk.end - hunk.start);
        end = Math.max(end, hunk.end);
        touched = step;
        h++;
      } else break;
    }
    append(oldLines, before.slice(covered, end));
    result.push({ oldLines, start: start + shift, end: end + shift + grown, step: touched });
    shift += grown;
  }
  return result;
}

/** Whether a block has as many lines as it had before. */
function replacesLines(block: Block): boolean {
  return block.oldLines.length === block.end - block.start && block.start < block.end;
}

/** `push` with as many arguments as a file has lines would overflow the stack. */
function append(lines: string[], more: readonly string[]): void {
  for (const line of more) lines.push(line);
}
