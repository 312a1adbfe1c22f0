import { rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { makeFolder } from '../store/makeFolder.ts';
import { StoreError } from '../store/storeError.ts';
import { HubStatusError, isPassing, StalledError } from './hubError.ts';
import type { Fetch } from './hubFetch.ts';
import { PartFile } from './partFile.ts';
import type { RepoFile } from './repoFiles.ts';
import { unstalled } from './unstalled.ts';

export interface DownloadOptions {
  readonly fetch: Fetch;
  /** Called with the count of bytes that arrived or exist already; negative if they must be downloaded again. */
  readonly onBytes?: (count: number) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds before the second attempt; doubled for each further one. */
  readonly retryMs?: number;
  /** Milliseconds without a byte after which a connection is closed. */
  readonly stallMs?: number;
}

/** The maximum number of consecutive attempts without any byte. */
const maxAttempts = 5;
const longestWaitMs = 60_000;
const usualStallMs = 60_000;

/**
 * Downloads one file to `target`, which exists only after its checksum was verified. After an interruption, the part
 * received is kept as `target.part` and continued (RFC 9110, section 14). Rejects with a StoreError, a HubStatusError,
 * fetch's TypeError, the system's error or `signal.reason`.
 */
export async function downloadFile(
  url: string,
  file: RepoFile,
  target: string,
  options: DownloadOptions,
): Promise<void> {
  const { onBytes, signal } = options;
  await makeFolder(path.dirname(target));
  // A complete file is hashed again: it may be old.
  if (await exists(target)) await rename(target, `${target}.part`);
  const part = await PartFile.open(`${target}.part`, file, signal);
  try {
    // The part left by an earlier process may be damaged by a crash; then one more try from the start is justified.
    const resumed = part.size > 0;
    onBytes?.(part.size);
    await fill(url, part, options);
    if (!part.isRight() && resumed) {
      onBytes?.(-part.size);
      await part.restart();
      await fill(url, part, options);
    }
    if (!part.isRight()) {
      await part.restart();
      throw new StoreError(
        `${file.path} is not what the hub lists: its checksum is wrong, so it was damaged or tampered with on its way and was thrown away; run the command again, and check HF_ENDPOINT and the proxy if it happens again`,
      );
    }
    await part.sync();
  } finally {
    await part.close();
  }
  await rename(part.path, target);
}

/**
 * Downloads the first `bytes` of a file to `target.part`, or all of a shorter one; `downloadFile` continues there.
 * Nothing is checked yet. Rejects as `downloadFile` does.
 */
export async function downloadBeginning(
  url: string,
  file: RepoFile,
  target: string,
  bytes: number,
  options: DownloadOptions,
): Promise<void> {
  await makeFolder(path.dirname(target));
  const part = await PartFile.open(`${target}.part`, file, options.signal);
  try {
    const until = Math.min(bytes, file.size);
    if (part.size < until) await fill(url, part, options, until);
  } finally {
    await part.close();
  }
}

/** Completes a partial file, or extends it to `until` bytes, over as many connections as needed. */
async function fill(url: string, part: PartFile, options: DownloadOptions, until = part.file.size): Promise<void> {
  const { onBytes, signal, retryMs = 1000 } = options;
  let furthest = part.size;
  for (let attempt = 1; part.size < until || until === 0; ) {
    try {
      await receive(url, part, options, until);
      return;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof HubStatusError && error.status === 416 && part.size > 0) {
        onBytes?.(-part.size);
        await part.restart();
      } else if (!isPassing(error)) throw error;
      attempt = part.size > furthest ? 1 : attempt + 1;
      furthest = Math.max(furthest, part.size);
      if (attempt > maxAttempts) throw error;
      const asked = error instanceof HubStatusError ? error.retryAfterMs : undefined;
      await delay(Math.min(asked ?? retryMs * 2 ** (attempt - 1), longestWaitMs), undefined, signal ? { signal } : {});
    }
  }
}

/** One request for all missing bytes up to `until`. */
async function receive(url: string, part: PartFile, options: DownloadOptions, until: number): Promise<void> {
  const { fetch, onBytes, stallMs = usualStallMs } = options;
  const { size } = part.file;
  const last = until < size ? `${until - 1}` : '';
  const range = part.size > 0 || until < size ? { Range: `bytes=${part.size}-${last}` } : {};
  const headers = { 'Accept-Encoding': 'identity', ...range };
  const response = await fetch(url, { headers });
  if (!response.ok) {
    await response.body?.cancel();
    throw new HubStatusError(response);
  }
  const goesOn = response.status === 206 && response.headers.get('Content-Range')?.startsWith(`bytes ${part.size}-`);
  if (!goesOn && (part.size > 0 || response.status === 206)) {
    // A server or proxy without range support sends the whole file.
    onBytes?.(-part.size);
    await part.restart();
    if (response.status === 206) {
      await response.body?.cancel();
      throw new StalledError('another part of the file came than was asked for');
    }
  }
  if (!response.body) return;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await unstalled(reader, stallMs);
    if (done) break;
    if (part.size + value.length > size) {
      await reader.cancel();
      throw new StoreError(
        `${part.file.path} is longer than the hub lists it (${size} bytes); run the command again, and check HF_ENDPOINT and the proxy`,
      );
    }
    await part.append(value);
    onBytes?.(value.length);
    if (part.size >= until && until < size) {
      await reader.cancel();
      return;
    }
  }
  if (part.size < until) throw new StalledError('the connection ended before the file');
}

async function exists(file: string): Promise<boolean> {
  return await stat(file).then(
    () => true,
    () => false,
  );
}
