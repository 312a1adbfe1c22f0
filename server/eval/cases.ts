import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import * as v from 'valibot';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { systemErrorWords } from '../../shared/errors.ts';

const aString = v.string('must be a string');
const strings = v.array(aString, 'must be a list of strings');
const natural = 'must be a whole number, 0 or more';
const index = v.pipe(v.number(natural), v.integer(natural), v.minValue(0, natural));
const hunk = v.object({ start: index, end: index, lines: strings }, 'must be an object');

const caseSchema = v.object(
  {
    id: aString,
    lang: aString,
    path: aString,
    history: strings,
    current: aString,
    /** In code points of `current`. */
    cursor: index,
    /** Lines `start` to `end` of `current`, half-open, become `lines`. None where nothing is left to do. */
    remaining: v.array(hunk, 'must be a list of objects'),
    /** What the case is an example of, for cases of several kinds. */
    set: v.exactOptional(aString),
  },
  'must be an object',
);

/** A file part-way through a real commit: what was changed so far, and what was still to come, if anything was. */
export type NextEditCase = v.InferOutput<typeof caseSchema>;
export type RemainingHunk = NextEditCase['remaining'][number];

/** A case file that cannot be read; the message names the file and the line. */
export class CaseFileError extends Error {
  override readonly name = 'CaseFileError';
}

/**
 * The cases of a JSON Lines file, unpacked where its name ends in `.gz`; empty lines are skipped.
 * Throws a CaseFileError that names the line for one that is no case, and for a file that cannot be read.
 */
export async function* readCases(file: string): AsyncGenerator<NextEditCase> {
  for await (const { line, where } of linesOfFile(file)) yield checkedCase(parseLine(caseSchema, line, where), where);
}

/** The lines of a file that are not empty, and where they are; see `readCases`. */
export async function* linesOfFile(file: string): AsyncGenerator<{ readonly line: string; readonly where: string }> {
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
      if (next.value.trim() !== '') yield { line: next.value, where: `${file}:${number}` };
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

/** What a line of JSON says, as the schema has it. Throws a CaseFileError. */
export function parseLine<S extends v.GenericSchema>(schema: S, line: string, where: string): v.InferOutput<S> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new CaseFileError(`${where}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  // valibot takes a list for an object.
  const result = v.safeParse(schema, Array.isArray(value) ? undefined : value);
  if (!result.success) {
    const [issue] = result.issues;
    const field = v.getDotPath(issue);
    const problem = issue.input === undefined && field !== null ? 'is missing' : issue.message;
    throw new CaseFileError(`${where}: ${field === null ? 'a case' : `\`${field}\``} ${problem}`);
  }
  return result.output;
}

function checkedCase(example: NextEditCase, where: string): NextEditCase {
  const lineCount = example.current.split('\n').length;
  for (const { start, end } of example.remaining) {
    if (start > end || end > lineCount) {
      throw new CaseFileError(
        `${where}: \`remaining\` has lines ${start} to ${end}, but \`current\` ends at ${lineCount}`,
      );
    }
  }
  return example;
}

/** What an engine is asked about a case. */
export function toConversation({ path, lang, history, current, cursor }: NextEditCase): Conversation {
  return {
    path,
    languageId: lang,
    history,
    current,
    target: { kind: 'cursor', offset: utf16Offset(current, cursor) },
  };
}

/** The UTF-16 offset of a code point offset, clamped to the text. */
export function utf16Offset(text: string, codePoints: number): number {
  let offset = 0;
  for (let left = codePoints; left > 0 && offset < text.length; left--) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}
