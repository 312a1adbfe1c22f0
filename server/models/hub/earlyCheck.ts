import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { withAdapter } from '../adapter/withAdapter.ts';
import { checkConvertible } from '../convert.ts';
import { StoreError } from '../store/storeError.ts';
import { checkUsable } from '../tokenizer/usableTokenizer.ts';
import { ModelFileError, type WeightSource } from '../weightSource.ts';
import { openGgufFile } from '../weights/ggufFile.ts';
import { describeFolder, openHuggingFaceFolder } from '../weights/huggingFaceFolder.ts';
import { ModelFile, NotYetThere } from '../weights/modelFile.ts';
import { indexFile } from '../weights/shards.ts';
import type { RepoFile } from './repoFiles.ts';

/** Longer headers are not awaited: the import then finds their errors. */
const mostBytes = 256 * 2 ** 20;
/** The first bytes to fetch of a file: enough for nearly every header of safetensors, and of GGUF with a vocabulary. */
const firstBytes = { safetensors: 2 ** 20, gguf: 8 * 2 ** 20 };

export interface EarlyCheckOptions {
  /** Each file of weights, keyed by its target path. */
  readonly weights: ReadonlyMap<string, RepoFile>;
  /** Downloads a file up to this many bytes, into `place.part`. */
  readonly fetchUpTo: (file: RepoFile, place: string, bytes: number) => Promise<void>;
  /** The folder of an adapter that has to fit the model. One that does not is a StoreError, and nothing is removed. */
  readonly adapter?: string;
}

/**
 * Reads what the small files of a download say, and then the headers of the weights, of which no more is fetched than
 * that. Rejects with a ModelFileError for a model that cannot be imported, of which the beginnings are then removed.
 * Returns the files that the weights lie in, or undefined where that cannot be told.
 */
export async function checkFolderEarly(
  folder: string,
  options: EarlyCheckOptions,
): Promise<readonly RepoFile[] | undefined> {
  checkUsable((await describeFolder(folder)).tokenizer);
  const names = new Set([...options.weights.keys()].map((place) => path.relative(folder, place)));
  if (existsSync(path.join(folder, indexFile))) names.add(indexFile);
  return await withBeginnings(options, async (open) => {
    const source = await openHuggingFaceFolder(folder, open, names);
    return await checked(source, options.adapter, () => [...source.files]);
  });
}

/** The same for a GGUF file, or all its parts. */
export async function checkGgufEarly(place: string, options: EarlyCheckOptions): Promise<void> {
  await withBeginnings(options, async (open) => {
    const source = await openGgufFile(place, open);
    return await checked(source, options.adapter, () => {
      checkUsable(source.tokenizer);
      return [];
    });
  });
}

async function checked(base: WeightSource, adapter: string | undefined, files: () => string[]): Promise<string[]> {
  let source = base;
  try {
    checkConvertible(source);
    const found = files();
    if (adapter !== undefined) source = await fitting(base, adapter);
    return found;
  } finally {
    await source.close();
  }
}

/** The model with the adapter merged in; the model is not to blame where that fails. */
async function fitting(base: WeightSource, adapter: string): Promise<WeightSource> {
  try {
    return await withAdapter(base, adapter);
  } catch (error) {
    throw error instanceof ModelFileError ? new StoreError(error.message) : error;
  }
}

type Open = (place: string) => Promise<ModelFile>;

/** Runs `read` repeatedly, each time with more of the files, until everything it needs is there. */
async function withBeginnings(
  { weights, fetchUpTo }: EarlyCheckOptions,
  read: (open: Open) => Promise<string[]>,
): Promise<readonly RepoFile[] | undefined> {
  const fresh = new Set<string>();
  const open: Open = async (place) => {
    const file = weights.get(place);
    if (!file) throw new ModelFileError(`${place} is not among the files of the model; take another repository of it.`);
    const found = [place, `${place}.part`].find((candidate) => existsSync(candidate));
    if (found === undefined) throw new NotYetThere(place, 1);
    return await ModelFile.open(place, { place: found, size: file.size });
  };
  for (;;) {
    try {
      const places = await read(open);
      return places.flatMap((place) => weights.get(place) ?? []);
    } catch (error) {
      if (error instanceof NotYetThere) {
        const file = weights.get(error.path);
        const bytes = bytesToFetch(error);
        if (!file || bytes === undefined) return undefined;
        if (!existsSync(`${error.path}.part`)) fresh.add(error.path);
        await fetchUpTo(file, error.path, bytes);
      } else if (error instanceof ModelFileError) {
        // The part left by an earlier process may be damaged, which its checksum shows once it is complete.
        if ([...weights.keys()].some((place) => existsSync(place))) return undefined;
        const left = [...weights.keys()].filter((place) => existsSync(`${place}.part`));
        for (const place of left) await rm(`${place}.part`);
        if (left.every((place) => fresh.has(place))) throw error;
      } else throw error;
    }
  }
}

function bytesToFetch({ path: place, needed }: NotYetThere): number | undefined {
  if (needed > mostBytes) return undefined;
  const first = place.endsWith('.gguf') ? firstBytes.gguf : firstBytes.safetensors;
  // The next power of two, so that a long header needs few requests.
  return Math.max(first, 2 ** Math.ceil(Math.log2(needed)));
}
