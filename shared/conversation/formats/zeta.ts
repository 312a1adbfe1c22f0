import type { PromptFormat, RenderedPrompt } from '../format.ts';
import { Marks } from '../marks.ts';
import { text } from '../prompt.ts';
import { unifiedHunk } from '../recentChanges.ts';
import { type RegionSheet, readRegion, regionSheet, withCursor } from '../region.ts';
import { linesAroundTarget } from '../windows.ts';

const startOfFile = '<|start_of_file|>';
const regionStart = '<|editable_region_start|>';
const regionEnd = '<|editable_region_end|>';
const cursorMark = '<|user_cursor_is_here|>';
const marks = [startOfFile, regionStart, regionEnd, cursorMark];
const answerMarks = { marks, ends: [regionEnd], echoes: [cursorMark, startOfFile] };

/** The wording that the model was trained on, which is part of its format. */
const instruction =
  'You are a code completion assistant and your task is to analyze user edits and then rewrite an excerpt that the user provides, suggesting the appropriate edits within the excerpt, taking into account the cursor location.';

/**
 * Zed's Zeta, the first (a Qwen2.5-Coder-7B): plain text in four sections, with the region's marks spelled out. The answer
 * repeats the region from its start mark on.
 */
export const zeta = {
  name: 'zeta',
  isFor: ({ names, controlTokens }) =>
    names.some((name) => /(^|[^a-z])zeta(?![a-z])/i.test(name)) && !controlTokens.has('<[fim-middle]>'),
  isForPrediction: true,
  takesInstructions: false,
  answer: 'rewrite',
  history: 'edits',
  views: (snippet, target) => linesAroundTarget(snippet, target, 15, 15),

  render(conversation, options = {}) {
    return zetaPrompt(regionSheet(conversation, options, new Marks(marks, conversation), { context: 3, count: 6 }));
  },

  parse(answer, conversation, options) {
    // Without the start mark, the answer still counts as code.
    const begun = answer.trimStart();
    const whole = begun.startsWith(regionStart) ? begun.slice(regionStart.length).replace(/^\n/, '') : answer;
    const pending = !options.complete && regionStart.startsWith(begun);
    return readRegion(pending ? '' : whole, conversation, options, new Marks(marks, conversation), answerMarks);
  },
} as const satisfies PromptFormat;

/** The prompt for the content of the sheet. */
export function zetaPrompt(sheet: RegionSheet): RenderedPrompt {
  const { path, above, below, beginsDocument, changes } = sheet;
  const edits = changes.map((change) => `User edited "${change.path}":\n\`\`\`diff\n${unifiedHunk(change)}\n\`\`\``);
  const excerpt = [
    `\`\`\`${path}`,
    ...(beginsDocument ? [startOfFile] : []),
    ...above,
    regionStart,
    ...withCursor(sheet, cursorMark),
    regionEnd,
    ...below,
    '```',
  ];
  const sections = [
    `### Instruction:\n${instruction}`,
    `### User Edits:\n\n${edits.join('\n\n')}`,
    `### User Excerpt:\n\n${excerpt.join('\n')}`,
    '### Response:\n',
  ];
  return { prompt: [text(sections.join('\n\n'))], answerPrefix: '', stop: [`\n${regionEnd}`] };
}
