import { answerParts } from '../answerParts.ts';
import { type BlockFormat, readBlockEdits } from '../blockEdits.ts';
import { locationBlocks } from '../changeBlocks.ts';
import {
  cursorCoreMessages,
  cursorCoreRendering,
  isCursorCore,
  isNamed,
  onlyWords,
  templateOf,
} from '../cursorCore.ts';
import type { PromptFormat } from '../format.ts';
import { historySteps } from '../historyExcerpt.ts';
import { languageName } from '../snippetPrompt.ts';
import { cursorCoreAnswer, wantedChange, wantedHunks } from '../wantedAnswer.ts';
import { wholeThenWindows } from '../windows.ts';

/**
 * LC: the current snippet with numbered lines, and each change as `START,END` above a fence. In the history, the
 * numbers are lines of the later snippet and the fence contains the earlier lines; in the answer they are lines of the
 * current snippet, half-open and counted from 0, and the fence contains the new lines (arXiv 2410.07002, section 3.2;
 * `prepare_input_for_lc` of the authors' `eval/utils.py`).
 */
export const locationAndChange = {
  name: 'locationAndChange',
  isFor: (model) => isCursorCore(model) && isNamed(model, /[-_]LC\b/i),
  isForPrediction: true,
  takesInstructions: true,
  answer: 'changes',
  history: 'changes',
  views: wholeThenWindows,

  render(conversation, options = {}) {
    const language = languageName(conversation.languageId);
    const history = historySteps(conversation, options.excerpt, {}).map(({ earlier, hunks }) =>
      locationBlocks(earlier, hunks, language),
    );
    const style = { ...options, language, lineNumbers: true };
    return cursorCoreRendering(cursorCoreMessages(conversation, history, style), options);
  },

  parse(answer, { current }, options) {
    const { excerpt, complete } = options;
    const parts = answerParts(answer, current, complete);
    if (!parts.started && templateOf(options) === 'default') return onlyWords(answer, complete);
    return readBlockEdits(parts, current, { excerpt, complete }, format);
  },

  write({ current, languageId }, next, { excerpt, reply } = {}) {
    const wanted = wantedChange(current, next, excerpt);
    const blocks = locationBlocks(wanted.after, wantedHunks(wanted, {}), languageName(languageId));
    return cursorCoreAnswer(blocks, reply);
  },
} as const satisfies PromptFormat;

const headerPattern = /^\s*(\d+)\s*,\s*(\d+)\s*$/;

const format: BlockFormat = {
  isHeader: (line) => headerPattern.test(line),

  change({ header, lines }, _snippet, shown) {
    const [, start, end] = headerPattern.exec(header) ?? [];
    const [first, last] = [Number(start), Number(end)];
    if (!(shown.first <= first && first <= last && last <= shown.last))
      return { problem: 'a block names lines that were not shown' };
    // A removal has an empty line in its fence; the format has no other way to write it.
    const empties = lines.length === 1 && lines[0] === '' && first < last;
    return { first, last, lines: empties ? [] : lines };
  },
};
