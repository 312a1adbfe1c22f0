import { hunksOfLines, type LineHunk } from '../../../shared/edits/diff.ts';
import { similarity } from './tokenAlignment.ts';
import { isBlank } from './transfer.ts';

/** A block of lines that the programmer has changed: the net result of everything since the first snapshot. */
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
  /** The earlier lines, inserted as one piece, inside which this change was made: for it they are ordinary code. */
  readonly inside?: BlockRange | undefined;
}

/** Lines `start` to `end`, half-open, from 0. */
export interface BlockRange {
  readonly start: number;
  readonly end: number;
}

interface Block {
  readonly oldLines: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly step: number;
  /** The number of the piece, inserted at once and changed later: shared by its parts and the changes inside it. */
  readonly piece?: number;
  readonly role?: 'part' | 'inside';
}

const contextLines = 4;
/** Lines less similar than this are not versions of each other. */
const leastLikeness = 0.5;
/** Changes larger than this, in lines, show nothing that can be repeated. */
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
  const pieces = piecesOf(blocks);
  const changes: Change[] = [];
  // A piece that replaced other lines is a change like any other, whatever was changed inside it later.
  const isWithin = ({ role, piece }: Block) => role === 'inside' && isBlank(pieces.get(piece ?? -1)?.oldLines ?? []);
  const kept = blocks.filter((block) => block.role === undefined || isWithin(block));
  for (const block of [...kept, ...pieces.values()].sort(inOrder)) {
    const newLines = current.slice(block.start, block.end);
    if (block.oldLines.length + newLines.length > maxChangedLines) continue;
    const hunks = block.role === 'part' && isBlank(block.oldLines) ? [whole(block)] : hunksOf(block.oldLines, newLines);
    for (const hunk of hunks.flatMap(lineByLine)) {
      const start = block.start + hunk.newStart;
      const end = block.start + hunk.newEnd;
      const piece = block.role === 'inside' ? pieces.get(block.piece ?? -1) : undefined;
      changes.push({
        oldLines: block.oldLines.slice(hunk.start, hunk.end),
        newLines: current.slice(start, end),
        start,
        end,
        age: last - block.step,
        above: current.slice(Math.max(0, start - contextLines), start).reverse(),
        below: current.slice(end, end + contextLines),
        elsewhere,
        inside: piece && { start: piece.start, end: piece.end },
      });
    }
    /** Lines that were each changed into a similar one are separate changes. */
    function lineByLine(hunk: LineHunk): LineHunk[] {
      const height = hunk.end - hunk.start;
      if (height < 2 || height !== hunk.newEnd - hunk.newStart) return [hunk];
      const rows = Array.from({ length: height }, (_, i) => i);
      const pair = (i: number) => [block.oldLines[hunk.start + i] ?? '', newLines[hunk.newStart + i] ?? ''] as const;
      if (!rows.every((i) => similarity(...pair(i)) >= leastLikeness)) return [hunk];
      return rows
        .filter((i) => pair(i)[0] !== pair(i)[1])
        .map((i) => ({
          start: hunk.start + i,
          end: hunk.start + i + 1,
          newStart: hunk.newStart + i,
          newEnd: hunk.newStart + i + 1,
        }));
    }
  }
  return changes;
}

function whole(block: Block): LineHunk {
  return { start: 0, end: block.oldLines.length, newStart: 0, newEnd: block.end - block.start };
}

function inOrder(a: Block, b: Block): number {
  return a.start - b.start || b.end - a.end;
}

/** Inserted pieces, each as one block over all its parts and the lines between them. */
function piecesOf(blocks: readonly Block[]): Map<number, Block> {
  const pieces = new Map<number, Block>();
  for (const block of blocks) {
    if (block.piece === undefined) continue;
    const known = pieces.get(block.piece);
    const part = block.role === 'part' ? block : undefined;
    pieces.set(block.piece, {
      oldLines: [...(known?.oldLines ?? []), ...(part?.oldLines ?? [])],
      start: Math.min(known?.start ?? block.start, block.start),
      end: Math.max(known?.end ?? block.end, block.end),
      step: Math.max(known?.step ?? -1, part?.step ?? -1),
      role: 'part',
    });
  }
  return pieces;
}

function hunksOf(before: readonly string[], after: readonly string[]): LineHunk[] {
  return hunksOfLines(before, after, maxComparedLines);
}

