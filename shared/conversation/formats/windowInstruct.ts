import { endedLines, saysSomething } from '../../edits/lines.ts';
import type { Conversation } from '../conversation.ts';
import { type EditAtCursor, editAtCursor } from '../editAtCursor.ts';
import type { ChatMessage, PromptFormat } from '../format.ts';
import { Marks } from '../marks.ts';
import { text } from '../prompt.ts';
import { lastChange, type RecentChange, unifiedHunk } from '../recentChanges.ts';
import { cursorOf, type RegionSheet, regionSheet } from '../region.ts';
import { Snippet } from '../snippet.ts';
import { languageName } from '../snippetPrompt.ts';
import { expectedAnswer, fence, marks, WindowAnswer } from '../windowAnswer.ts';
import { linesAroundTarget, withoutIdleEdges } from '../windows.ts';
import { fewShotInstruct } from './fewShotInstruct.ts';

/** The lines to rewrite, beside the target's: with more, small models find less and take longer (docs/formats.md). */
const [above, below] = [3, 8];

/** While someone types, so many UTF-16 code units of these lines below are enough: long lines take long to be written again. */
const mostBelow = 240;

/** How many unchanged lines above the edit at the cursor are shown with it. They stay in a cache, those below do not. */
const contextAbove = 3;

/** An edit that begins higher above the cursor is shown among the others. */
const mostTypedAbove = 12;

/** Smaller models are asked so only where someone types: see `typingInstruct`; of models on servers, the size is not known. */
const fewest = 1e9;

const system =
  'You finish what a programmer has begun. You are given their last edits as diffs and a piece of code. Write the piece again, whole, with the edits that come next by the same pattern, and all else as it is. Take nothing back. If nothing is left to do, write it as it is. Answer with the code alone.';

/**
 * For general chat models: the last edits, and a few lines around the cursor to rewrite. No other lines are shown,
 * because small models rewrite everything that they see.
 *
 * The edit that the cursor is in is shown last, behind the lines as they were before it, and the answer is begun up to the cursor: so while
 * someone types on in a line, the end of the prompt alone changes; and models see better what is to follow from it. What the answer
 * begins with is short, since it is read again with each key.
 */
export const windowInstruct = {
  name: 'windowInstruct',
  isFor: ({ hasChatTemplate, parameters = 0 }) => hasChatTemplate && parameters >= fewest,
  isForPrediction: false,
  takesInstructions: true,
  instead: ({ instruction }) => (instruction === undefined ? undefined : fewShotInstruct),
  answer: 'rewrite',
  history: 'edits',
  *views(snippet, target, conversation) {
    const typed = typedAt(conversation);
    for (const { editable } of linesAroundTarget(snippet, target, above, below)) {
      if (!editable) continue;
      const last = typed ? Math.min(editable.last, lastLineBelow(snippet, typed.cursor)) : editable.last;
      const excerpt = withoutIdleEdges(snippet, target, { ...editable, last });
      if (!typed || typed.last > excerpt.last) yield { excerpt };
      else {
        const first = Math.min(excerpt.first, Math.max(0, typed.first - 1));
        yield {
          excerpt: { ...excerpt, first },
          editable: { ...excerpt, first: Math.max(first, lineAbove(snippet, typed.cursor)) },
        };
      }
    }
  },

  render(conversation, options = {}) {
    const sheet = regionSheet(conversation, options, new Marks(marks, conversation), { context: 1, count: 6 });
    const typing = typingOn(sheet);
    const others = typing ? sheet.changes.slice(0, -1) : sheet.changes;
    const code = typing?.before ?? [...sheet.above, ...sheet.region];
    const at = sheet.cursor && sheet.region[sheet.cursor.line]?.trim();
    const opening = `${fence}${languageName(conversation.languageId)}\n`;
    const asked = [
      ...(others.length > 0
        ? [`Last edits:\n\n${others.map((each) => `${each.path}\n${diff(each)}`).join('\n\n')}`]
        : []),
      ...(sheet.changes.length === 0 ? ['Nothing was edited yet.'] : []),
      `Code of ${sheet.path}:\n\n${opening}${endedLines(code)}${fence}`,
      ...(typing ? [`Then the programmer made this edit:\n\n${diff(typing.edit)}`] : []),
      ...(at && !typing ? [`The cursor is in the line: ${at}`] : []),
    ];
    const messages: ChatMessage[] = [
      { role: 'system', content: [text(system)] },
      { role: 'user', content: [text(asked.join('\n\n'))] },
    ];
    const given = typing?.given ?? '';
    return {
      messages,
      answerPrefix: opening + given,
      expected: [text(expectedAnswer(endedLines(sheet.region).slice(given.length), sheet.changes.at(-1)))],
      stop: conversation.current.includes(fence) ? [] : [`\n${fence}`],
    };
  },

  parse(answer, conversation, options) {
    return new WindowAnswer(answer, conversation, options).parsed();
  },

  resume(answer, conversation, options) {
    return new WindowAnswer(answer, conversation, { ...options, complete: true }).resumed();
  },
} as const satisfies PromptFormat;

