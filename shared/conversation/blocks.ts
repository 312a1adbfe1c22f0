import { closesFence, opensFence } from './answer.ts';

/** A fenced block of an answer that says only what changes. */
export interface Block {
  /** The line above the opening fence, without white space around it. */
  readonly header: string;
  readonly lines: readonly string[];
}

export interface Blocks {
  readonly blocks: readonly Block[];
  /** Whether the last block stopped before its fence closed. */
  readonly brokenOff: boolean;
  /** What stands behind the last block. */
  readonly rest: string;
}

export interface BlockReading {
  /** Whether a line is the header that a block must have; without it a block begins with its fence. */
  readonly isHeader?: (line: string) => boolean;
  /** Whether the answer's change has ended, so that what stands at its end counts. */
  readonly ended: boolean;
}

/**
 * Reads the fenced blocks of an answer so far. A fence closes its block only where the next block or the end of the
 * change follows: the code may hold fences of its own. What a longer answer adds never changes a block already read.
 */
export function readBlocks(lines: readonly string[], { isHeader, ended }: BlockReading): Blocks {
  const blocks: Block[] = [];
  let at = 0;
  for (;;) {
    const open = nextOpening(lines, at, isHeader);
    if (open === undefined) return { blocks, brokenOff: false, rest: lines.slice(at).join('\n') };
    const header = isHeader ? (lines.slice(at, open).findLast(isHeader)?.trim() ?? '') : '';
    const close = closingOf(lines, open, { ended, ...(isHeader ? { isHeader } : {}) });
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

function closingOf(lines: readonly string[], open: number, { isHeader, ended }: BlockReading): number | undefined {
  let last: number | undefined;
  for (let at = open + 1; at < lines.length; at++) {
    if (!closesFence(lines[at] ?? '')) continue;
    last = at;
    const next = lines.findIndex((line, i) => i > at && line.trim() !== '');
    if (next < 0) continue;
    const opening = isHeader ? next + 1 : next;
    if (isHeader && !isHeader(lines[next] ?? '')) continue;
    if (opening < lines.length && opensFence(lines[opening] ?? '')) return at;
  }
  return ended ? last : undefined;
}
