import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import envPaths from 'env-paths';

/** What the names of recorded files end in. They begin with the time, so that they sort by age. */
export const recordSuffix = '.session.jsonl';

/**
 * The folder that recordings lie in: `CURSORCORE_RECORD`, or `record` in the user's data folder by the platform's convention
 * (`$XDG_DATA_HOME` or `~/.local/share`, `~/Library/Application Support`, `%LOCALAPPDATA%`).
 */
export function recordFolder(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env.CURSORCORE_RECORD;
  return path.resolve(chosen || path.join(envPaths('cursorcore-lsp', { suffix: '' }).data, 'record'));
}

export interface RecordedFile {
  readonly path: string;
  readonly bytes: number;
}

/** The recordings in a folder, the oldest first; none where there is no such folder. */
export async function recordedFiles(folder: string): Promise<RecordedFile[]> {
  const names = await readdir(folder).catch(() => []);
  const files: RecordedFile[] = [];
  for (const name of names.filter((one) => one.endsWith(recordSuffix)).sort()) {
    const file = path.join(folder, name);
    // Another process may have just removed it.
    const status = await stat(file).catch(() => undefined);
    if (status?.isFile()) files.push({ path: file, bytes: status.size });
  }
  return files;
}

/** Removes the oldest recordings until the others take at most so many bytes. */
export async function pruneRecords(folder: string, bytes: number): Promise<void> {
  const files = await recordedFiles(folder);
  let sum = files.reduce((total, file) => total + file.bytes, 0);
  for (const file of files) {
    if (sum <= bytes) return;
    await rm(file.path, { force: true });
    sum -= file.bytes;
  }
}

/** Removes all recordings, and the folder where nothing else is in it. Returns how many there were. */
export async function clearRecords(folder: string): Promise<number> {
  const files = await recordedFiles(folder);
  for (const file of files) await rm(file.path, { force: true });
  const left = await readdir(folder).catch(() => undefined);
  if (left?.length === 0) await rm(folder, { recursive: true, force: true });
  return files.length;
}
