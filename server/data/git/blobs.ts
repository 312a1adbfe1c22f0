import { DataError } from '../dataError.ts';
import { GitProcess } from './gitProcess.ts';

/** A blob's bytes, or why there are none: it is not in this clone, or it is larger than wanted and was not read. */
export type Blob = Buffer | 'missing' | 'too large';

/** Reads blobs of one repository through two long-lived gits: one says how large they are, the other gives those wanted. */
export class BlobReader {
  readonly #sizes: BatchProcess;
  readonly #contents: BatchProcess;

  constructor(repository: string) {
    this.#sizes = new BatchProcess(repository, '--batch-check');
    this.#contents = new BatchProcess(repository, '--batch');
  }

  async read(hash: string, maxBytes: number): Promise<Blob> {
    const found = blobHeader(await this.#sizes.ask(hash));
    if (found === undefined) return 'missing';
    if (found > maxBytes) return 'too large';
    const size = blobHeader(await this.#contents.ask(hash));
    return size === undefined ? 'missing' : this.#contents.take(size);
  }

  dispose(): void {
    this.#sizes.dispose();
    this.#contents.dispose();
  }
}

function blobHeader(line: string): number | undefined {
  const size = /^[0-9a-f]+ blob (\d+)$/.exec(line)?.[1];
  return size === undefined ? undefined : Number(size);
}

/** So often git may end over a blob that it cannot give before the repository is given up. */
const maxDeaths = 5000;

class BatchProcess {
  readonly #repository: string;
  readonly #mode: string;
  #git: GitProcess | undefined;
  #held: Buffer = Buffer.alloc(0);
  #deaths = 0;

  constructor(repository: string, mode: string) {
    this.#repository = repository;
    this.#mode = mode;
  }

  /**
   * The line that git answers a name with; empty where it ended over it, as it does over a damaged blob and over one that it
   * would have to fetch.
   */
  async ask(name: string): Promise<string> {
    this.#git ??= new GitProcess(this.#repository, ['cat-file', this.#mode]);
    this.#git.write(`${name}\n`);
    try {
      for (;;) {
        const end = this.#held.indexOf(0x0a);
        if (end >= 0) {
          const line = this.#held.toString('utf8', 0, end);
          this.#held = this.#held.subarray(end + 1);
          return line;
        }
        await this.#more(this.#git);
      }
    } catch (error) {
      if (++this.#deaths > maxDeaths) throw error;
      this.dispose();
      return '';
    }
  }

  /** The next `size` bytes, without the line end behind them. */
  async take(size: number): Promise<Buffer> {
    while (this.#git && this.#held.length <= size) await this.#more(this.#git);
    const bytes = this.#held.subarray(0, size);
    this.#held = this.#held.subarray(size + 1);
    return bytes;
  }

  dispose(): void {
    this.#git?.dispose();
    this.#git = undefined;
    this.#held = Buffer.alloc(0);
  }

  async #more(git: GitProcess): Promise<void> {
    const chunk = await git.read();
    if (chunk === undefined) throw new DataError('git ended before it had answered');
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
  }
}
