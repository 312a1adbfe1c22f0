import * as v from 'valibot';
import type { Conversation, RelatedChange } from '../../../shared/conversation/conversation.ts';
import { Snippet } from '../../../shared/conversation/snippet.ts';
import { CaseFileError, parseJson, readCaseLines } from '../caseLines.ts';

const aString = v.string('must be a string');
const index = v.pipe(v.number('must be a number'), v.integer('must be whole'), v.minValue(0, 'must be 0 or more'));
const message = v.object({ role: aString, content: aString });

const recordingSchema = v.object({
  /** What the model was given: a prompt, or the messages of a chat. */
  prompt: v.union([aString, v.array(message)], 'must be a string or messages'),
  answer: aString,
});

const peerCaseSchema = v.object({
  id: aString,
  language: v.nullable(aString),
  file: aString,
  /** Rows from 1, columns in bytes of UTF-8. */
  cursors: v.pipe(v.array(v.tuple([v.pipe(index, v.minValue(1, 'must be 1 or more')), index])), v.minLength(1)),
  /** What was changed of late, oldest first, in no document in particular. */
  history: v.array(v.object({ old: aString, new: aString })),
  buffer: aString,
  /** The buffer with the wanted change; null where nothing is to be offered. */
  expected: v.nullable(aString),
  /** What models answered, by their names: the requests of the case, of which the first counts. */
  recorded: v.record(aString, v.array(recordingSchema)),
});

/** A case of the peer's public evaluation, cursortab.nvim's `server/eval/scenarios`, as our copy of it has it. */
export type PeerCase = v.InferOutput<typeof peerCaseSchema>;

/** The cases of a JSON Lines file. Throws a CaseFileError. */
export async function readPeerCases(file: string): Promise<PeerCase[]> {
  const cases: PeerCase[] = [];
  for await (const { text, where } of readCaseLines(file)) cases.push(parseJson(peerCaseSchema, text, where));
  if (cases.length === 0) throw new CaseFileError(`${file} has no cases`);
  return cases;
}

/**
 * What an engine is asked at an offset of the buffer. Changes that are found in the buffer are taken back, one after the
 * other, for the snapshots; what was changed in lines that the case does not show is a change of another document.
 */
export function peerConversation({ file, language, history, buffer }: PeerCase, offset: number): Conversation {
  const snapshots: string[] = [];
  const related: RelatedChange[] = [];
  let text = buffer;
  for (const { old, new: made } of history.toReversed()) {
    if (made.trim() !== '' && text.includes(made)) {
      text = text.replace(made, () => old);
      snapshots.unshift(text);
    } else {
      related.unshift({ path: file, languageId: language ?? '', before: `${old}\n`, after: `${made}\n` });
    }
  }
  return {
    path: file,
    languageId: language ?? '',
    history: snapshots,
    current: buffer,
    target: { kind: 'cursor', offset },
    ...(related.length > 0 ? { related } : {}),
  };
}

/** The offset of a row and a column, the latter no farther than the line's end. */
export function offsetOf({ buffer }: PeerCase, [row, column]: readonly [number, number]): number {
  const snippet = Snippet.of(buffer);
  const line = snippet.lines[row - 1] ?? '';
  const before = Buffer.from(line).subarray(0, column).toString();
  // Half a character at the end counts as none.
  return snippet.lineStart(row - 1) + Math.min(before.replace(/\ufffd$/, '').length, line.length);
}