/** Adds one step's hunks to the blocks so far; a hunk that overlaps or touches blocks is merged with them. */
function compose(known: readonly Block[], before: readonly string[], after: readonly string[], step: number): Block[] {
  const hunks = hunksOf(before, after);
  const { blocks, inside } = openPieces(known, hunks);
  const result: Block[] = [];
  let shift = 0;
  let [b, h] = [0, 0];
  while (b < blocks.length || h < hunks.length) {
    const start = Math.min(blocks[b]?.start ?? before.length, hunks[h]?.start ?? before.length);
    let end = start;
    // The earlier text at the group's place, as far as the blocks contain it; the rest has not been changed before.
    const oldLines: string[] = [];
    // The same without the inserted piece's text, which was never there before.
    const original: string[] = [];
    const add = (lines: readonly string[], cameIn = false) => {
      append(oldLines, lines);
      if (!cameIn) append(original, lines);
    };
    let covered = start;
    let grown = 0;
    let touched = -1;
    let apart = true;
    // Whether all lines of the group were replaced one for one. Lines inserted beside such are a separate change.
    let rewrites = true;
    let piece: number | undefined;
    let partly = false;
    // Lines replaced one for one are separate changes: the next line may well be the second example of the same.
    const joins = (from: number, standsApart: boolean) =>
      touched < 0 || from < end || (from === end && !(apart && standsApart));
    for (;;) {
      const block = blocks[b];
      const hunk = hunks[h];
      const hunkApart: boolean =
        hunk !== undefined &&
        (hunk.end - hunk.start === hunk.newEnd - hunk.newStart || (rewrites && isInsertion(hunk)));
      const goesFirst = touched < 0 && block !== undefined && isRewrite(block) && startsAbove(hunk, block);
      if (block && !goesFirst && block.start <= end && joins(block.start, standsApart(block))) {
        apart &&= standsApart(block);
        rewrites &&= isRewrite(block);
        add(before.slice(covered, block.start));
        add(block.oldLines, block.role === 'inside');
        covered = block.end;
        end = Math.max(end, block.end);
        touched = Math.max(touched, block.step);
        piece = block.piece ?? piece;
        partly ||= block.role !== 'inside';
        b++;
      } else if (hunk && hunk.start <= end && joins(hunk.start, hunkApart)) {
        apart &&= hunkApart || isInsertion(hunk);
        rewrites &&= hunkApart;
        grown += hunk.newEnd - hunk.newStart - (hunk.end - hunk.start);
        end = Math.max(end, hunk.end);
        touched = step;
        const within = inside.get(hunk);
        if (within !== undefined) {
          add(before.slice(covered, hunk.start));
          add(before.slice(hunk.start, hunk.end), true);
          covered = hunk.end;
          piece = within;
        }
        h++;
      } else break;
    }
    add(before.slice(covered, end));
    const height = end + grown - start;
    const role = partly || height !== oldLines.length ? 'part' : 'inside';
    const mark = piece === undefined ? {} : ({ piece, role } as const);
    const stood = role === 'part' ? original : oldLines;
    result.push({ oldLines: stood, start: start + shift, end: start + shift + height, step: touched, ...mark });
    shift += grown;
  }
  return result;
}

/** Fewer inserted lines than this are one edit, whatever is changed in them later. */
const leastPiece = 2;

/**
 * Cuts blocks that were inserted as one piece around the hunks that change single lines inside them, so
 * these are separate changes of existing code. `inside` gives the piece's number for each such hunk.
 */
function openPieces(
  known: readonly Block[],
  hunks: readonly LineHunk[],
): { blocks: readonly Block[]; inside: ReadonlyMap<LineHunk, number> } {
  const inside = new Map<LineHunk, number>();
  let next = Math.max(-1, ...known.map(({ piece }) => piece ?? -1)) + 1;
  const blocks = known.flatMap((block): Block[] => {
    if (block.role === 'inside' || block.end - block.start < leastPiece || !isBlank(block.oldLines)) return [block];
    const within = hunks.filter(
      (hunk) => hunk.start >= block.start && hunk.end <= block.end && hunk.start < hunk.end && !isWhole(hunk, block),
    );
    if (within.length === 0 || within.some((hunk) => hunk.end - hunk.start !== hunk.newEnd - hunk.newStart))
      return [block];
    const piece = block.piece ?? next++;
    const parts: Block[] = [];
    let start = block.start;
    for (const hunk of within) {
      inside.set(hunk, piece);
      parts.push({ oldLines: [], start, end: hunk.start, step: block.step, piece, role: 'part' });
      start = hunk.end;
    }
    parts.push({ oldLines: block.oldLines, start, end: block.end, step: block.step, piece, role: 'part' });
    return parts.filter((part) => part.start < part.end || part.oldLines.length > 0);
  });
  return { blocks, inside };
}

function isWhole(hunk: LineHunk, block: Block): boolean {
  return hunk.start === block.start && hunk.end === block.end;
}

function isRewrite(block: Block): boolean {
  return block.role === undefined && replacesLines(block);
}

function isInsertion(hunk: LineHunk): boolean {
  return hunk.start === hunk.end;
}

/** Whether lines are put in right above a block. */
function startsAbove(hunk: LineHunk | undefined, block: Block): boolean {
  return hunk !== undefined && isInsertion(hunk) && hunk.start === block.start;
}

/** Whether a block may touch another without merging with it. */
function standsApart(block: Block): boolean {
  return block.role !== undefined || replacesLines(block);
}

/** Whether a block has as many lines as it had before. */
function replacesLines(block: Block): boolean {
  return block.oldLines.length === block.end - block.start && block.start < block.end;
}

/** `push` with as many arguments as a file has lines would overflow the stack. */
function append(lines: string[], more: readonly string[]): void {
  for (const line of more) lines.push(line);
}
