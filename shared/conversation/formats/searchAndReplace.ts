import { answerParts } from '../answerParts.ts';
import { type BlockFormat, readBlockEdits } from '../blockEdits.ts';
import { searchBlocks } from '../changeBlocks.ts';
import {
  cursorCoreMessages,
  cursorCoreRendering,
  isCursorCore,
  isNamed,
  onlyWords,
  templateOf,
} from '../cursorCore.ts';
import { findLines } from '../findLines.ts';
import type { PromptFormat } from '../format.ts';
import { historySteps } from '../historyExcerpt.ts';
import { cursorCoreTokens } from '../prompt.ts';
import { languageName } from '../snippetPrompt.ts';
import { cursorCoreAnswer, wantedChange, wantedHunks } from '../wantedAnswer.ts';
import { wholeThenWindows } from '../windows.ts';

/** As in the training data: changes are widened until unique, and merged if at most two lines apart. */
export const searchChanges = { unique: true, mergeWithin: 2 } as const;

/**
 * SR: each change as a fence with the old lines, `<|search_and_replace|>` and the new lines (arXiv 2410.07002, section
 * 3.2; `prepare_input_for_sr` of the authors' `eval/utils.py`).
 */
export const searchAndReplace = {
  name: 'searchAndReplace',
  isFor: (model) => isCursorCore(model) && isNamed(model, /[-_]SR\b/i),
  isForPrediction: true,
  takesInstructions: true,
  answer: 'changes',
  history: 'changes',
  views: wholeThenWindows,

  render(conversation, options = {}) {
    const language = languageName(conversation.languageId);
    const history = historySteps(conversation, options.excerpt, searchChanges).map(({ earlier, later, hunks }) =>
      searchBlocks(
        earlier,
        later,
        hunks.map(({ start, end, newStart, newEnd }) => ({
          start: newStart,
          end: newEnd,
          newStart: start,
          newEnd: end,
        })),
        language,
      ),
    );
    return cursorCoreRendering(cursorCoreMessages(conversation, history, { ...options, language }), options);
  },

  parse(answer, { current }, options) {
    const { excerpt, complete } = options;
    const parts = answerParts(answer, current, complete);
    if (!parts.started && templateOf(options) === 'default') return onlyWords(answer, complete);
    return readBlockEdits(parts, current, { excerpt, complete }, format);
  },

  write({ current, languageId }, next, { excerpt, reply } = {}) {
    const wanted = wantedChange(current, next, excerpt);
    const hunks = wantedHunks(wanted, searchChanges);
    return cursorCoreAnswer(searchBlocks(wanted.before, wanted.after, hunks, languageName(languageId)), reply);
  },
} as const satisfies PromptFormat;

const isSeparator = (line: string) => line.trim() === cursorCoreTokens.searchAndReplace;

const format: BlockFormat = {
  isSeparator,

  change({ lines }, snippet, shown) {
    const separators = [...lines.keys()].filter((i) => isSeparator(lines[i] ?? ''));
    const [separator] = separators;
    if (separator === undefined) return { problem: 'a block has no search-and-replace token' };
    if (separators.length > 1) return { problem: 'a block has several search-and-replace tokens' };
    let search = lines.slice(0, separator);
    let replacement = lines.slice(separator + 1);
    // The placeholders for lines above and below an excerpt are not part of it.
    for (const edge of [0, -1]) {
      const cut = edge === 0 ? shown.first > 0 : shown.last < snippet.lineCount;
      if (!cut || search.at(edge)?.trim() !== '...') continue;
      search = search.toSpliced(edge, 1);
      if (replacement.at(edge)?.trim() === '...') replacement = replacement.toSpliced(edge, 1);
    }
    const blank = (lines: readonly string[]) => lines.every((line) => line.trim() === '');
    if (blank(search)) {
      // In a text of empty lines only, all places are equivalent.
      if (!blank(snippet.lines.slice(shown.first, shown.last))) return { problem: 'a block searches for nothing' };
      const last = Math.min(shown.last, shown.first + search.length);
      return { first: shown.first, last, lines: replacement };
    }
    const found = findLines(snippet.lines, search, shown);
    if (found === 'nowhere') return { problem: 'the search text of a block stands nowhere' };
    if (found === 'several places') return { problem: 'the search text of a block stands in several places' };
    const empties = replacement.length === 1 && replacement[0] === '';
    return { first: found.first, last: found.last, lines: empties ? [] : replacement.map(found.indent) };
  },
};
