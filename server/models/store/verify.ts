import path from 'node:path';
import type { ModelManifest } from '../manifest.ts';
import { sha256 } from './files.ts';
import { codeOf } from './storeError.ts';

/** The names of a model's files whose content is not what was installed. */
export async function changedFiles(
  folder: string,
  { files }: Pick<ModelManifest, 'files'>,
  signal?: AbortSignal,
): Promise<string[]> {
  const changed: string[] = [];
  for (const file of files) {
    const found = await sha256(path.join(folder, file.name), signal).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (found !== file.sha256) changed.push(file.name);
  }
  return changed;
}