/** The edit that the cursor is in, as far as it is shown as such; undefined where the cursor is in none. */
export function typedAt(conversation: Conversation): EditAtCursor | undefined {
  const snippet = Snippet.of(conversation.current);
  const offset = cursorOf(conversation);
  const typed = editAtCursor(lastChange(conversation), {
    path: conversation.path,
    cursor: offset === undefined ? undefined : snippet.placeOf(offset).line,
    lineAt: (line) => snippet.lines[line],
  });
  return typed && typed.first >= typed.cursor - mostTypedAbove ? typed : undefined;
}

interface TypingOn {
  readonly edit: RecentChange;
  /** The lines that are shown as they were before it. */
  readonly before: readonly string[];
  /** What of the region the answer begins with. */
  readonly given: string;
}

/** How the edit that the cursor is in is shown; undefined where there is none, or not all of it is. */
function typingOn({ path, above, region, first, cursor, changes }: RegionSheet): TypingOn | undefined {
  const edit = changes.at(-1);
  const shown = [...above, ...region];
  const top = first - above.length;
  const at = editAtCursor(edit, { path, cursor: cursor && first + cursor.line, lineAt: (line) => shown[line - top] });
  if (!at || !edit || !cursor) return undefined;
  const [start, end] = [at.first - top, at.last - top];
  const more = shown.slice(Math.max(0, start - contextAbove), Math.max(0, start - edit.above.length));
  return {
    edit: {
      ...edit,
      above: [...more, ...edit.above],
      oldStart: edit.oldStart - more.length,
      newStart: edit.newStart - more.length,
    },
    before: [...shown.slice(0, start), ...edit.removed, ...shown.slice(end)],
    given: endedLines(region.slice(0, cursor.line)) + begunLine(region[cursor.line] ?? '', cursor.column),
  };
}

/** The nearest line above one that says something, if there is one a few lines above: the answer begins there. */
function lineAbove({ lines }: Snippet, line: number): number {
  const least = Math.max(0, line - above);
  let first = line - 1;
  while (first > least && !saysSomething(lines[first] ?? '')) first--;
  return Math.max(0, first);
}

/** Where the lines below one end that are rewritten: before those that are too much, but for the first. */
function lastLineBelow({ lines }: Snippet, line: number): number {
  let last = line + 1;
  for (let units = 0; last < lines.length; last++) {
    units += (lines[last]?.length ?? 0) + 1;
    if (units > mostBelow && last > line + 1) break;
  }
  return last;
}

/**
 * What of the cursor's line an answer begins with: all of it where it is done; else what stands before the word at the cursor, whose tokens
 * may be others once it is whole. Behind anything else, the line is not given: a line end can be part of the token before it, and
 * without it a model goes on with a comment.
 */
function begunLine(line: string, column: number): string {
  const [before, behind] = [line.slice(0, column), line.slice(column)];
  if (isDone(before.trimEnd(), behind)) return `${line}\n`;
  const word = /[^\p{L}\p{N}_\s]?[\p{L}\p{N}_]+$/u.exec(before);
  if (!word) return '';
  const head = before.slice(0, word.index);
  // Of indentation, the last character is part of the word's token.
  return head.trim() === '' ? head.slice(0, -1) : head.trimEnd();
}

/** Whether a line is not being written any more: the cursor is between its words, or behind what ends a line. */
function isDone(before: string, behind: string): boolean {
  if (behind.trim() !== '') return !(/[\p{L}\p{N}_]$/u.test(before) && /^[\p{L}\p{N}_]/u.test(behind));
  const count = (brackets: RegExp) => before.match(brackets)?.length ?? 0;
  return /[;{]$/.test(before) || (/[)\]}]$/.test(before) && count(/[([]/g) <= count(/[)\]]/g));
}

function diff(change: RecentChange): string {
  return `${fence}diff\n${unifiedHunk(change)}\n${fence}`;
}
