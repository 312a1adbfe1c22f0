import * as v from 'valibot';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { CaseFileError, parseJson, readCaseLines } from './caseLines.ts';

export { CaseFileError } from './caseLines.ts';

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

/**
 * The cases of a JSON Lines file, unpacked where its name ends in `.gz`; empty lines are skipped.
 * Throws a CaseFileError that names the line for one that is no case, and for a file that cannot be read.
 */
export async function* readCases(file: string): AsyncGenerator<NextEditCase> {
  for await (const { text, where } of readCaseLines(file)) {
    const example = parseJson(caseSchema, text, where);
    const lineCount = example.current.split('\n').length;
    for (const { start, end } of example.remaining) {
      if (start > end || end > lineCount) {
        throw new CaseFileError(
          `${where}: \`remaining\` has lines ${start} to ${end}, but \`current\` ends at ${lineCount}`,
        );
      }
    }
    yield example;
  }
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
