import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';

/** The folder of downloads until their model is installed. */
export function downloadsFolder(root: string): string {
  return path.join(root, 'downloads');
}

/** Bytes of downloads that are unfinished, or were kept on request. */
export async function downloadedBytes(root: string): Promise<number> {
  const folder = downloadsFolder(root);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile() || entry.parentPath.endsWith('.locks')) continue;
    bytes += await stat(path.join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}
