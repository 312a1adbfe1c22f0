import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, statSync } from 'node:fs';

/** None of these exists on Windows. Opening a FIFO waits for a writer, and a terminal may become ours, without them. */
const openFlags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
const chunkSize = 64 * 1024;

/**
 * The text of a small file in a workspace, which someone hostile may have made: undefined for anything but a regular file,
 * for a link unless `followLink`, for one longer than `maxBytes`, and for one that cannot be read. Never waits for a writer;
 * the limit holds for what is read, for `stat` says 0 of some files that have no end.
 */
export function readSmallFile(
  file: string,
  maxBytes: number,
  { followLink = false }: { readonly followLink?: boolean } = {},
): string | undefined {
  let opened: number | undefined;
  try {
    // Looked at first: opening some devices does something.
    if (!(followLink ? statSync(file) : lstatSync(file)).isFile()) return undefined;
    opened = openSync(file, followLink ? openFlags : openFlags | (constants.O_NOFOLLOW ?? 0));
    const { size } = fstatSync(opened);
    // And again, for it may have become another one.
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
