import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { StoreError } from './storeError.ts';

/** SHA-256 of a file, in lower-case hex. */
export async function sha256(file: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20, ...(signal ? { signal } : {}) })) {
    hash.update(chunk);
  }
  return hash.digest('hex');
}

/** Makes a file's content survive a power failure. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The same for a folder's entries, on systems that support it. */
export async function syncFolder(folder: string): Promise<void> {
  try {
    const handle = await open(folder, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Windows and some network disks do not support it; a rename is then as durable as they make it.
  }
}

/** The names of the files in a folder that contains only plain files. */
export async function plainFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const odd = entries.find((entry) => !entry.isFile());
  if (odd) throw new Error(`${path.join(folder, odd.name)} is not a plain file`);
  return entries.map((entry) => entry.name).sort();
}

/** Throws a StoreError if the disk of `folder` has less than `needed` bytes free. */
export async function checkSpace(folder: string, needed: number, what: string): Promise<void> {
  const { bavail, bsize, blocks } = await statfs(folder);
  const available = bavail * bsize;
  // Some network disks do not report their size.
  if (available >= needed || blocks === 0) return;
  throw new StoreError(
    `${what} needs ${formatBytes(needed)}, but the disk that holds ${folder} has ${formatBytes(available)} free; free some space or set CURSORCORE_CACHE to a folder on another disk`,
  );
}

/** e.g. `1.5 GB`, in powers of 1000 as disks and the hub count. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toPrecision(2)} ${units[unit]}`;
}
