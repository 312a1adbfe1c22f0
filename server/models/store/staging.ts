import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from './makeFolder.ts';
import { liveness, parseOwner, thisProcess } from './owner.ts';
import { codeOf } from './storeError.ts';

/** A staging folder younger than this is kept if its owner is unknown. */
const graceMs = 24 * 60 * 60 * 1000;
const unwrittenMs = 60_000;

const replaced = 'replaced';

/** A folder beside the installed models in which one is made ready, or waits to be deleted. */
export interface Staging {
  /** To be filled and then renamed. */
  readonly model: string;
  /** The place of a replaced model until the new one is installed. */
  readonly replaced: string;
  /** The place of a model that is to be deleted. */
  readonly removed: string;
  remove(): Promise<void>;
}

/** Makes a staging folder below `parent` for the model `name`, marked as this process's. */
export async function makeStaging(parent: string, name: string): Promise<Staging> {
  const folder = path.join(parent, randomBytes(8).toString('hex'));
  const model = path.join(folder, 'model');
  await makeFolder(folder);
  await writeFile(path.join(folder, 'owner.json'), JSON.stringify(thisProcess(name)));
  await mkdir(model);
  return {
    model,
    replaced: path.join(folder, replaced),
    removed: path.join(folder, 'removed'),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * Removes what dead processes left below `parent`, and restores a model that one of them had moved aside and not yet
 * replaced. What cannot be removed is left for the next time.
 */
export async function cleanStaging(parent: string, modelFolder: (name: string) => string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  for (const name of names) {
    const folder = path.join(parent, name);
    try {
      const owner = parseOwner(await readFile(path.join(folder, 'owner.json'), 'utf8').catch(() => ''));
      const age = Date.now() - (await stat(folder)).mtimeMs;
      const life = owner ? liveness(owner) : 'unknown';
      if (life === 'alive' || (life === 'unknown' && age < (owner ? graceMs : unwrittenMs))) continue;
      if (owner && existsSync(path.join(folder, replaced)) && !existsSync(modelFolder(owner.name))) {
        await rename(path.join(folder, replaced), modelFolder(owner.name));
      }
      await rm(folder, { recursive: true, force: true });
    } catch (error) {
      if (codeOf(error) === undefined) throw error;
    }
  }
}
