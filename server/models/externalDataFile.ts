import { type FileHandle, open } from 'node:fs/promises';
import path from 'node:path';
import type { ExternalData } from './graph/onnxModel.ts';

/** ONNX Runtime maps tensors into memory; Windows maps at multiples of this, other systems at smaller ones. */
const mappingGranularity = 65_536;

/** A file of tensors beside a model, written from front to back. */
export class ExternalDataFile {
  readonly #name: string;
  readonly #file: FileHandle;
  #size = 0;

  private constructor(name: string, file: FileHandle) {
    this.#name = name;
    this.#file = file;
  }

  /** Creates the file in `folder`; rejects with the system's error when it cannot be. */
  static async create(folder: string, name: string): Promise<ExternalDataFile> {
    return new ExternalDataFile(name, await open(path.join(folder, name), 'wx'));
  }

  /** Begins a tensor whose bytes are then passed to `write`; the next one must wait for this one's `end`. */
  async begin(expectedBytes: number): Promise<{ write(bytes: Uint8Array): Promise<void>; end(): ExternalData }> {
    const alignment = expectedBytes >= mappingGranularity ? mappingGranularity : 64;
    const offset = Math.ceil(this.#size / alignment) * alignment;
    let length = 0;
    const write = async (bytes: Uint8Array) => {
      await this.#writeAll(bytes, offset + length);
      length += bytes.byteLength;
    };
    const end = () => {
      this.#size = offset + length;
      return { file: this.#name, offset, length };
    };
    return { write, end };
  }

  async append(bytes: Uint8Array): Promise<ExternalData> {
    const tensor = await this.begin(bytes.byteLength);
    await tensor.write(bytes);
    return tensor.end();
  }

  async close(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }

  /** Closes without waiting for the disk, if the file is to be discarded. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }

  async #writeAll(bytes: Uint8Array, position: number): Promise<void> {
    let written = 0;
    // A full disk accepts a part, and refuses the rest with ENOSPC.
    while (written < bytes.byteLength) {
      const { bytesWritten } = await this.#file.write(bytes, written, bytes.byteLength - written, position + written);
      written += bytesWritten;
    }
  }
}
