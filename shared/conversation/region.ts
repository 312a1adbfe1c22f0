import { hunksOfLines } from '../edits/diff.ts';
import { isNotBlank, type LineRange, saysSomething } from '../edits/lines.ts';
import { bareCode } from './codeInAnswer.ts';
import type { Conversation } from './conversation.ts';
import type { ParsedAnswer, View } from './format.ts';
import { regionBefore } from './historyExcerpt.ts';
import type { Marks } from './marks.ts';
import { type RecentChange, recentChanges, textBefore } from './recentChanges.ts';
import { readRewrite } from './rewrittenLines.ts';
import { Snippet } from './snippet.ts';

/**
 * What is shown by formats in which the model rewrites the lines around the cursor. All text is hidden by `Marks`, so
 * that it contains no mark of the format's.
 */
export interface RegionSheet {
  readonly path: string;
  /** The lines above the region, of the region, and below it. */
  readonly above: readonly string[];
  readonly region: readonly string[];
  readonly below: readonly string[];
  /** The region's first line in the document, counted from 0. */
  readonly first: number;
  /** Whether `above`, or the region, is at the start of the document. */
  readonly beginsDocument: boolean;
  /** The region as it was before `changes`. */
  readonly regionBefore: readonly string[];
  /** In the region; column in UTF-16 code units. The end of a selection counts. */
  readonly cursor?: { readonly line: number; readonly column: number } | undefined;
  /** Oldest first. */
  readonly changes: readonly RecentChange[];
}

export interface ChangesShown {
  /** Unchanged lines around each change. */
  readonly context: number;
  /** The maximum number of changes. */
  readonly count: number;
}

export function regionSheet(conversation: Conversation, view: View, marks: Marks, changes: ChangesShown): RegionSheet {
  const snippet = Snippet.of(conversation.current);
  const hidden = (lines: readonly string[]) => lines.map((line) => marks.hide(line));
  const shown = withoutEmptyEnd(conversation, snippet.shown(view.excerpt));
  const { first, last } = regionOf(conversation, view);
  const earlier = Snippet.of(textBefore(conversation));
  const before = regionBefore(hunksOfLines(earlier.lines, snippet.lines), { first, last });
  const offset = cursorOf(conversation);
  const place = offset === undefined ? undefined : snippet.placeOf(offset);
  return {
    path: marks.hide(conversation.path),
    above: hidden(snippet.lines.slice(Math.min(shown.first, first), first)),
    region: hidden(snippet.lines.slice(first, last)),
    below: hidden(snippet.lines.slice(last, Math.max(shown.last, last))),
    first,
    beginsDocument: Math.min(shown.first, first) === 0,
    regionBefore: hidden(earlier.lines.slice(before.first, before.last)),
    cursor:
      place && first <= place.line && place.line < last
        ? { line: place.line - first, column: marks.hiddenColumn(snippet.lines[place.line] ?? '', place.column) }
        : undefined,
    changes: recentChanges(conversation, changes).map((change) => ({
      ...change,
      path: marks.hide(change.path),
      above: hidden(change.above),
      removed: hidden(change.removed),
      added: hidden(change.added),
      below: hidden(change.below),
    })),
  };
}

/** The cursor's offset, or where a selection ends. */
export function cursorOf({ target }: Conversation): number | undefined {
  if (!target) return undefined;
  return target.kind === 'cursor' ? target.offset : Math.max(target.start, target.end);
}

/** The lines that the model rewrites: the editable ones, or else all that are shown. */
export function regionOf(conversation: Conversation, { excerpt, editable = excerpt }: View): LineRange {
  const snippet = Snippet.of(conversation.current);
  const shown = snippet.shown(excerpt);
  const { first, last } = snippet.shown(editable);
  const within = { first: Math.max(first, shown.first), last: Math.min(last, shown.last) };
  return withoutEmptyEnd(conversation, { first: within.first, last: Math.max(within.first, within.last) });
}

/**
 * The same lines without the empty one behind a final line end, unless the cursor is there: models do not see it as a
 * line.
 */
