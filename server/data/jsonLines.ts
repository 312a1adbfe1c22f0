import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { StringDecoder } from 'node:string_decoder';
import { createGunzip } from 'node:zlib';
import { systemErrorWords } from '../../shared/errors.ts';
import { DataError } from './dataError.ts';
import { type RecordKind, readRecord } from './records.ts';

/** A line longer than this is no record of ours, in UTF-16 code units. */
const maxLine = 64 * 1024 * 1024;

/**
 * The lines of a text file, unpacked where its name ends in `.gz`, with their numbers from 1; empty ones are skipped. Holds
 * one line and one chunk. Throws a DataError for a file that cannot be read.
 */
export async function* readLines(file: string): AsyncGenerator<{ line: string; number: number }> {
  const stats = await stat(file).catch((error: unknown) => {
    throw new DataError(`${file} cannot be read: ${systemErrorWords(error)}`);
  });
  if (stats.isDirectory()) throw new DataError(`${file} cannot be read: it is a folder`);
  const source = createReadStream(file);
  const input = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  source.on('error', (error) => input.destroy(error));
  const decoder = new StringDecoder('utf8');
  let rest: string[] = [];
  let length = 0;
  let number = 0;
  try {
    for await (const chunk of input) {
      const pieces = decoder.write(chunk as Buffer).split('\n');
      for (const [i, piece] of pieces.entries()) {
        rest.push(piece);
        length += piece.length;
        if (length > maxLine) throw new DataError(`${file}:${number + 1}: the line is too long to be a record`);
        if (i + 1 === pieces.length) break;
        number++;
        const line = rest.join('');
        [rest, length] = [[], 0];
        if (line.trim() !== '') yield { line, number };
      }
    }
  } catch (error) {
    throw error instanceof DataError ? error : new DataError(`${file} cannot be read: ${systemErrorWords(error)}`);
  } finally {
    source.destroy();
  }
  const line = rest.join('') + decoder.end();
  if (line.trim() !== '') yield { line, number: number + 1 };
}

/** The value of a line. Throws a DataError that says where it is. */
export function parsedLine(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new DataError(`${where}: not JSON; a file that was cut off is mended by the command that wrote it`);
  }
}

/** The records of a JSON Lines file. Throws a DataError that names the file and the line. */
export async function* readRecords<K extends RecordKind>(kind: K, file: string) {
  for await (const { line, number } of readLines(file)) {
    const value = parsedLine(line, `${file}:${number}`);
    const record = readRecord(kind, value);
    if (typeof record === 'string') throw new DataError(`${file}:${number}: ${record}`);
    yield record;
  }
}
