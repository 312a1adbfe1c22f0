import { existsSync } from 'node:fs';
import { lstat, readdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ModelManifest } from './manifest.ts';
import { cacheFolder } from './store/cacheFolder.ts';
import { checkSpace, plainFiles, sha256, syncFile, syncFolder } from './store/files.ts';
import { lock } from './store/lock.ts';
import { makeFolder } from './store/makeFolder.ts';
import { manifestName, readManifest } from './store/manifestFile.ts';
import { checkModelName, sameName } from './store/modelName.ts';
import { cleanStaging, makeStaging, type Staging } from './store/staging.ts';
import { codeOf, StoreError, writeFailure } from './store/storeError.ts';
import { changedFiles } from './store/verify.ts';

/** An installed model, or an unusable folder in its place, with the reason. */
export type StoreEntry = { readonly name: string; readonly folder: string } & (
  | { readonly manifest: ModelManifest }
  | { readonly problem: string }
);

/** A build's part of the manifest; the store adds the rest. */
export type BuiltModel = Omit<ModelManifest, 'manifestVersion' | 'name' | 'files'>;

export interface InstallOptions {
  /** Replace a model of the same name. */
  readonly force?: boolean;
  /** Bytes that the model will take on the disk, as far as known. */
  readonly bytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * The models installed for this user: `models/NAME/` with `model.json` and the files it lists. A model is built in a
 * staging folder on the same disk and renamed into place, so a visible model is always complete; if a process dies, the
 * next one removes its staging folders.
 */
export class ModelStore {
  readonly folder: string;
  readonly #staging: string;
  readonly #locks: string;

  /** `root` is the cache folder. Nothing is created before something is installed. */
  constructor(root: string = cacheFolder()) {
    this.folder = path.join(root, 'models');
    this.#staging = path.join(this.folder, '.staging');
    this.#locks = path.join(this.folder, '.locks');
  }

  /** All models by name, damaged ones with the reason. */
  async list(): Promise<StoreEntry[]> {
    const names = await this.#names();
    return Promise.all(
      names.map(async (name) => {
        const folder = path.join(this.folder, name);
        try {
          return { name, folder, manifest: await readManifest(folder, name) };
        } catch (error) {
          if (!(error instanceof StoreError)) throw error;
          return { name, folder, problem: error.message };
        }
      }),
    );
  }

