import { statSync } from 'node:fs';
import path from 'node:path';
import { EngineError } from '../../shared/errors.ts';
import { counted } from '../../shared/plural.ts';
import { printable } from '../../shared/printable.ts';
import { DataError } from '../data/dataError.ts';
import { ResumableOutput } from '../data/resumable.ts';
import { CaseFileError } from '../eval/cases.ts';
import { StoreError, UsageError } from '../models/store/storeError.ts';
import { failure } from './failure.ts';
import { jsonText } from './jsonText.ts';

export interface OutputOptions {
  readonly out: string;
  readonly limit?: string;
  readonly restart?: boolean;
  readonly json?: boolean;
}

/** Runs a `data` command and returns its exit code; failures are one sentence on standard error. */
export function dataCommand(command: string, work: () => Promise<number>): Promise<number> {
  return recordsCommand(`data ${command}`, work);
}

/** The same for any command that reads or writes records. */
export async function recordsCommand(command: string, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UsageError) return failure(command, message, 2);
    const known = [DataError, CaseFileError, StoreError, EngineError].some((kind) => error instanceof kind);
    if (known) return failure(command, message);
    throw error;
  }
}

export interface Writing {
  readonly output: ResumableOutput;
  readonly limit: number;
  readonly progress: (note: string) => void;
}

/**
 * Runs `work` over a resumable output and prints what was counted. `settings` is what decides about the records. Work that
 * an earlier run has finished is not done again.
 */
export async function written(
  { out, limit, restart, json }: OutputOptions,
  settings: object,
  work: (writing: Writing) => Promise<object | undefined>,
): Promise<number> {
  const most = limit === undefined ? Number.MAX_SAFE_INTEGER : wholeNumberOption('--limit', limit, 1);
  const output = await ResumableOutput.open({
    file: out,
    settings: { ...settings, limit: most },
    restart: restart === true,
  });
  let more: object | undefined;
  const begun = performance.now();
  try {
    if (output.wasDone) process.stderr.write(`${printable(out)} is complete; --restart makes it anew\n`);
    else {
      if (output.unitsBefore > 0) process.stderr.write(`${printable(out)}: going on where it stopped\n`);
      more = await work({ output, limit: most, progress: new Progress().show });
    }
  } finally {
    clearProgress();
    await output.close();
  }
  const seconds = Math.round((performance.now() - begun) / 100) / 10;
  const counts = output.counts.toJSON();
  if (json) process.stdout.write(jsonText({ file: out, seconds, counts, ...(more ? { llm: more } : {}) }));
  else process.stdout.write(`${table({ ...counts, ...more })}${counted(Math.round(seconds), 'second')}\n`);
  return 0;
}

const redrawMs = 200;

/** One line on a terminal that says how far it has come; nothing elsewhere. */
class Progress {
  #drawnMs = 0;

  readonly show = (note: string): void => {
    if (!process.stderr.isTTY || performance.now() - this.#drawnMs < redrawMs) return;
    this.#drawnMs = performance.now();
    process.stderr.write(`\r${printable(note).slice(0, 100)}\x1b[K`);
  };
}

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

function table(counts: object): string {
  const rows = Object.entries(counts).map(([name, count]) => [printable(name), String(count)] as const);
  const wide = Math.max(0, ...rows.map(([, count]) => count.length));
  return rows.map(([name, count]) => `${count.padStart(wide)}  ${name}\n`).join('');
}

/** An input by its name and length: the same run goes on with the same input alone. */
export function describedFile(file: string): { name: string; bytes: number } {
  return { name: path.basename(file), bytes: statSync(file, { throwIfNoEntry: false })?.size ?? 0 };
}

/** Throws a UsageError for anything but a whole number that is at least `least`. */
export function wholeNumberOption(option: string, value: string, least: number): number {
  const number = Number(value);
  if (/^\d{1,15}$/.test(value) && number >= least) return number;
  throw new UsageError(`${option}: should be a whole number from ${least} on, not "${value}"`);
}

/** Throws a UsageError for anything but a number from 0 to 1. */
export function share(option: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && number >= 0 && number <= 1) return number;
  throw new UsageError(`${option}: should be a number from 0 to 1, not "${value}"`);
}
