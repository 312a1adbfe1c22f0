import { isNotBlank } from '../edits/lines.ts';
import { closesFence, opensFence } from './answerParts.ts';

/** A fenced block of an answer that contains only the changes. */
export interface Block {
  /** The line above the opening fence, without white space around it. */
  readonly header: string;
  readonly lines: readonly string[];
}

export interface FencedBlocks {
  readonly blocks: readonly Block[];
  /** Whether the last block ended before its fence closed. */
  readonly brokenOff: boolean;
  /** The text behind the last block. */
  readonly rest: string;
}

export interface BlockReading {
  /** Whether a line is the header that a block must have; without it a block begins with its fence. */
  readonly isHeader?: (line: string) => boolean;
  /** Whether a line must occur in each block, so that no fence before it can be the closing one. */
  readonly isSeparator?: (line: string) => boolean;
  /** `ended` by its end token, `complete` without one, which may mean that it was cut off, or still `open`. */
  readonly end: 'open' | 'complete' | 'ended';
}

/**
 * Reads the fenced blocks of an answer so far. A fence closes its block only if the next block or the end of the change
 * follows: the code may contain fences of its own. A longer answer never changes a block already read.
 */
export function readBlocks(lines: readonly string[], reading: BlockReading): FencedBlocks {
  const { isHeader } = reading;
  const blocks: Block[] = [];
  let at = 0;
  for (;;) {
    const open = nextOpening(lines, at, isHeader);
    if (open === undefined) return { blocks, brokenOff: false, rest: lines.slice(at).join('\n') };
    const header = isHeader ? (lines.slice(at, open).findLast(isHeader)?.trim() ?? '') : '';
    const close = closingOf(lines, open, reading);
    if (close === undefined) return { blocks, brokenOff: true, rest: '' };
    blocks.push({ header, lines: lines.slice(open + 1, close) });
    at = close + 1;
  }
}

/** The next fence that opens a block: below a header, if one is required. */
function nextOpening(lines: readonly string[], from: number, isHeader: BlockReading['isHeader']): number | undefined {
  for (let at = from; at < lines.length; at++) {
    if (!opensFence(lines[at] ?? '')) continue;
    if (!isHeader) return at;
    const above = lines.slice(from, at).findLast(isNotBlank);
    if (above !== undefined && isHeader(above)) return at;
  }
  return undefined;
}

/** The line of the fence that closes a block; the number of lines where the end token itself closes it. */
function closingOf(lines: readonly string[], open: number, { isHeader, isSeparator, end }: BlockReading) {
  const fences: number[] = [];
  let separated = isSeparator === undefined;
  for (let at = open + 1; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (isSeparator?.(line)) separated = true;
    if (!separated || !closesFence(line)) continue;
    fences.push(at);
    const next = lines.findIndex((other, i) => i > at && other.trim() !== '');
    if (next < 0 || (isHeader && !isHeader(lines[next] ?? ''))) continue;
    const opening = lines[isHeader ? next + 1 : next];
    if (opening !== undefined && opensFence(opening)) return at;
  }
  if (end === 'ended') return fences.at(-1) ?? lines.length;
  // If the answer was cut off, the block could continue behind any of several fences.
  return end === 'complete' && fences.length === 1 ? fences[0] : undefined;
}
