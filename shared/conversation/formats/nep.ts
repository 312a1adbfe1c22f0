import type { PromptFormat } from '../format.ts';
import { Marks } from '../marks.ts';
import { control, joinTexts, text } from '../prompt.ts';
import { recentChanges, textBefore, unifiedHunk } from '../recentChanges.ts';
import { readRegion, regionSheet } from '../region.ts';
import { wholeThenWindows } from '../windows.ts';

const tokens = {
  original: '<|original_code|>',
  edits: '<|edits_diff|>',
  current: '<|current_version|>',
  next: '<|next_version|>',
} as const;
const endOfText = '<|endoftext|>';
const marks = [...Object.values(tokens), endOfText];
const answerMarks = { marks, ends: [endOfText, tokens.original], echoes: [] };

/**
 * NEP (Qwen2.5-Coder, 3B to 14B): the earlier code, the changes since as one unified diff, the current code; the answer
 * is the future code. It cannot show the cursor or other files.
 */
export const nep = {
  name: 'nep',
  isFor: ({ names, controlTokens }) =>
    controlTokens.has(tokens.next) || names.some((name) => /(^|[^a-z])nep([^a-z]|$)/i.test(name)),
  isForPrediction: true,
  takesInstructions: false,
  answer: 'rewrite',
  history: 'edits',
  views: wholeThenWindows,

  render(conversation, options = {}) {
    const hidden = new Marks(marks, conversation);
    const { path, region, regionBefore } = regionSheet(conversation, options, hidden, { context: 0, count: 0 });
    const { edits: _, related: __, ...rest } = conversation;
    const since = recentChanges({ ...rest, history: [textBefore(conversation)] }, { context: 3, count: 16 });
    const diff = since.map((change) => hidden.hide(unifiedHunk(change)));
    const header = diff.length === 0 ? [] : [`--- ${path}`, `+++ ${path}`];
    const lines = (all: readonly string[]) => text(`\n${all.join('\n')}\n`);
    return {
      prompt: joinTexts([
        control(tokens.original),
        lines(regionBefore),
        control(tokens.edits),
        lines([...header, ...diff]),
        control(tokens.current),
        lines(region),
        control(tokens.next),
        text('\n'),
      ]),
      answerPrefix: '',
      stop: [tokens.original, endOfText],
    };
  },

  parse(answer, conversation, options) {
    return readRegion(answer, conversation, options, new Marks(marks, conversation), answerMarks);
  },
} as const satisfies PromptFormat;
