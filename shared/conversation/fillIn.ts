import { indentWidth, isNotBlank } from '../edits/lines.ts';
import type { Conversation } from './conversation.ts';
import type { ParsedAnswer, PromptFormat, RenderOptions } from './format.ts';
import { Marks } from './marks.ts';
import { control, joinTexts, type Prompt, text } from './prompt.ts';
import { upTo } from './region.ts';
import { Snippet } from './snippet.ts';
import { wholeThenWindows } from './windows.ts';

export interface FillInTokens {
  readonly prefix: string;
  readonly suffix: string;
  readonly middle: string;
  /** Whether the suffix is shown before the prefix. */
  readonly suffixFirst?: boolean;
  /** Stop strings of an answer besides the tokens themselves. */
  readonly ends: readonly string[];
}

/** The maximum number of lines in a completion. */
const maxLines = 12;

/**
 * Fill in the middle, for plain code models: the prompt has the text before the cursor and the text behind it, and the
 * answer is the text between. The result is an insertion at the cursor, and no other edit.
 */
export function fillIn<Name extends string>(name: Name, tokens: FillInTokens) {
  const own = [tokens.prefix, tokens.suffix, tokens.middle];
  const marks = [...own, ...tokens.ends];
  return {
    name,
    isFor: ({ controlTokens, hasChatTemplate }) => !hasChatTemplate && own.every((token) => controlTokens.has(token)),
    isForPrediction: false,
    takesInstructions: false,
    answer: 'changes',
    history: 'none',
    views: wholeThenWindows,

    render(conversation, { excerpt } = {}) {
      const snippet = Snippet.of(conversation.current);
      const { first, last } = snippet.shown(excerpt);
      const hidden = new Marks(marks, conversation);
      const { line, column } = snippet.placeOf(cursorOf(conversation) ?? 0);
      const show = (lines: readonly string[]) => lines.map((one) => hidden.hide(one)).join('\n');
      const at = snippet.lines[line] ?? '';
      const within = first <= line && line < last;
      const before = within ? [...snippet.lines.slice(first, line), at.slice(0, column)] : [];
      const behind = within
        ? [at.slice(column), ...snippet.lines.slice(line + 1, last)]
        : snippet.lines.slice(first, last);
      const prefix: Prompt = [control(tokens.prefix), text(show(before))];
      const suffix: Prompt = [control(tokens.suffix), text(show(behind))];
      const parts = tokens.suffixFirst ? [...suffix, ...prefix] : [...prefix, ...suffix];
      return {
        prompt: joinTexts([...parts, control(tokens.middle)]),
        answerPrefix: '',
        stop: [...own, ...tokens.ends],
      };
    },

    parse(answer, conversation, options) {
      const [body, ended] = upTo(answer, marks);
      return insertion(body, ended || options.complete, conversation, options, new Marks(marks, conversation));
    },
  } as const satisfies PromptFormat;
}

function cursorOf({ target }: Conversation): number | undefined {
  return target?.kind === 'cursor' ? target.offset : undefined;
}

/**
 * The inserted part of an answer: its lines up to the first one that already follows the cursor, is less indented than
 * the cursor's line, or comes after a blank line; only one line if more code follows on the cursor's line.
 */
function insertion(
  body: string,
  complete: boolean,
  conversation: Conversation,
  { excerpt, complete: whole }: RenderOptions & { readonly complete: boolean },
  marks: Marks,
): ParsedAnswer {
  const snippet = Snippet.of(conversation.current);
  const cursor = cursorOf(conversation);
  const nothing = (done: boolean): ParsedAnswer => ({ state: done ? 'complete' : 'unchanged so far', edits: [] });
  if (cursor === undefined) return nothing(whole);
  const { line, column } = snippet.placeOf(cursor);
  const { first, last } = snippet.shown(excerpt);
  if (line < first || line >= last) return nothing(whole);
  const current = snippet.lines[line] ?? '';
  const follows = current.slice(column).trim() !== '';
  const below = snippet.lines.slice(line + 1).find(isNotBlank);
  const least = indentWidth(current);
  const lines = body.replaceAll('\r', '').split('\n');
  const isEnd = (one: string, i: number) =>
    i > 0 && (follows || i >= maxLines || one.trim() === '' || one === below || indentWidth(one) < least);
  // A line still being written may become one that ends the insertion.
  const written = complete ? lines : lines.slice(0, -1);
  const end = written.findIndex(isEnd);
  const settled = end >= 0 || complete;
  if (!settled) return nothing(false);
  const made = marks.show((end < 0 ? written : written.slice(0, end)).join('\n')).trimEnd();
  const newLines = `${current.slice(0, column)}${made}${current.slice(column)}`.split('\n');
  const edits = made.trim() === '' ? [] : snippet.editsFor(line, line + 1, newLines);
  if (whole) return { state: 'complete', edits };
  return { state: edits.length > 0 ? 'first hunk complete' : 'unchanged so far', edits };
}
