import { createHash } from 'node:crypto';
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { type ListFileEntry, listFiles, modelInfo } from '@huggingface/hub';
import { type AdapterChoice, bundledAdapter } from '../adapter/adapterChoice.ts';
import { openAdapter } from '../adapter/adapterTensors.ts';
import { precisionForFloats } from '../defaultPrecision.ts';
import { type ImportOptions, importModel } from '../importModel.ts';
import type { ModelManifest } from '../manifest.ts';
import { diskNeeded } from '../needs.ts';
import { checkSpace } from '../store/files.ts';
import { lock } from '../store/lock.ts';
import { makeFolder } from '../store/makeFolder.ts';
import { checkModelName, nameFrom } from '../store/modelName.ts';
import { StoreError, UsageError, writeFailure } from '../store/storeError.ts';
import type { ModelStore } from '../store.ts';
import { ModelFileError } from '../weightSource.ts';
import { modelNameOf } from '../weights/ggufParts.ts';
import { type DownloadOptions, downloadBeginning, downloadFile } from './downloadFile.ts';
import { downloadsFolder } from './downloads.ts';
import { checkFolderEarly, checkGgufEarly } from './earlyCheck.ts';
import { apiFetch } from './hubApi.ts';
import { hubFailure } from './hubError.ts';
import { type HubAccess, hubAccess } from './hubFetch.ts';
import type { HubSpec } from './hubSpec.ts';
import { checkListing, filesToPull, ggufToPull, type RepoFile, weightsOf } from './repoFiles.ts';

export interface PullPlan {
  readonly repo: string;
  /** The commit that the revision refers to. */
  readonly commit: string;
  readonly files: readonly RepoFile[];
  /** Bytes of all files. */
  readonly bytes: number;
  /** Every file beside them that may turn out to hold weights instead, by name. */
  readonly others: ReadonlyMap<string, RepoFile>;
}

export interface PullOptions extends Omit<ImportOptions, 'source' | 'onProgress'> {
  readonly env: NodeJS.ProcessEnv;
  /** Asked before the download begins; false ends without one. */
  readonly confirm?: (plan: PullPlan) => Promise<boolean>;
  readonly onDownload?: (done: number, total: number) => void;
  readonly onImport?: (done: number, total: number) => void;
  /** Keep the downloaded files once the model is installed. */
  readonly keepDownload?: boolean;
  readonly retryMs?: number;
  readonly stallMs?: number;
}

/**
 * Downloads a model from the hub and installs it. Downloaded files stay in `downloads/` of the cache folder `root`
 * until the model is installed, so that an interrupted pull continues where it stopped. A short name for an adapter that
 * comes with this package has that merged in. Rejects with a StoreError, UsageError or ModelFileError; undefined if
 * `confirm` returned false.
 */
export async function pullModel(
  store: ModelStore,
  root: string,
  spec: HubSpec,
  options: PullOptions,
): Promise<ModelManifest | undefined> {
  const adapter = await adapterFor(spec, options);
  const name = options.name ?? nameOf(spec, adapter);
  checkModelName(name);
  // Reported now, not after a download of some gigabytes.
  await store.checkFree(name, options.force);
  const access = await hubAccess(options.env, options.signal, options.stallMs);
  const plan = await planPull(spec, access, options);
  if (options.confirm && !(await options.confirm(plan))) return undefined;
  const downloads = downloadsFolder(root);
  const folder = path.join(downloads, folderName(spec, plan.commit));
  try {
    await makeFolder(folder);
    const unlock = await lock(
      path.join(downloads, '.locks'),
      folderName(spec, plan.commit),
      `downloading ${spec.repo}`,
    );
    try {
      await checkRoom(root, folder, plan, options);
      await download(spec, plan, folder, access, { ...options, ...(adapter ? { adapter } : {}) });
      const [first] = plan.files;
      const manifest = await importModel(
        store,
        spec.file === undefined ? folder : localPath(folder, first?.path ?? ''),
        {
          ...options,
          name,
          ...(adapter ? { adapter } : {}),
          source: `${spec.repo}${spec.file === undefined ? '' : `:${spec.file}`}@${plan.commit}`,
          ...(options.onImport ? { onProgress: options.onImport } : {}),
        },
      );
      if (!options.keepDownload) await rm(folder, { recursive: true, force: true });
      return manifest;
    } finally {
      await unlock();
    }
  } catch (error) {
    throw writeFailure(error, root);
  }
}

/** The adapter to merge in, which is looked at before anything is downloaded. */
async function adapterFor(spec: HubSpec, { adapter: given }: PullOptions): Promise<AdapterChoice | undefined> {
  if (given && spec.adapter !== undefined && given.bundled?.name !== spec.adapter) {
    throw new UsageError(`${spec.adapter} has an adapter already; to merge another one, name its base: ${spec.repo}`);
  }
  const adapter = given ?? (spec.adapter === undefined ? undefined : await bundledAdapter(spec.adapter));
  if (adapter) await (await openAdapter(adapter.folder)).close();
  return adapter;
}

function nameOf({ repo, file, shortName }: HubSpec, adapter: AdapterChoice | undefined): string {
  if (adapter?.bundled) return adapter.bundled.name;
  const base = shortName ?? nameFrom(file === undefined ? repo : modelNameOf(file));
  return adapter ? nameFrom(`${base}-${path.basename(path.resolve(adapter.folder))}`) : base;
}

