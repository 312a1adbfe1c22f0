import { createHash, type Hash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { RepoFile } from './repoFiles.ts';

/** The beginning of a file that is being downloaded, hashed as it grows. */
export class PartFile {
  readonly path: string;
  readonly file: RepoFile;
  readonly #handle: FileHandle;
  #hash: Hash;
  #size = 0;

  private constructor(path: string, file: RepoFile, handle: FileHandle) {
    this.path = path;
    this.file = file;
    this.#handle = handle;
    this.#hash = hashFor(file);
  }

  /**
   * Opens the file that an earlier process left at `path`, or starts anew. Rejects with the system's error or
   * `signal.reason`.
   */
  static async open(path: string, file: RepoFile, signal?: AbortSignal): Promise<PartFile> {
    const part = new PartFile(path, file, await open(path, constants.O_RDWR | constants.O_CREAT));
    try {
      if ((await part.#handle.stat()).size > file.size) await part.restart();
      await part.#readHash(signal);
    } catch (error) {
      await part.close();
      throw error;
    }
    return part;
  }

  /** Bytes that are there. */
  get size(): number {
    return this.#size;
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      done += (await this.#handle.write(bytes, done, bytes.length - done, this.#size + done)).bytesWritten;
    }
    this.#hash.update(bytes);
    this.#size += bytes.length;
  }

  /** Discards all bytes. */
  async restart(): Promise<void> {
    await this.#handle.truncate(0);
    this.#hash = hashFor(this.file);
    this.#size = 0;
  }

  /** Whether the file is complete and its checksum right. */
  isRight(): boolean {
    return this.#size === this.file.size && this.#hash.copy().digest('hex') === this.file.checksum.hex;
  }

  async sync(): Promise<void> {
    await this.#handle.sync();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #readHash(signal?: AbortSignal): Promise<void> {
    const buffer = Buffer.alloc(1 << 20);
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, this.#size);
      if (bytesRead === 0) return;
      this.#hash.update(buffer.subarray(0, bytesRead));
      this.#size += bytesRead;
    }
  }
}

/**
 * SHA-256 for content stored outside git; otherwise git's own name for the content: SHA-1 with a header (gitformat,
 * "blob").
 */
function hashFor({ size, checksum }: RepoFile): Hash {
  return checksum.kind === 'sha256' ? createHash('sha256') : createHash('sha1').update(`blob ${size}\0`);
}
