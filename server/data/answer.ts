import { locationBlocks, searchBlocks } from '../../shared/conversation/changeBlocks.ts';
import { extractChanges } from '../../shared/conversation/changes.ts';
import type { Excerpt, PromptFormatName } from '../../shared/conversation/format.ts';
import { searchChanges } from '../../shared/conversation/formats/searchAndReplace.ts';
import { regionBefore } from '../../shared/conversation/historyExcerpt.ts';
import { control, cursorCoreTokens, type Prompt, text } from '../../shared/conversation/prompt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { fencedSnippet, languageName } from '../../shared/conversation/snippetPrompt.ts';
import { joinTexts } from '../../shared/conversation/template.ts';
import { hunksOfLines } from '../../shared/edits/diff.ts';

export interface WantedAnswer {
  readonly current: string;
  readonly next: string;
  /** LSP language identifier. */
  readonly languageId: string;
  /** The lines of `current` that the prompt shows; what changes outside them cannot be said. */
  readonly excerpt?: Excerpt | undefined;
  readonly chat?: string | undefined;
}

/**
 * What a model is to answer in a format, made of the same blocks and fences as the prompts, and so what the format's `parse`
 * reads. Where nothing changes, formats of blocks have nothing between their tokens.
 */
export function answerIn(format: PromptFormatName, { chat, ...wanted }: WantedAnswer): Prompt {
  const { nextStart, nextEnd, imEnd } = cursorCoreTokens;
  const spelled = format === 'fewShotBase' || format === 'fewShotInstruct';
  const token = (name: string) => (spelled ? text(name) : control(name));
  return joinTexts([
    token(nextStart),
    ...changeIn(format, wanted),
    token(nextEnd),
    ...(chat === undefined ? [] : [text(`\n${chat}`)]),
    ...(spelled ? [] : [control(imEnd)]),
  ]);
}

function changeIn(
  format: PromptFormatName,
  { current, next, languageId, excerpt }: Omit<WantedAnswer, 'chat'>,
): Prompt {
  const language = languageName(languageId);
  const [before, after] = [new Snippet(current), new Snippet(next)];
  const shown = before.shown(excerpt);
  // The excerpt's lines in the text after: as `regionBefore` finds them in the one before, with the two exchanged.
  const region = excerpt ? regionBefore(hunksOfLines(after.lines, before.lines), shown) : after.shown(undefined);
  if (format !== 'locationAndChange' && format !== 'searchAndReplace') {
    return fencedSnippet(after, { language, excerpt: excerpt && region });
  }
  const options = format === 'searchAndReplace' ? searchChanges : {};
  const hunks = extractChanges(
    before.lines.slice(shown.first, shown.last),
    after.lines.slice(region.first, region.last),
    { ...options, keepWhitespace: true },
  ).map(({ start, end, newStart, newEnd }) => ({
    start: start + shown.first,
    end: end + shown.first,
    newStart: newStart + region.first,
    newEnd: newEnd + region.first,
  }));
  return format === 'locationAndChange'
    ? locationBlocks(after, hunks, language)
    : searchBlocks(before, after, hunks, language);
}