async function planPull(spec: HubSpec, access: HubAccess, options: PullOptions): Promise<PullPlan> {
  const { repo, revision } = spec;
  const { endpoint: hubUrl } = access;
  const fetch = apiFetch(access.fetch, hubUrl, options.stallMs === undefined ? {} : { stallMs: options.stallMs });
  try {
    const { sha } = await modelInfo({ name: repo, revision, hubUrl, fetch, additionalFields: ['sha'] });
    if (typeof sha !== 'string' || !/^[0-9a-f]{40}$/.test(sha)) {
      throw new StoreError(`${hubUrl} does not tell the commit of ${repo}; check HF_ENDPOINT`);
    }
    const listing: ListFileEntry[] = [];
    for await (const entry of listFiles({ repo, revision: sha, recursive: true, hubUrl, fetch })) listing.push(entry);
    const files = spec.file === undefined ? filesToPull(repo, listing) : ggufToPull(repo, listing, spec.file);
    if (spec.file === undefined) checkListing(repo, listing);
    const others = spec.file === undefined ? weightsOf(repo, listing) : new Map<string, RepoFile>();
    return { repo, commit: sha, files, others, bytes: bytesOf(files) };
  } catch (error) {
    options.signal?.throwIfAborted();
    const failure = hubFailure(error, { endpoint: hubUrl, repo, revision, hasToken: access.hasToken });
    if (failure !== error || !(error instanceof SyntaxError || error instanceof TypeError)) throw failure;
    throw new StoreError(`${hubUrl} does not answer as the Hugging Face hub does; check HF_ENDPOINT and the proxy`);
  }
}

/**
 * Assumes 2 bytes per number, as in nearly all published weights; a GGUF file is about as large as its import.
 */
async function checkRoom(root: string, folder: string, plan: PullPlan, options: PullOptions): Promise<void> {
  const gguf = plan.files.some(({ path: file }) => /\.gguf$/i.test(file));
  const parameters = plan.bytes / 2;
  const precision = options.precision ?? precisionForFloats(parameters, options.gpuMemory);
  const installed = gguf ? plan.bytes : diskNeeded(parameters, precision);
  let there = 0;
  for (const { path: file, size } of plan.files) there += Math.min(size, await presentBytes(localPath(folder, file)));
  await checkSpace(root, plan.bytes - there + installed, `pulling ${plan.repo}`);
}

/**
 * Downloads the small files, then the headers of the weights, and all of the weights if these can be imported. Refused
 * files are removed.
 */
async function download(
  { repo, revision, file: gguf }: HubSpec,
  plan: PullPlan,
  folder: string,
  access: HubAccess,
  { onDownload, signal, retryMs, stallMs, adapter }: PullOptions,
): Promise<void> {
  const { endpoint, fetch } = access;
  const common: DownloadOptions = {
    fetch,
    ...(signal ? { signal } : {}),
    ...(retryMs === undefined ? {} : { retryMs }),
    ...(stallMs === undefined ? {} : { stallMs }),
  };
  const urlOf = (file: RepoFile) =>
    `${endpoint}/${repo}/resolve/${plan.commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`;
  const small = plan.files.filter(({ path: file }) => !isWeights(file));
  let weights = plan.files.filter(({ path: file }) => isWeights(file));
  let done = 0;
  const onBytes = (count: number) => {
    done += count;
    onDownload?.(done, bytesOf(small) + bytesOf(weights));
  };
  const downloadAll = async (files: readonly RepoFile[]) => {
    for (const file of files) {
      await downloadFile(urlOf(file), file, localPath(folder, file.path), { ...common, onBytes });
    }
  };
  try {
    await downloadAll(small);
    const candidates = gguf === undefined ? [...plan.others.values()] : weights;
    const early = {
      weights: new Map(candidates.map((file) => [localPath(folder, file.path), file])),
      fetchUpTo: (file: RepoFile, place: string, bytes: number) =>
        downloadBeginning(urlOf(file), file, place, bytes, common),
      ...(adapter ? { adapter: adapter.folder } : {}),
    };
    if (weights.length === 0) weights = candidates;
    if (gguf === undefined) weights = [...((await checkFolderEarly(folder, early)) ?? weights)];
    else await checkGgufEarly(localPath(folder, weights[0]?.path ?? ''), early);
    await downloadAll(weights);
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof ModelFileError) await rm(folder, { recursive: true, force: true });
    throw hubFailure(error, { endpoint, repo, revision, hasToken: access.hasToken });
  }
}

function isWeights(file: string): boolean {
  return /\.(safetensors|gguf)$/i.test(file);
}

function bytesOf(files: readonly RepoFile[]): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** Where a file of the repository is put. Paths were checked against those that an import reads. */
function localPath(folder: string, file: string): string {
  return /\.gguf$/i.test(file) ? path.join(folder, path.posix.basename(file)) : path.join(folder, ...file.split('/'));
}

/** One folder per commit, and per GGUF file of it; the name is valid in every file system. */
function folderName({ repo, file }: HubSpec, commit: string): string {
  const digest = createHash('sha256')
    // The parts of a file are one download, whichever part was named.
    .update(`${repo}@${commit}:${file?.replace(/-\d{5}-of-\d{5}(?=\.gguf$)/i, '') ?? ''}`)
    .digest('hex')
    .slice(0, 12);
  return `${nameFrom(repo)}-${digest}`;
}

async function presentBytes(file: string): Promise<number> {
  for (const name of [file, `${file}.part`]) {
    const size = await stat(name).then(
      (stats) => stats.size,
      () => undefined,
    );
    if (size !== undefined) return size;
  }
  return 0;
}
