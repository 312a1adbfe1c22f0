import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import * as v from 'valibot';
import { systemErrorWords } from '../../shared/errors.ts';

/** A file of cases that cannot be read; the message names the file and the line. */
export class CaseFileError extends Error {
  override readonly name = 'CaseFileError';
}

export interface FileLine {
  readonly text: string;
  /** The file and the line, for messages. */
  readonly where: string;
}

/**
 * The lines of a text file that are not blank, unpacked where its name ends in `.gz`. Throws a CaseFileError for a file
 * that cannot be read.
 */
export async function* readCaseLines(file: string): AsyncGenerator<FileLine> {
  const stats = await stat(file).catch((error: unknown) => {
    throw new CaseFileError(`${file} ${whyUnreadable(error)}`);
  });
  // A device may never end, nor have lines.
  if (!stats.isFile() && !stats.isFIFO()) {
    throw new CaseFileError(
      `${file} cannot be read: ${stats.isDirectory() ? 'it is a folder' : 'it is not a regular file'}`,
    );
  }
  const source = createReadStream(file);
  const input = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  const failed = new Promise<never>((_, reject) => {
    source.on('error', reject);
    input.on('error', reject);
  });
  failed.catch(() => {});
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })[Symbol.asyncIterator]();
  let number = 0;
  try {
    for (;;) {
      let next: IteratorResult<string>;
      try {
        next = await Promise.race([lines.next(), failed]);
      } catch (error) {
        throw new CaseFileError(`${file} ${whyUnreadable(error)}`);
      }
      if (next.done) break;
      number++;
      if (next.value.trim() !== '') yield { text: next.value, where: `${file}:${number}` };
    }
  } finally {
    source.destroy();
  }
}

function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('Z_')) return `cannot be read: ${systemErrorWords(error)}`;
  const { message } = error as Error;
  return message === 'incorrect header check' ? 'is not gzip' : `cannot be unpacked: ${message}`;
}

/** What a JSON text says, checked; throws a CaseFileError that names the place, and the field that is not as it should be. */
export function parseJson<const S extends v.GenericSchema>(
  schema: S,
  text: string,
  where: string,
  what = 'a case',
): v.InferOutput<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CaseFileError(`${where}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  // valibot takes a list for an object.
  const result = v.safeParse(schema, schema.type === 'object' && Array.isArray(value) ? undefined : value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const field = v.getDotPath(issue);
  const problem = issue.input === undefined && field !== null ? 'is missing' : issue.message;
  throw new CaseFileError(`${where}: ${field === null ? what : `\`${field}\``} ${problem}`);
}
