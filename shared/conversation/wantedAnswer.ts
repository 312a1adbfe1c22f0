import { hunksOfLines, type LineHunk } from '../edits/diff.ts';
import type { LineRange } from '../edits/lines.ts';
import { regionBefore } from './historyExcerpt.ts';
import { control, cursorCoreTokens, joinTexts, type Prompt, text } from './prompt.ts';
import { Snippet } from './snippet.ts';
import { fencedSnippet, languageName } from './snippetPrompt.ts';
import { type ChangeOptions, extractChanges } from './trainingChanges.ts';

/** A text and its wanted new version, with the lines of both that a prompt with this excerpt covers. */
export interface WantedChange {
  readonly before: Snippet;
  readonly after: Snippet;
  readonly shown: LineRange;
  /** The lines of `after` that those shown became. */
  readonly became: LineRange;
}

export function wantedChange(current: string, next: string, excerpt: LineRange | undefined): WantedChange {
  const [before, after] = [Snippet.of(current), Snippet.of(next)];
  const shown = before.shown(excerpt);
  // As `regionBefore` finds them in the text before, with the two texts exchanged.
  const became = excerpt ? regionBefore(hunksOfLines(after.lines, before.lines), shown) : after.shown(undefined);
  return { before, after, shown, became };
}

/** The new lines in a fence, as the prompt shows the current ones. */
export function wantedSnippet({ before, after, shown, became }: WantedChange, languageId: string): Prompt {
  const isWhole = shown.first === 0 && shown.last === before.lineCount;
  return fencedSnippet(after, { language: languageName(languageId), excerpt: isWhole ? undefined : became });
}

/** The changed blocks within the lines shown, including white-space changes, because they are wanted. */
export function wantedHunks({ before, after, shown, became }: WantedChange, options: ChangeOptions): LineHunk[] {
  const hunks = extractChanges(
    before.lines.slice(shown.first, shown.last),
    after.lines.slice(became.first, became.last),
    { ...options, keepWhitespace: true },
  );
  return hunks.map(({ start, end, newStart, newEnd }) => ({
    start: start + shown.first,
    end: end + shown.first,
    newStart: newStart + became.first,
    newEnd: newEnd + became.first,
  }));
}

/** A change between CursorCore's tokens, and the reply in words behind it. */
export function cursorCoreAnswer(change: Prompt, reply: string | undefined): Prompt {
  const { nextStart, nextEnd, imEnd } = cursorCoreTokens;
  return joinTexts([control(nextStart), ...change, control(nextEnd), ...wordsOf(reply), control(imEnd)]);
}

/** The same for models that read the tokens as plain text. */
export function spelledAnswer(change: Prompt, reply: string | undefined): Prompt {
  const { nextStart, nextEnd } = cursorCoreTokens;
  return joinTexts([text(nextStart), ...change, text(nextEnd), ...wordsOf(reply)]);
}

function wordsOf(reply: string | undefined): Prompt {
  return reply === undefined ? [] : [text(`\n${reply}`)];
}
