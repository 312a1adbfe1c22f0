import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';

/** None of these exists on Windows. Without them, opening a FIFO waits for a writer, and a terminal may become ours. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const chunkSize = 64 * 1024;

/**
 * The text of a small file in a workspace that may be hostile: undefined for anything but a regular file, for a link
 * unless `followLink`, for a file longer than `maxBytes`, and for an unreadable one. Never waits for a writer; the
 * limit applies to what is read, because `stat` reports size 0 for some endless files.
 */
export function readSmallFile(
  file: string,
  maxBytes: number,
  { followLink = false }: { readonly followLink?: boolean } = {},
): string | undefined {
  let opened: number | undefined;
  try {
    // Checked first: opening some devices has side effects.
    if (!(followLink ? statSync(file) : lstatSync(file)).isFile()) return undefined;
    opened = openSync(file, followLink ? openFlags : openFlags | (constants.O_NOFOLLOW ?? 0));
    const { size } = fstatSync(opened);
    // Checked again: it may have been replaced meanwhile.
    if (!fstatSync(opened).isFile() || size > maxBytes) return undefined;
    return readUpTo(opened, maxBytes);
  } catch {
    return undefined;
  } finally {
    if (opened !== undefined) closeSync(opened);
  }
}

function readUpTo(opened: number, maxBytes: number): string | undefined {
  const chunks: Buffer[] = [];
  for (let length = 0; length <= maxBytes; ) {
    const chunk = Buffer.allocUnsafe(Math.min(chunkSize, maxBytes + 1 - length));
    const count = readSync(opened, chunk);
    if (count === 0) return Buffer.concat(chunks).toString('utf8');
    chunks.push(chunk.subarray(0, count));
    length += count;
  }
  return undefined;
}
