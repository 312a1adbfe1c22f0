import type { ChatMessage, PromptFormat, RenderedPrompt } from '../format.ts';
import { Marks } from '../marks.ts';
import { text } from '../prompt.ts';
import { unifiedHunk } from '../recentChanges.ts';
import { type RegionSheet, readRegion, regionSheet, withCursor } from '../region.ts';
import { languageName } from '../snippetPrompt.ts';
import { linesAroundTarget } from '../windows.ts';

const regionStart = '<|editable_region_start|>';
const regionEnd = '<|editable_region_end|>';
const cursorMark = '<|user_cursor_is_here|>';
const marks = [regionStart, regionEnd, cursorMark, '<|context_file|>', '<|snippet|>'];
const answerMarks = { marks, ends: [regionEnd], echoes: [cursorMark] };

/** The wording is ours; the section names and marks are the model's. */
const system = `You are Instinct, a predictor of next edits. You are given files that may matter, the developer's last edits, the newest first, as unified diffs, and an excerpt of the file that the developer works on. ${cursorMark} shows where the cursor is. Rewrite the code between ${regionStart} and ${regionEnd} as the developer is about to change it, go on with what the last edits began, and take nothing of it back. Give the new code alone, without the marks and without what surrounds it; where nothing is to be changed, give it as it is.`;

const request =
  'From the excerpt, the edits and the files, tell what the developer is doing, and give the editable region with the changes that come next.';

/**
 * Continue's Instinct (a Qwen2.5-Coder-7B, prompted by chat): a few lines around the cursor to rewrite, within an
 * excerpt, and the last edits as diffs.
 */
export const instinct = {
  name: 'instinct',
  isFor: ({ names, hasChatTemplate }) => hasChatTemplate && names.some((name) => /(^|[^a-z])instinct/i.test(name)),
  isForPrediction: true,
  takesInstructions: false,
  answer: 'rewrite',
  history: 'edits',
  views: (snippet, target) => linesAroundTarget(snippet, target, 1, 5),

  render(conversation, options = {}) {
    const sheet = regionSheet(conversation, options, new Marks(marks, conversation), { context: 3, count: 6 });
    return instinctPrompt(sheet, languageName(conversation.languageId));
  },

  parse(answer, conversation, options) {
    const begun = answer.trimStart();
    if (!options.complete && regionStart.startsWith(begun)) {
      return readRegion('', conversation, options, new Marks(marks, conversation), answerMarks);
    }
    const behindMark = begun.startsWith(regionStart) ? begun.slice(regionStart.length).replace(/^\n/, '') : answer;
    const code = withoutFence(behindMark, conversation.current, options.complete);
    return readRegion(code, conversation, options, new Marks(marks, conversation), answerMarks);
  },
} as const satisfies PromptFormat;

/** The code inside a fence that the model added, unless fences are part of the text. */
function withoutFence(answer: string, current: string, complete: boolean): string {
  if (current.includes('```') || !/^\s*```/.test(answer)) return answer;
  const opened = /^\s*```[^\n]*\n/.exec(answer);
  if (!opened) return complete ? answer : '';
  return answer.slice(opened[0].length).split(/^```/m)[0] ?? '';
}

function instinctPrompt(sheet: RegionSheet, language: string): RenderedPrompt {
  const { path, above, below, changes } = sheet;
  const edits = changes
    .toReversed()
    .map((change) => `User edited file "${change.path}":\n\n\`\`\`diff\n${unifiedHunk(change)}\n\`\`\``);
  const excerpt = [...above, regionStart, ...withCursor(sheet, cursorMark), regionEnd, ...below].join('\n');
  const sections = [
    request,
    '',
    '### Context:',
    '',
    '### User Edits:',
    '',
    edits.join('\n\n'),
    '',
    '### User Excerpt:',
    path,
    '',
    `\`\`\`${language}`,
    excerpt,
    '```',
    '### Response:',
  ];
  const messages: ChatMessage[] = [
    { role: 'system', content: [text(system)] },
    { role: 'user', content: [text(sections.join('\n'))] },
  ];
  return { messages, answerPrefix: '', stop: [regionEnd] };
}
