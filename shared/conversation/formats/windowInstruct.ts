import { endedLines } from '../../edits/lines.ts';
import type { Conversation } from '../conversation.ts';
import { editAtCursor } from '../editAtCursor.ts';
import type { ChatMessage, PromptFormat, View } from '../format.ts';
import { Marks } from '../marks.ts';
import { text } from '../prompt.ts';
import { type RecentChange, recentChanges, unifiedHunk } from '../recentChanges.ts';
import { cursorOf, type RegionSheet, readRegion, regionOf, regionSheet } from '../region.ts';
import { Snippet } from '../snippet.ts';
import { languageName } from '../snippetPrompt.ts';
import { linesAroundTarget, withoutIdleEdges } from '../windows.ts';
import { fewShotInstruct } from './fewShotInstruct.ts';

const fence = '```';
const marks = ['<|im_start|>', '<|im_end|>', '<|endoftext|>'];

/** The lines to rewrite, beside the target's: with more, small models find less and take longer (docs/formats.md). */
const [above, below] = [3, 8];

/** An edit that begins higher above the cursor is shown among the others. */
const mostTypedAbove = 12;

/** Smaller models find more by the one-shot prompt; of models on servers, the size is not known (docs/formats.md). */
const fewest = 1e9;

const system =
  'You finish what a programmer has begun. You are given their last edits as diffs and a piece of code. Write the piece again, whole, with the edits that come next by the same pattern, and all else as it is. Take nothing back. If nothing is left to do, write it as it is. Answer with the code alone.';

/**
 * For general chat models: the last edits, and a few lines around the cursor to rewrite. No other lines are shown,
 * because small models rewrite everything that they see.
 *
 * The edit that the cursor is in is shown last, behind the lines as they were before it, and the answer is begun up to the cursor: so while
 * someone types on in a line, the end of the prompt alone changes; and models see better what is to follow from it.
 */
export const windowInstruct = {
  name: 'windowInstruct',
  isFor: ({ hasChatTemplate, parameters = 0 }) => hasChatTemplate && parameters >= fewest,
  isForPrediction: false,
  takesInstructions: true,
  forInstructions: fewShotInstruct,
  answer: 'rewrite',
  history: 'edits',
  *views(snippet, target, conversation) {
    const offset = cursorOf(conversation);
    const typed = editAtCursor(recentChanges(conversation, { context: 0, count: 1 }).at(-1), {
      path: conversation.path,
      cursor: offset === undefined ? undefined : snippet.placeOf(offset).line,
      lineAt: (line) => snippet.lines[line],
    });
    for (const { editable } of linesAroundTarget(snippet, target, above, below)) {
      if (!editable) continue;
      const excerpt = withoutIdleEdges(snippet, target, editable);
      if (!typed || typed.last > excerpt.last || typed.first < typed.cursor - mostTypedAbove) yield { excerpt };
      else {
        const first = Math.min(excerpt.first, Math.max(0, typed.first - 1));
        yield {
          excerpt: { ...excerpt, first },
          editable: { ...excerpt, first: Math.max(first, typed.cursor - above) },
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
      expected: [text(`${endedLines(sheet.region).slice(given.length)}${fence}`)],
      stop: conversation.current.includes(fence) ? [] : [`\n${fence}`],
    };
  },

  parse(answer, conversation, options) {
    const begun = codeIn(answer, conversation, options);
    const code = begun ?? (options.complete ? answer : '');
    // If the text contains fences, the last one of an answer closes the answer.
    const own = conversation.current.includes(fence) && options.complete ? code.replace(/\n```\s*$/, '\n') : code;
    const hidden = new Marks(marks, conversation);
    const read = { marks, ends: marks, echoes: [] };
    const sign = startOfDiff(own, conversation);
    if (sign === undefined) return readRegion(own, conversation, options, hidden, read);
    // What stands before it counts.
    const parsed = readRegion(own.slice(0, sign), conversation, { ...options, complete: false }, hidden, read);
    return { ...parsed, state: 'complete', problem: 'the answer has become a diff' };
  },
} as const satisfies PromptFormat;

interface TypingOn {
  readonly edit: RecentChange;
  /** The lines that are shown as they were before it. */
  readonly before: readonly string[];
  /**
   * What the answer begins with: the region up to the word at the cursor, whose tokens may be others once it is whole. Behind anything
   * else, the line is not given: a line end can be part of the token before it, and without it a model goes on with a comment.
   */
  readonly given: string;
}

/** How the edit that the cursor is in is shown; undefined where there is none, or not all of it is. */
function typingOn({ path, above, region, first, cursor, changes }: RegionSheet): TypingOn | undefined {
  const edit = changes.at(-1);
  const shown = [...above, ...region];
  const top = first - above.length;
  const at = editAtCursor(edit, { path, cursor: cursor && first + cursor.line, lineAt: (line) => shown[line - top] });
  if (!at || !edit || !cursor) return undefined;
  const line = (region[cursor.line] ?? '').slice(0, cursor.column);
  const word = /[^\p{L}\p{N}_\s]?[\p{L}\p{N}_]+$/u.exec(line);
  const begun = line.slice(0, word?.index ?? 0).trimEnd();
  return {
    edit,
    before: [...shown.slice(0, at.first - top), ...edit.removed, ...shown.slice(at.last - top)],
    given: endedLines(region.slice(0, cursor.line)) + begun,
  };
}

/** The code behind the fence that opens it; undefined where there is none. */
function codeIn(answer: string, conversation: Conversation, view: View): string | undefined {
  const opened = /^\s*```[^\n]*\n/.exec(answer)?.[0];
  if (opened === undefined) return undefined;
  const code = answer.slice(opened.length);
  const language = languageName(conversation.languageId);
  if (language === '' || conversation.current.includes(fence)) return code;
  // A server that cannot go on with a begun answer begins it again.
  const again = code.indexOf(`${fence}${language}\n`);
  const { first, last } = regionOf(conversation, view);
  const region = endedLines(Snippet.of(conversation.current).lines.slice(first, last));
  return again >= 0 && region.startsWith(code.slice(0, again))
    ? code.slice(again + fence.length + language.length + 1)
    : code;
}

/**
 * Where an answer goes over from code to a diff, as small models may that were shown one: lines begin with a sign, in a text that has no
 * such lines.
 */
function startOfDiff(code: string, { current }: Conversation): number | undefined {
  const starts = ['+', '-']
    .filter((sign) => !current.startsWith(sign) && !current.includes(`\n${sign}`))
    .map((sign) => (code.startsWith(sign) ? 0 : code.indexOf(`\n${sign}`) + 1 || undefined))
    .filter((start) => start !== undefined);
  return starts.length > 0 ? Math.min(...starts) : undefined;
}

function diff(change: RecentChange): string {
  return `${fence}diff\n${unifiedHunk(change)}\n${fence}`;
}
