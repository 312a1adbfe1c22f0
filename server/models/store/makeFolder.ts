import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { codeOf, StoreError } from './storeError.ts';

/**
 * Makes a folder and those above it. (Node's own `recursive` tries forever where a file system answers that there is no
 * such folder, though the one above is there; /proc does.) Throws a StoreError there, else the system's error.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await made(folder)) return;
  const parent = path.dirname(folder);
  if (!existsSync(parent)) await makeFolder(parent);
  // Somebody else may have made the parent since it was missing, so that it is there proves nothing before.
  if (await made(folder)) return;
  throw new StoreError(`${folder} cannot be made: its disk takes no folders; set CURSORCORE_CACHE to another folder`);
}

/** Whether the folder is there now; not so where the one above is said to be missing. Rejects with other errors. */
async function made(folder: string): Promise<boolean> {
  try {
    await mkdir(folder);
    return true;
  } catch (error) {
    if (await isFolder(folder)) return true;
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

async function isFolder(place: string): Promise<boolean> {
  return await stat(place).then(
    (stats) => stats.isDirectory(),
    () => false,
  );
}