  /** Throws a StoreError if a model `name` is installed and must not be replaced. */
  async checkFree(name: string, force = false): Promise<void> {
    const standing = force ? undefined : (await this.#names()).find((other) => sameName(other, name));
    if (standing !== undefined) throw alreadyInstalled(standing);
  }

  /** The folder of a model, even a damaged one. Throws a StoreError if there is none. */
  async find(name: string): Promise<{ name: string; folder: string }> {
    checkModelName(name);
    let names = await this.#names();
    const named = () => names.find((other) => other === name) ?? names.find((other) => sameName(other, name));
    let found = named();
    if (found === undefined) {
      // A process that died while replacing the model may have moved it aside.
      await this.#clean();
      names = await this.#names();
      found = named();
    }
    if (found !== undefined) return { name: found, folder: path.join(this.folder, found) };
    const there = names.length === 0 ? 'none is' : `there are: ${names.join(', ')}`;
    throw new StoreError(
      `no model ${name} is installed (${there}); \`cursorcore-lsp model pull\` lists what can be downloaded`,
    );
  }

  /** A loadable model: its manifest is valid and every file exists with its size. Throws a StoreError. */
  async open(name: string): Promise<{ folder: string; manifest: ModelManifest }> {
    const found = await this.find(name);
    const manifest = await readManifest(found.folder, found.name);
    for (const file of manifest.files) {
      const size = await stat(path.join(found.folder, file.name)).then(
        (stats) => stats.size,
        () => undefined,
      );
      if (size === file.size) continue;
      const what = size === undefined ? 'is missing' : `has ${size} bytes instead of ${file.size}`;
      throw new StoreError(
        `the model ${found.name} is damaged: ${file.name} ${what}; import or pull it again with --force`,
      );
    }
    return { folder: found.folder, manifest };
  }

  /** The names of files whose content has changed since installation. */
  async verify(folder: string, manifest: ModelManifest, signal?: AbortSignal): Promise<string[]> {
    return await changedFiles(folder, manifest, signal);
  }

  /**
   * Installs what `build` writes into the given folder: plain files, no `model.json`. In the end, either all of it is
   * installed under `name`, or the store is unchanged. Rejects with a StoreError, and with `signal.reason`.
   */
  async install(
    name: string,
    build: (folder: string) => Promise<BuiltModel>,
    { force = false, bytes = 0, signal }: InstallOptions = {},
  ): Promise<ModelManifest> {
    checkModelName(name);
    let unlock: (() => Promise<void>) | undefined;
    let staging: Staging | undefined;
    try {
      await makeFolder(this.folder);
      unlock = await lock(this.#locks, name, `installing ${name}`);
      await this.#clean();
      const standing = await this.#standing(name);
      if (standing !== undefined && !force) throw alreadyInstalled(standing);
      await checkSpace(this.folder, bytes, `the model ${name}`);
      staging = await makeStaging(this.#staging, name);
      const built = await build(staging.model);
      signal?.throwIfAborted();
      const manifest = await seal(staging.model, name, built, signal);
      await this.#putInPlace(staging, name, standing);
      return manifest;
    } catch (error) {
      throw writeFailure(error, path.dirname(this.folder));
    } finally {
      await staging?.remove().catch(() => {});
      await unlock?.().catch(() => {});
    }
  }

  /** Removes a model, damaged or not, at once from the store's view. Throws a StoreError. */
  async remove(name: string): Promise<void> {
    const found = await this.find(name);
    let unlock: (() => Promise<void>) | undefined;
    try {
      unlock = await lock(this.#locks, found.name, `changing ${found.name}`);
      await this.#clean();
      const staging = await makeStaging(this.#staging, found.name);
      try {
        await moved(found.folder, staging.removed, found.name);
      } finally {
        await staging.remove();
      }
    } catch (error) {
      throw writeFailure(error, path.dirname(this.folder));
    } finally {
      await unlock?.().catch(() => {});
    }
  }

  #clean(): Promise<void> {
    return cleanStaging(this.#staging, (other) => path.join(this.folder, other));
  }

  async #putInPlace(staging: Staging, name: string, standing: string | undefined): Promise<void> {
    const target = path.join(this.folder, name);
    if (standing !== undefined) await moved(path.join(this.folder, standing), staging.replaced, standing);
    try {
      await rename(staging.model, target);
    } catch (error) {
      if (standing !== undefined) await rename(staging.replaced, path.join(this.folder, standing));
      // Another process was faster in spite of the lock; its model is equivalent.
      if (['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(codeOf(error) ?? '') && existsSync(target))
        throw alreadyInstalled(name);
      throw error;
    }
    await syncFolder(this.folder);
  }

  /** The existing name of a model or other entry in the place of `name`, which may differ in case. */
  async #standing(name: string): Promise<string | undefined> {
    return (await readdir(this.folder)).find((other) => sameName(other, name));
  }

  async #names(): Promise<string[]> {
    const entries = await readdir(this.folder, { withFileTypes: true }).catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return [];
      throw readFailure(error, this.folder);
    });
    // A folder without a manifest is no model; one that is a link to another disk may be.
    return entries
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && !entry.name.startsWith('.'))
      .map((entry) => entry.name)
      .filter((name) => existsSync(path.join(this.folder, name, manifestName)))
      .sort();
  }
}

/** Writes the manifest of the files in `folder`, with their current hashes, and syncs everything to disk. */
async function seal(folder: string, name: string, built: BuiltModel, signal?: AbortSignal): Promise<ModelManifest> {
  const files: ModelManifest['files'] = [];
  for (const file of await plainFiles(folder)) {
    const full = path.join(folder, file);
    await syncFile(full);
    files.push({ name: file, size: (await lstat(full)).size, sha256: await sha256(full, signal) });
  }
  const manifest: ModelManifest = { manifestVersion: 1, name, ...built, files };
  const file = path.join(folder, manifestName);
  await writeFile(file, `${JSON.stringify(manifest, undefined, 2)}\n`, { flag: 'wx' });
  await syncFile(file);
  await syncFolder(folder);
  // An unreadable manifest must not be installed.
  await readManifest(folder, name);
  return manifest;
}

async function moved(from: string, to: string, name: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (process.platform === 'win32' && ['EPERM', 'EACCES', 'EBUSY'].includes(codeOf(error) ?? '')) {
      throw new StoreError(`the model ${name} is in use; close the editors that use it and try again`);
    }
    throw error;
  }
}

function alreadyInstalled(name: string): StoreError {
  return new StoreError(
    `a model ${name} is already installed; replace it with --force, or choose another name with --name`,
  );
}

function readFailure(error: unknown, folder: string): unknown {
  switch (codeOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return new StoreError(`${folder} cannot be read: permission denied; make it readable or set CURSORCORE_CACHE`);
    case 'ENOTDIR':
      return new StoreError(`${folder} is not a folder; move it away or set CURSORCORE_CACHE to another folder`);
    default:
      return error;
  }
}
