import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import * as v from 'valibot';
import { systemErrorWords } from '../../shared/errors.ts';
import { DataError, Tally } from './dataError.ts';

const checkpointSchema = v.object({
  settings: v.string(),
  bytes: v.number(),
  units: v.number(),
  done: v.boolean(),
  counts: v.record(v.string(), v.number()),
  state: v.unknown(),
});

export interface ResumableOptions {
  readonly file: string;
  /** What decides which records are made; a file made with others is not gone on with. */
  readonly settings: object;
  /** Begins anew, whatever is there. */
  readonly restart?: boolean;
  /** How long may be lost when the process is killed, in milliseconds; what is lost is made again. */
  readonly checkpointMs?: number;
}

/**
 * An output file that a killed run leaves so that the next one goes on with it, without loss or duplicates. Work comes in
 * *units*, each with all of its records. `FILE.state.json` says how many bytes of the file the first so many units take:
 * on opening, what lies behind them is cut off, and the caller goes on behind these units.
 */
export class ResumableOutput {
  readonly counts: Tally;
  /** How many units an earlier run has finished. */
  readonly unitsBefore: number;
  /** Whether an earlier run came to the end. */
  readonly wasDone: boolean;
  /** What the caller gave to the last checkpoint. */
  readonly stateBefore: unknown;
  readonly #handle: FileHandle;
  readonly #file: string;
  readonly #settings: string;
  readonly #checkpointMs: number;
  #pending: string[] = [];
  #bytes: number;
  #units: number;
  #savedMs = performance.now();

  private constructor(
    handle: FileHandle,
    file: string,
    settings: string,
    checkpointMs: number,
    from: v.InferOutput<typeof checkpointSchema>,
  ) {
    this.#handle = handle;
    this.#file = file;
    this.#settings = settings;
    this.#checkpointMs = checkpointMs;
    this.#bytes = from.bytes;
    this.#units = from.units;
    this.unitsBefore = from.units;
    this.wasDone = from.done;
    this.stateBefore = from.state;
    this.counts = new Tally(from.counts);
  }

  /** Opens the file, cut to what its checkpoint says. Throws a DataError for a file that is something else. */
  static async open({
    file,
    settings,
    restart = false,
    checkpointMs = 2000,
  }: ResumableOptions): Promise<ResumableOutput> {
    const digest = createHash('sha256').update(JSON.stringify(settings)).digest('hex');
    const fresh = { settings: digest, bytes: 0, units: 0, done: false, counts: {}, state: null };
    const from = (restart ? undefined : await readCheckpoint(file, digest)) ?? fresh;
    try {
      if (from === fresh) await rm(stateFile(file), { force: true });
      const handle = await open(file, from === fresh ? 'w' : 'r+');
      const { size } = await handle.stat();
      if (size < from.bytes) {
        await handle.close();
        throw new DataError(`${file} is shorter than ${stateFile(file)} says; begin anew with --restart`);
      }
      await handle.truncate(from.bytes);
      const output = new ResumableOutput(handle, file, digest, checkpointMs, from);
      if (from === fresh) await output.checkpoint(null);
      return output;
    } catch (error) {
      if (error instanceof DataError) throw error;
      throw new DataError(`${file} cannot be written: ${systemErrorWords(error)}`);
    }
  }

  get units(): number {
    return this.#units;
  }

  /** Adds a record of the unit that is being worked on. */
  add(record: object): void {
    this.#pending.push(`${JSON.stringify(record)}\n`);
  }

  /** Ends a unit. `state` is asked when a checkpoint is due. */
  async endUnit(state: () => unknown): Promise<void> {
    this.#units++;
    if (performance.now() - this.#savedMs >= this.#checkpointMs) await this.checkpoint(state());
  }

  /** Writes what is there, and then where that ends. */
  async checkpoint(state: unknown, done = false): Promise<void> {
    const bytes = Buffer.from(this.#pending.join(''));
    this.#pending = [];
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await this.#handle.write(bytes, at, bytes.length - at, this.#bytes + at);
      at += bytesWritten;
    }
    this.#bytes += bytes.length;
    await this.#handle.datasync();
    const checkpoint = {
      settings: this.#settings,
      bytes: this.#bytes,
      units: this.#units,
      done,
      counts: this.counts.toJSON(),
      state,
    };
    const draft = `${stateFile(this.#file)}.new`;
    await writeFile(draft, JSON.stringify(checkpoint));
    await rename(draft, stateFile(this.#file));
    this.#savedMs = performance.now();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

export function stateFile(file: string): string {
  return `${file}.state.json`;
}

async function readCheckpoint(file: string, digest: string) {
  const text = await readFile(stateFile(file), 'utf8').catch(() => undefined);
  if (text === undefined) {
    // A run that was killed before it had written anything leaves an empty file.
    if (!existsSync(file) || statSync(file).size === 0) return undefined;
    throw new DataError(
      `${file} is there already, and nothing says how to go on with it; name another file, or --restart`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  const checkpoint = v.safeParse(checkpointSchema, value);
  if (!checkpoint.success) throw new DataError(`${stateFile(file)} cannot be read; begin anew with --restart`);
  if (checkpoint.output.settings !== digest) {
    throw new DataError(`${file} was made from other input or with other options; name another file, or --restart`);
  }
  if (!existsSync(file)) return undefined;
  return checkpoint.output;
}
