import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { ModelFileError } from '../weightSource.ts';

/** A file of which only the beginning has been downloaded. */
export interface Beginning {
  /** The path of the downloaded beginning. */
  readonly place: string;
  /** Bytes of the whole file. */
  readonly size: number;
}

/** Bytes that are needed and have not been downloaded yet. */
export class NotYetThere extends Error {
  readonly path: string;
  /** How many bytes of the file are needed, counted from its start. */
  readonly needed: number;

  constructor(path: string, needed: number) {
    super(`${path} has not been downloaded up to byte ${needed}`);
    this.path = path;
    this.needed = needed;
  }
}

/** A file read by position, so that any number of reads may be under way at once. */
export class ModelFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly #handle: FileHandle;
  readonly #isBeginning: boolean;

  private constructor(path: string, size: number, handle: FileHandle, isBeginning: boolean) {
    this.path = path;
    this.size = size;
    this.#handle = handle;
    this.#isBeginning = isBeginning;
  }

  /**
   * @param beginning where the file is still being downloaded: what is read behind its end throws `NotYetThere`
   * @throws ModelFileError when there is no such file or it may not be read.
   */
  static async open(path: string, beginning?: Beginning): Promise<ModelFile> {
    try {
      // Without O_NONBLOCK, opening a pipe would wait for its writer.
      const handle = await open(beginning?.place ?? path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
      const status = await handle.stat();
      if (status.isFile()) return new ModelFile(path, beginning?.size ?? status.size, handle, beginning !== undefined);
      await handle.close();
    } catch (error) {
      throw unreadable(path, error);
    }
    throw new ModelFileError(`${path} is not a file; name a model's file or folder.`);
  }

  /**
   * Fills `target` with the bytes from `offset` on.
   * @throws ModelFileError when the file ends before, or cannot be read; NotYetThere behind a beginning.
   */
  async readInto(target: Uint8Array, offset: number): Promise<void> {
    for (let done = 0; done < target.length; ) {
      const bytesRead = await this.#readSome(target, done, offset + done);
      if (bytesRead === 0 && this.#isBeginning && offset + target.length <= this.size)
        throw new NotYetThere(this.path, offset + target.length);
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
    // One read call of the operating system returns less than 2 GiB.
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
