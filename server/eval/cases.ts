import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import * as v from 'valibot';
import type { Conversation } from '../../shared/conversation/conversation.ts';

const index = v.pipe(v.number(), v.integer(), v.minValue(0));

const caseSchema = v.object({
  id: v.string(),
  lang: v.string(),
  path: v.string(),
  history: v.array(v.string()),
  current: v.string(),
  /** In code points of `current`. */
  cursor: index,
  /** Lines `start` to `end` of `current`, half-open, become `lines`. */
  remaining: v.pipe(v.array(v.object({ start: index, end: index, lines: v.array(v.string()) })), v.minLength(1)),
});

/** A file part-way through a real commit: what was changed so far, and what was still to come. */
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
        throw new CaseFileError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (next.done) break;
      number++;
      if (next.value.trim() !== '') yield parseCase(next.value, `${file}:${number}`);
    }
  } finally {
    source.destroy();
  }
}

function parseCase(line: string, where: string): NextEditCase {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new CaseFileError(`${where}: not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const result = v.safeParse(caseSchema, value);
  if (!result.success) {
    const issue = result.issues[0];
    throw new CaseFileError(`${where}: ${v.getDotPath(issue) ?? 'the line'}: ${issue.message}`);
  }
  const lineCount = result.output.current.split('\n').length;
  for (const { start, end } of result.output.remaining) {
    if (start > end || end > lineCount) {
      throw new CaseFileError(`${where}: remaining: lines ${start} to ${end} are not in a text of ${lineCount} lines`);
    }
  }
  return result.output;
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
