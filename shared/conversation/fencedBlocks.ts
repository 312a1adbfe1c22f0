import { closesFence, opensFence } from './answerParts.ts';

/** A fenced block of an answer that says only what changes. */
export interface Block {
  /** The line above the opening fence, without white space around it. */
  readonly header: string;
  readonly lines: readonly string[];
}

export interface FencedBlocks {
  readonly blocks: readonly Block[];
  /** Whether the last block stopped before its fence closed. */
  readonly brokenOff: boolean;
  /** What stands behind the last block. */
  readonly rest: string;
}

export interface BlockReading {
  /** Whether a line is the header that a block must have; without it a block begins with its fence. */
  readonly isHeader?: (line: string) => boolean;
  /** Whether a line must stand in each block, so that no fence before it can be the closing one. */
  readonly isSeparator?: (line: string) => boolean;
  /** `ended` by its end token, `complete` without one, which may mean that it was cut short, or still `open`. */
  readonly end: 'open' | 'complete' | 'ended';
}

/**
 * Reads the fenced blocks of an answer so far. A fence closes its block only where the next block or the end of the
 * change follows: the code may hold fences of its own. What a longer answer adds never changes a block already read.
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

/** The next fence that opens a block: below a header, where there must be one. */
function nextOpening(lines: readonly string[], from: number, isHeader: BlockReading['isHeader']): number | undefined {
  for (let at = from; at < lines.length; at++) {
    if (!opensFence(lines[at] ?? '')) continue;
    if (!isHeader) return at;
    const above = lines.slice(from, at).findLast((line) => line.trim() !== '');
    if (above !== undefined && isHeader(above)) return at;
  }
  return undefined;
}

/** The line of the fence that closes a block; the line count where the end token itself does. */
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
  // Cut short, the block could go on behind any of several fences.
  return end === 'complete' && fences.length === 1 ? fences[0] : undefined;
}
