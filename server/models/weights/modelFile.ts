import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ModelFileError } from '../weightSource.ts';

/** A file read by position, so that any number of reads may be under way at once. */
export class ModelFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly #handle: FileHandle;

  private constructor(path: string, size: number, handle: FileHandle) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
  }

  /** @throws ModelFileError when there is no such file or it may not be read. */
  static async open(path: string): Promise<ModelFile> {
    try {
      // Without O_NONBLOCK, opening a pipe would wait for its writer.
      const handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      const status = await handle.stat();
      if (status.isFile()) return new ModelFile(path, status.size, handle);
      await handle.close();
    } catch (error) {
      throw unreadable(path, error);
    }
    throw new ModelFileError(`${path} is not a file; name a model's file or folder.`);
  }

  /**
   * Fills `target` with the bytes from `offset` on.
   * @throws ModelFileError when the file ends before, or cannot be read.
   */
  async readInto(target: Uint8Array, offset: number): Promise<void> {
    for (let done = 0; done < target.length; ) {
      const bytesRead = await this.#readSome(target, done, offset + done);
      if (bytesRead === 0) throw new ModelFileError(`${this.path} is cut short; download it again.`);
      done += bytesRead;
    }
  }

  /** `length` bytes from `offset` on; see `readInto`. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    if (offset + length > this.size) throw new ModelFileError(`${this.path} is cut short; download it again.`);
    const bytes = new Uint8Array(length);
    await this.readInto(bytes, offset);
    return bytes;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }

  async #readSome(target: Uint8Array, at: number, position: number): Promise<number> {
    // One read of the operating system gives less than 2 GiB.
    const length = Math.min(target.length - at, 2 ** 30);
    try {
      return (await this.#handle.read(target, at, length, position)).bytesRead;
    } catch (error) {
      throw unreadable(this.path, error);
    }
  }
}

function unreadable(path: string, error: unknown): ModelFileError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new ModelFileError(`${path} does not exist; check the path, or download the model again.`);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new ModelFileError(`${path} may not be read; check its permissions.`);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new ModelFileError(`${path} cannot be read: ${reason}; check the disk, or download the model again.`);
}
