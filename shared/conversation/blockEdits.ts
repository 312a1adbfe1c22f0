import { sortEdits } from '../edits/apply.ts';
import type { LineRange } from '../edits/lines.ts';
import { type OffsetEdit, touches } from '../edits/offsetEdit.ts';
import { type AnswerParts, answerLines } from './answerParts.ts';
import { type Block, readBlocks } from './fencedBlocks.ts';
import type { ParsedAnswer } from './format.ts';
import { joinTouching, Snippet } from './snippet.ts';

/** A block's request: replace lines `first` to `last` of the current text by `lines`; or why it cannot be applied. */
export type BlockChange =
  | { readonly first: number; readonly last: number; readonly lines: readonly string[] }
  | { readonly problem: string };

export interface BlockFormat {
  readonly isHeader?: (line: string) => boolean;
  readonly isSeparator?: (line: string) => boolean;
  change(block: Block, snippet: Snippet, shown: LineRange): BlockChange;
}

/**
 * Reads an answer that contains only the changes, block by block. The first block that cannot be applied ends the
 * reading: earlier blocks stay valid.
 */
export function readBlockEdits(
  parts: AnswerParts,
  current: string,
  { excerpt, complete }: { readonly excerpt?: LineRange | undefined; readonly complete: boolean },
  format: BlockFormat,
): ParsedAnswer {
  const snippet = Snippet.of(current);
  const shown = snippet.shown(excerpt);
  const ended = parts.ended || complete;
  const all = answerLines(
    parts.body,
    snippet.lines.some((line) => line.includes('\r')),
  );
  // The last line is still being written.
  const { isHeader, isSeparator } = format;
  const read = readBlocks(ended ? all : all.slice(0, -1), {
    end: parts.ended ? 'ended' : complete ? 'complete' : 'open',
    ...(isHeader ? { isHeader } : {}),
    ...(isSeparator ? { isSeparator } : {}),
  });

  const edits: OffsetEdit[] = [];
  const taken: LineRange[] = [];
  let problem: string | undefined;
  for (const block of read.blocks) {
    const change = format.change(block, snippet, shown);
    problem = 'problem' in change ? change.problem : addChange(change, snippet, { edits, taken });
    if (problem !== undefined) break;
  }
  if (problem === undefined && ended) {
    if (read.brokenOff) problem = 'the answer breaks off';
    else if (read.blocks.length === 0 && read.rest.trim() !== '')
      problem = 'the answer holds no change that can be read';
  }
  // Behind an edit that reaches the text's end, lines could still be added, and both would be one edit.
  const settled = joinTouching(current, sortEdits(edits)).filter(({ end }) => ended || end < current.length);
  const chat = parts.ended ? parts.chat : complete && read.blocks.length > 0 ? read.rest.trim() : '';
  return {
    state: ended ? 'complete' : settled.length > 0 ? 'first hunk complete' : 'unchanged so far',
    edits: settled,
    ...(chat === '' ? {} : { chat }),
    ...(problem === undefined ? {} : { problem }),
  };
}

/** Whether two edits only meet at the empty line behind a final line end, where lines are added. */
function meetAtEnd(edit: OffsetEdit, other: OffsetEdit, { text }: Snippet): boolean {
  return edit.start === text.length && edit.start >= other.end;
}

/** Adds a block's edits, unless it overlaps or touches an earlier one: then their order is unclear. */
function addChange(
  { first, last, lines }: Exclude<BlockChange, { problem: string }>,
  snippet: Snippet,
  { edits, taken }: { readonly edits: OffsetEdit[]; readonly taken: LineRange[] },
): string | undefined {
  const added = snippet.editsFor(first, last, snippet.withFinalLineEnd(first, last, lines));
  const clash = added.some((edit) => edits.some((other) => touches(edit, other) && !meetAtEnd(edit, other, snippet)));
  if (clash || taken.some((other) => first <= other.last && last >= other.first)) {
    return 'two blocks of the answer overlap or touch';
  }
  taken.push({ first, last });
  edits.push(...added);
  return undefined;
}
