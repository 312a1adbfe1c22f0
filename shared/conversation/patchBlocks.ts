import { hunksOfLines, type LineHunk } from '../edits/diff.ts';
import { isNotBlank, type LineRange, lengthOfLines } from '../edits/lines.ts';
import { type OffsetEdit, touches } from '../edits/offsetEdit.ts';
import { findLines } from './findLines.ts';
import type { AnswerRange, ParsedAnswer } from './format.ts';
import { Snippet } from './snippet.ts';

export interface PatchReading {
  readonly current: string;
  /** The lines among which old ones are looked for. */
  readonly shown: LineRange;
  /** Whether the answer is at its end. */
  readonly ended: boolean;
  /** A line of the answer as the text has it. */
  readonly show: (line: string) => string;
}

/** Begins a block. No line of a text can be taken for it: they stand behind a blank, a minus or a plus. */
const header = '@@';

/**
 * Lines that become others, as a block of a patch without line numbers: the old ones have to tell the place. `path` is that
 * of another document.
 */
export function patchBlock(old: readonly string[], fresh: readonly string[], path = ''): string[] {
  const lines = [`${header} ${path}`.trimEnd()];
  let at = 0;
  for (const { start, end, newStart, newEnd } of hunksOfLines(old, fresh)) {
    lines.push(...old.slice(at, start).map((line) => ` ${line}`));
    lines.push(...old.slice(start, end).map((line) => `-${line}`));
    lines.push(...fresh.slice(newStart, newEnd).map((line) => `+${line}`));
    at = end;
  }
  return [...lines, ...old.slice(at).map((line) => ` ${line}`)];
}

/**
 * The changes from one text to another, each widened until its old lines stand in one place only. What is reached by widening
 * becomes one with it.
 */
export function patchHunks(before: readonly string[], after: readonly string[]): LineHunk[] {
  const hunks = hunksOfLines(before, after);
  const all = { first: 0, last: before.length };
  const isPlace = (first: number, last: number) => {
    const lines = before.slice(first, last);
    return lines.some(isNotBlank) && typeof findLines(before, lines, all) !== 'string';
  };
  const widened: LineHunk[] = [];
  for (let hunk = hunks.shift(); hunk; hunk = hunks.shift()) {
    const { first, last } = narrowestPlace(hunk, before.length, isPlace);
    const [above, below] = [widened.at(-1), hunks[0]];
    if (above && above.end > first) {
      widened.pop();
      hunks.unshift({ ...hunk, start: above.start, newStart: above.newStart });
    } else if (below && (below.start < last || meetAtEnd(before, hunk.end, below))) {
      hunks[0] = { ...below, start: hunk.start, newStart: hunk.newStart };
    } else {
      const { start, end, newStart, newEnd } = hunk;
      widened.push({ start: first, end: last, newStart: newStart - (start - first), newEnd: newEnd + (last - end) });
    }
  }
  return widened;
}

/** Whether a change at the text's end takes the line end with it that the blank lines between the two have. */
function meetAtEnd(lines: readonly string[], from: number, { start, end }: LineHunk): boolean {
  return end === lines.length && lines.slice(from, start).every((line) => line === '');
}

/** The fewest lines around a change that name its place, rather those above; all lines where none do. */
function narrowestPlace(
  { start, end }: LineHunk,
  count: number,
  isPlace: (first: number, last: number) => boolean,
): LineRange {
  for (let more = 0; more <= count - (end - start); more++) {
    for (let below = 0; below <= more; below++) {
      const [first, last] = [start - (more - below), end + below];
      if (first >= 0 && last <= count && isPlace(first, last)) return { first, last };
    }
  }
  return { first: 0, last: count };
}

/**
 * Reads the blocks of an answer, `ended` or so far, with `show` for each of its lines of code. The first that cannot be applied
 * ends the reading; those before it count.
 */
export function readPatchBlocks(
  answer: string,
  { current, shown, ended, show }: PatchReading,
): ParsedAnswer & { readonly sources: readonly AnswerRange[] } {
  const snippet = Snippet.of(current);
  const lines = answer.split('\n');
  // The last line is still being written; of an answer that has ended it is the rest behind the last line end.
  const last = lines.pop() ?? '';
  if (ended && last !== '') lines.push(last);
  const starts = lines.flatMap((line, i) => (line.trimEnd() === header ? [i] : []));
  const offsetOf = (line: number) => lengthOfLines(lines.slice(0, line));

  const read: { edit: OffsetEdit; source: AnswerRange }[] = [];
  let problem = lines.slice(0, starts[0]).some(isNotBlank) ? 'it does not begin with a block' : undefined;
  for (const [i, start] of starts.entries()) {
    const end = starts[i + 1] ?? (ended ? lines.length : undefined);
    // What goes on may still belong to it.
    if (problem !== undefined || end === undefined) break;
    const block = readBlock(lines.slice(start + 1, end), snippet, shown, show);
    if (typeof block === 'string') problem = block;
    else if (block.some((edit) => read.some((other) => touches(edit, other.edit)))) {
      problem = 'two blocks of the answer overlap or touch';
    } else {
      const source = { start: offsetOf(start), end: offsetOf(end) };
      read.push(...block.map((edit) => ({ edit, source })));
    }
  }
  const begun = starts.at(-1);
  const unfinished = ended || begun === undefined ? {} : { unfinished: { start: offsetOf(begun), end: answer.length } };
  read.sort((a, b) => a.edit.start - b.edit.start);
  return {
    state: ended ? 'complete' : read.length > 0 ? 'first hunk complete' : 'unchanged so far',
    edits: read.map(({ edit }) => edit),
    sources: read.map(({ source }) => source),
    ...unfinished,
    ...(problem === undefined ? {} : { problem }),
  };
}

/** The edits of a block, or why it cannot be applied. */
function readBlock(
  lines: readonly string[],
  snippet: Snippet,
  shown: LineRange,
  show: PatchReading['show'],
): OffsetEdit[] | string {
  const search: string[] = [];
  const replacement: string[] = [];
  for (const line of lines) {
    const code = show(line.slice(1));
    if (line === '' || line.startsWith(' ')) {
      search.push(code);
      replacement.push(code);
    } else if (line.startsWith('-')) search.push(code);
    else if (line.startsWith('+')) replacement.push(code);
    else return 'a line of a block is neither old nor new';
  }
  if (search.every((line) => line.trim() === '')) {
    // In a text of empty lines alone, all places are equivalent.
    if (!snippet.lines.slice(shown.first, shown.last).every((line) => line.trim() === ''))
      return 'a block names no place';
    const last = Math.min(shown.last, shown.first + search.length);
    return snippet.editsFor(shown.first, last, replacement);
  }
  const found = findLines(snippet.lines, search, shown);
  if (found === 'nowhere') return 'the old lines of a block stand nowhere';
  if (found === 'several places') return 'the old lines of a block stand in several places';
  const { first, last } = found;
  const fresh = replacement.map(found.indent);
  return snippet.editsFor(first, last, snippet.withFinalLineEnd(first, last, fresh));
}
