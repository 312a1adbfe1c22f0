import { locationBlocks, searchBlocks } from '../../shared/conversation/changeBlocks.ts';
import { searchChanges } from '../../shared/conversation/formats/searchAndReplace.ts';
import type { PromptFormatName } from '../../shared/conversation/formats.ts';
import { control, cursorCoreTokens, type Prompt, text } from '../../shared/conversation/prompt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { fencedSnippet } from '../../shared/conversation/snippetPrompt.ts';
import { type ChangeOptions, extractChanges } from '../../shared/conversation/trainingChanges.ts';

export interface IdealAnswer {
  readonly current: string;
  readonly next: string;
  readonly language?: string;
  readonly chat?: string;
  /** Changes of white space count too; the authors' training data leaves them out. */
  readonly keepWhitespace?: boolean;
}

/** What a perfect model answers in a format, as the training data has it. */
export function idealAnswer(format: PromptFormatName, ideal: IdealAnswer): Prompt {
  const { chat = '' } = ideal;
  return [
    control(cursorCoreTokens.nextStart),
    ...changeIn(format, ideal),
    control(cursorCoreTokens.nextEnd),
    ...(chat === '' ? [] : [text(`\n${chat}`)]),
  ];
}

function changeIn(
  format: PromptFormatName,
  { current, next, language = '', keepWhitespace = false }: IdealAnswer,
): Prompt {
  const [before, after] = [new Snippet(current), new Snippet(next)];
  const hunks = (options: ChangeOptions) => extractChanges(before.lines, after.lines, { ...options, keepWhitespace });
  if (format === 'locationAndChange') return locationBlocks(after, hunks({}), language);
  if (format === 'searchAndReplace') return searchBlocks(before, after, hunks(searchChanges), language);
  return fencedSnippet(after, { language });
}
