import type { Conversation, PredictedEdit, Prediction } from '../../shared/conversation/conversation.ts';
import { narrowEdit } from '../../shared/edits/diff.ts';
import { lineEndOf } from '../../shared/edits/lines.ts';

/**
 * Minimum certainty, 0 to 1, of edits of another document, higher than for the user's own document: the first edit must
 * reach the floor, similar ones may be slightly less certain, because half a rename is useless.
 */
const floor = 0.5;
const leniency = 0.6;
/** A shorter name has too many meanings to be looked for in other documents. */
const minName = 3;
/** Two documents that are longer together, in UTF-16 code units, are not asked about. */
const maxLength = 512 * 1024;

/** The names that the newest edit replaced and that are no longer in the document. */
export function namesGone({ history, current }: Conversation): string[] {
  const before = history.at(-1) ?? current;
  const { start, end, newText } = narrowEdit(before, { start: 0, end: before.length, newText: current });
  const removed = new Set(namesIn(linesOf(before, { start, end })));
  const added = new Set(namesIn(linesOf(current, { start, end: start + newText.length })));
  if ([...added].every((name) => removed.has(name))) return [];
  return [...removed].filter((name) => name.length >= minName && !added.has(name) && !wordPattern(name).test(current));
}

/** Whether another document uses one of the names without declaring it; a declared name has another meaning there. */
export function usesOneOf(text: string, names: readonly string[]): boolean {
  return names.some((name) => wordPattern(name).test(text) && !isDeclaredIn(text, name));
}

/**
 * What an engine is asked about another document: both texts as one, the other one below the user's own. So an engine
 * that reads one text sees which changes reach beyond their function. Undefined for texts that are too long.
 * `editsBelow` converts the edits back.
 */
export function conversationWith(other: string, here: Conversation): Conversation | undefined {
  const below = (text: string) => text + separator + other;
  const current = below(here.current);
  if (current.length > maxLength) return undefined;
  return { ...here, current, history: here.history.map(below) };
}

const separator = '\n';

/**
 * The edits of the other document, in its offsets and line ends, that are certain enough and concern one of the names.
 */
export function editsBelow(other: string, here: Conversation, { edits }: Prediction, names: readonly string[]) {
  const from = here.current.length + separator.length;
  const lineEnd = lineEndOf(other);
  const moved = edits
    .filter(({ start }) => start >= from)
    .map((edit) => ({
      ...edit,
      start: edit.start - from,
      end: edit.end - from,
      newText: edit.newText.replaceAll(/\r\n|\n/g, lineEnd),
    }))
    .filter((edit) => usesOneOf(linesOf(other, edit), names));
  const certain = new Set(moved.filter(({ confidence }) => confidence >= floor).map(({ reason }) => reason));
  return moved.filter(
    ({ confidence, reason }) => confidence >= floor || (certain.has(reason) && confidence >= leniency * floor),
  );
}

/** The whole lines that contain a range. */
function linesOf(text: string, { start, end }: Pick<PredictedEdit, 'start' | 'end'>): string {
  const lineEnd = text.indexOf('\n', end);
  const from = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  return text.slice(from, lineEnd < 0 ? text.length : lineEnd);
}

function namesIn(text: string): string[] {
  return text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? [];
}

function wordPattern(name: string): RegExp {
  return new RegExp(`(?<![\\p{L}\\p{N}_$])${name.replaceAll('$', '\\$')}(?![\\p{L}\\p{N}_$])`, 'u');
}

/** Whether a text seems to declare the name, in the ways that most languages share: a keyword, or an assignment. */
function isDeclaredIn(text: string, name: string): boolean {
  const word = name.replaceAll('$', '\\$');
  const keyword = `(?:const|let|var|val|mut|local|def|fn|fun|func|function|class|struct|enum|interface|trait)\\s+${word}`;
  const assignment = `^\\s*${word}\\s*(?::=|=(?![=>~]))`;
  const pattern = `(?<![\\p{L}\\p{N}_$])${keyword}(?![\\p{L}\\p{N}_$])|${assignment}`;
  return new RegExp(pattern, 'mu').test(text);
}