function withoutEmptyEnd(conversation: Conversation, { first, last }: LineRange): LineRange {
  const snippet = Snippet.of(conversation.current);
  const end = snippet.lineCount - 1;
  if (last <= end || last <= first + 1 || snippet.lines[end] !== '') return { first, last };
  const offset = cursorOf(conversation);
  const onIt = offset !== undefined && snippet.placeOf(offset).line === end;
  return { first, last: onIt ? last : end };
}

/** The region's lines with the cursor's mark inserted. */
export function withCursor({ region, cursor }: RegionSheet, mark: string): string[] {
  return region.map((line, i) =>
    cursor?.line === i ? line.slice(0, cursor.column) + mark + line.slice(cursor.column) : line,
  );
}

export interface RegionAnswer {
  /** Every mark of the format that an answer may contain. */
  readonly marks: readonly string[];
  /** The marks that end the answer. */
  readonly ends: readonly string[];
  /** The marks that a model echoes from the prompt: the cursor's. */
  readonly echoes: readonly string[];
}

/**
 * Reads an answer that contains only the rewritten region, with marks that may end it or be inside it. Reading stops at
 * a line with any other mark. Blank lines at the region's end are not taken from the model.
 */
export function readRegion(
  answer: string,
  conversation: Conversation,
  options: View & { readonly complete: boolean },
  marks: Marks,
  { marks: all, ends, echoes }: RegionAnswer,
): ParsedAnswer {
  // A model that treats its answer as a fenced block closes it, and may continue with words.
  const fence = conversation.current.includes('```') ? [] : ['\n```'];
  const [body, ended] = upTo(answer, [...ends, ...fence]);
  const clean = echoes.reduce((text, echo) => text.replaceAll(echo, ''), body);
  const foreign = firstOf(clean, all);
  const kept = foreign < 0 ? clean : clean.slice(0, clean.lastIndexOf('\n', foreign) + 1);
  const complete = foreign < 0 && (ended || options.complete);
  if (complete && clean.trim() === '') return { state: 'complete', edits: [] };
  const editable = regionOf(conversation, options);
  const snippet = Snippet.of(conversation.current);
  const region = snippet.lines.slice(editable.first, editable.last);
  const below = snippet.lines.slice(editable.last).filter(isNotBlank);
  const code = complete ? withBlankEndOf(region, withoutOverrun(region, below, marks, kept)) : kept;
  const parsed = readRewrite(conversation.current, { ...options, editable, complete, fragments: false }, (asked) =>
    bareCode(marks.show(code), asked),
  );
  if (foreign < 0 || !options.complete) return parsed;
  return { ...parsed, state: 'complete', problem: 'the answer holds a mark of the prompt' };
}

/** The text up to the first of the marks, and whether there was one. */
export function upTo(text: string, marks: readonly string[]): [text: string, found: boolean] {
  const at = firstOf(text, marks);
  return at < 0 ? [text, false] : [text.slice(0, at), true];
}

function firstOf(text: string, marks: readonly string[]): number {
  return marks.reduce((first, mark) => {
    const at = text.indexOf(mark);
    return at >= 0 && (first < 0 || at < first) ? at : first;
  }, -1);
}

/** A model that does not stop in time continues with the lines below the region: these are left out. */
function withoutOverrun(region: readonly string[], below: readonly string[], marks: Marks, answer: string): string {
  const [next, second] = below.slice(0, 2).map((line) => marks.hide(line));
  if (next === undefined || !saysSomething(next) || region.some((line) => marks.hide(line) === next)) return answer;
  const lines = answer.split('\n');
  const at = lines.findIndex((line, i) => {
    const follows = lines.slice(i + 1).find(isNotBlank);
    return i > 0 && line === next && (follows === undefined || follows === second);
  });
  return at < 0 ? answer : lines.slice(0, at).join('\n');
}

function withBlankEndOf(region: readonly string[], answer: string): string {
  const blanks = region.length - 1 - region.findLastIndex(isNotBlank);
  const code = answer.trimEnd();
  const restOfLine = /[^\S\n\r]*/.exec(answer.slice(code.length))?.[0] ?? '';
  return [code + restOfLine, ...region.slice(region.length - blanks)].join('\n');
}
