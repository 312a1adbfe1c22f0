import { ModelFileError } from '../weightSource.ts';
import type { ModelFile } from './modelFile.ts';

const windowSize = 1 << 20;

/**
 * Reads a file's header value by value, from the start on, through a window of a megabyte. Little-endian.
 * Nothing is allocated that the rest of the file could not fill.
 */
export class HeaderReader {
  readonly #file: ModelFile;
  readonly #limit: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  /** Where in the file the window begins. */
  #start = 0;
  /** Where in the window the next value begins. */
  #at = 0;

  /** @param limit bytes after which a header is taken for nonsense */
  constructor(file: ModelFile, limit: number) {
    this.#file = file;
    this.#limit = Math.min(limit, file.size);
  }

  get position(): number {
    return this.#start + this.#at;
  }

  /** How many more bytes the header can have. */
  get remaining(): number {
    return this.#limit - this.position;
  }

  /** @throws ModelFileError when the file ends or the header goes beyond its limit. */
  async #need(length: number): Promise<void> {
    if (this.#at + length <= this.#bytes.length) return;
    if (length > this.remaining) {
      throw new ModelFileError(
        this.#limit < this.#file.size
          ? `${this.#file.path} has a header of more than ${this.#limit} bytes, which no model needs; download it again.`
          : `${this.#file.path} is cut short, or its header lies about its size; download it again.`,
      );
    }
    this.#start += this.#at;
    this.#at = 0;
    this.#bytes = await this.#file.read(this.#start, Math.min(this.#limit - this.#start, Math.max(length, windowSize)));
    this.#view = new DataView(this.#bytes.buffer);
  }

  async uint8(): Promise<number> {
    await this.#need(1);
    this.#at += 1;
    return this.#view.getUint8(this.#at - 1);
  }

  async uint32(): Promise<number> {
    await this.#need(4);
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }

  /** A 64-bit number; one above 2^53 cannot be a size of anything and is refused. */
  async uint64(what: string): Promise<number> {
    await this.#need(8);
    this.#at += 8;
    const value = Number(this.#view.getBigUint64(this.#at - 8, true));
    if (Number.isSafeInteger(value)) return value;
    throw new ModelFileError(`${this.#file.path} claims ${value} as ${what}; it is damaged, download it again.`);
  }

  /** `read` gets the next `size` bytes as a view and an offset into it. */
  async scalar<T>(size: number, read: (view: DataView, at: number) => T): Promise<T> {
    await this.#need(size);
    this.#at += size;
    return read(this.#view, this.#at - size);
  }

  async string(what: string): Promise<string> {
    const length = await this.uint64(`the length of ${what}`);
    await this.#need(length);
    this.#at += length;
    return decodeUtf8(this.#bytes.subarray(this.#at - length, this.#at));
  }

  /**
   * `count` strings. Those of a vocabulary are many and short: all that lie within the window are taken without waiting.
   */
  async strings(count: number, what: string): Promise<string[]> {
    const strings: string[] = [];
    while (strings.length < count) {
      while (strings.length < count && this.#bytes.length - this.#at >= 8) {
        const length = Number(this.#view.getBigUint64(this.#at, true));
        if (this.#at + 8 + length > this.#bytes.length) break;
        strings.push(decodeUtf8(this.#bytes.subarray(this.#at + 8, this.#at + 8 + length)));
        this.#at += 8 + length;
      }
      if (strings.length < count) strings.push(await this.string(what));
    }
    return strings;
  }
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
