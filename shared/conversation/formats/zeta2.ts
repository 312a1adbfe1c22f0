import type { PromptFormat, RenderedPrompt } from '../format.ts';
import { Marks } from '../marks.ts';
import { type RegionSheet, readRegion, regionSheet, withCursor } from '../region.ts';
import { seedPrompt, seedTokens } from '../seedRegion.ts';
import { linesAroundTarget } from '../windows.ts';

const regionStart = '<<<<<<< CURRENT';
const divider = '=======';
const regionEnd = '>>>>>>> UPDATED';
const noEdits = 'NO_EDITS';
const marks = [...Object.values(seedTokens), regionStart, regionEnd, noEdits];
const answerMarks = { marks, ends: [regionEnd, seedTokens.endOfSentence], echoes: [seedTokens.cursor] };

/**
 * Zed's Zeta 2 (a Seed-Coder-8B): the region as one side of a merge conflict; the answer is the other side. `=======`
 * ends no answer, so texts that contain it need no stand-in.
 */
export const zeta2 = {
  name: 'zeta2',
  isFor: ({ names, controlTokens }) =>
    names.some((name) => /(^|[^a-z])zeta(?![a-z])/i.test(name)) && controlTokens.has(seedTokens.middle),
  isForPrediction: true,
  takesInstructions: false,
  answer: 'rewrite',
  history: 'edits',
  views: (snippet, target) => linesAroundTarget(snippet, target, 15, 15),

  render(conversation, options = {}) {
    return zeta2Prompt(regionSheet(conversation, options, new Marks(marks, conversation), { context: 3, count: 6 }));
  },

  parse(answer, conversation, options) {
    const begun = answer.trimStart();
    const saysNothing = options.complete
      ? begun.startsWith(noEdits)
      : noEdits.startsWith(begun.slice(0, noEdits.length));
    return readRegion(saysNothing ? '' : answer, conversation, options, new Marks(marks, conversation), answerMarks);
  },
} as const satisfies PromptFormat;

/** The prompt for the content of the sheet. */
export function zeta2Prompt(sheet: RegionSheet): RenderedPrompt {
  return {
    prompt: seedPrompt(sheet, [regionStart, ...withCursor(sheet, seedTokens.cursor), divider]),
    answerPrefix: '',
    stop: [regionEnd, seedTokens.endOfSentence],
  };
}
