import { endedLines } from '../../edits/lines.ts';
import type { PromptFormat, RenderedPrompt } from '../format.ts';
import { Marks } from '../marks.ts';
import { control, joinTexts, type PromptPart, text } from '../prompt.ts';
import { type RegionSheet, readRegion, regionSheet, withCursor } from '../region.ts';
import { linesAroundTarget } from '../windows.ts';

const fileSeparator = '<|file_sep|>';
const cursorMark = '<|cursor|>';
/** Sweep's models end with the first; chat models with the others. */
const ends = ['<|endoftext|>', '<|im_end|>', '<|im_start|>'];
const marks = [fileSeparator, cursorMark, ...ends];
const answerMarks = { marks, ends: [fileSeparator, ...ends], echoes: [cursorMark] };

/**
 * Sweep's next-edit models (0.5B, 1.5B, 7B): the file, the recent changes, and the lines around the cursor in their
 * earlier, current and future state, each as a separate file behind Qwen's `<|file_sep|>`. The answer begins with the
 * lines above the cursor, which keeps it short and puts the change at the cursor.
 */
export const sweep = {
  name: 'sweep',
  isFor: ({ names }) => names.some((name) => /sweep[-_ ]?next[-_ ]?edit/i.test(name)),
  isForPrediction: true,
  takesInstructions: false,
  answer: 'rewrite',
  history: 'edits',
  views: (snippet, target) => linesAroundTarget(snippet, target, 10, 10),

  render(conversation, options = {}) {
    return sweepPrompt(regionSheet(conversation, options, new Marks(marks, conversation), { context: 1, count: 6 }));
  },

  parse(answer, conversation, options) {
    return readRegion(answer, conversation, options, new Marks(marks, conversation), answerMarks);
  },
} as const satisfies PromptFormat;

/** The prompt for the content of the sheet. */
export function sweepPrompt(sheet: RegionSheet): RenderedPrompt {
  const { path, above, region, below, first, regionBefore, cursor, changes } = sheet;
  const range = `${path}:${first + 1}:${first + region.length}`;
  const prefix = endedLines(region.slice(0, cursor?.line ?? 0));
  const parts = [
    ...section(path, [...above, ...region, ...below]),
    ...changes.flatMap((change) => {
      const around = (lines: readonly string[]) => [...change.above, ...lines, ...change.below];
      const lines = ['original:', ...around(change.removed), 'updated:', ...around(change.added)];
      return section(`${change.path}.diff`, lines);
    }),
    ...section(`original/${range}`, regionBefore),
    ...section(`current/${range}`, withCursor(sheet, cursorMark)),
    ...section(`updated/${range}`, []),
    text(prefix),
  ];
  return { prompt: joinTexts(parts), answerPrefix: prefix, stop: [fileSeparator, '<|endoftext|>'] };
}

function section(header: string, lines: readonly string[]): PromptPart[] {
  return [control(fileSeparator), text(`${header}\n${endedLines(lines)}`)];
}
