import type { ChatMessage, PromptFormat } from '../format.ts';
import { Marks } from '../marks.ts';
import { text } from '../prompt.ts';
import { unifiedHunk } from '../recentChanges.ts';
import { readRegion, regionSheet } from '../region.ts';
import { languageName } from '../snippetPrompt.ts';
import { linesAroundTarget, withoutIdleEdges } from '../windows.ts';
import { fewShotInstruct } from './fewShotInstruct.ts';

const fence = '```';
const marks = ['<|im_start|>', '<|im_end|>', '<|endoftext|>'];

/** The lines to rewrite, beside the target's: with more, small models find less and take longer (docs/formats.md). */
const [above, below] = [3, 8];

/** Smaller models find more by the one-shot prompt; of models on servers, the size is not known (docs/formats.md). */
const fewest = 1e9;

const system =
  'You finish what a programmer has begun. You are given their last edits as diffs and a piece of code. Write the piece again, whole, with the edits that come next by the same pattern, and all else as it is. Take nothing back. If nothing is left to do, write it as it is. Answer with the code alone.';

/**
 * For general chat models: the last edits, and a few lines around the cursor to rewrite. No other lines are shown,
 * because small models rewrite everything that they see.
 */
export const windowInstruct = {
  name: 'windowInstruct',
  isFor: ({ hasChatTemplate, parameters = 0 }) => hasChatTemplate && parameters >= fewest,
  isForPrediction: false,
  takesInstructions: true,
  forInstructions: fewShotInstruct,
  answer: 'rewrite',
  history: 'edits',
  *views(snippet, target) {
    for (const { editable } of linesAroundTarget(snippet, target, above, below)) {
      if (editable) yield { excerpt: withoutIdleEdges(snippet, target, editable) };
    }
  },

  render(conversation, options = {}) {
    const sheet = regionSheet(conversation, options, new Marks(marks, conversation), { context: 1, count: 6 });
    const opening = `${fence}${languageName(conversation.languageId)}\n`;
    const edits = sheet.changes.map((change) => `${change.path}\n${fence}diff\n${unifiedHunk(change)}\n${fence}`);
    const code = `${opening}${sheet.region.map((line) => `${line}\n`).join('')}${fence}`;
    const at = sheet.cursor && sheet.region[sheet.cursor.line]?.trim();
    const asked = [
      edits.length === 0 ? 'Nothing was edited yet.' : `Last edits:\n\n${edits.join('\n\n')}`,
      `Code of ${sheet.path}:\n\n${code}`,
      ...(at ? [`The cursor is in the line: ${at}`] : []),
    ];
    const messages: ChatMessage[] = [
      { role: 'system', content: [text(system)] },
      { role: 'user', content: [text(asked.join('\n\n'))] },
    ];
    return { messages, answerPrefix: opening, stop: conversation.current.includes(fence) ? [] : [`\n${fence}`] };
  },

  parse(answer, conversation, options) {
    const opened = /^\s*```[^\n]*\n/.exec(answer);
    const code = opened ? answer.slice(opened[0].length) : options.complete ? answer : '';
    // If the text contains fences, the last one of an answer closes the answer.
    const own = conversation.current.includes(fence) && options.complete ? code.replace(/\n```\s*$/, '\n') : code;
    return readRegion(own, conversation, options, new Marks(marks, conversation), { marks, ends: marks, echoes: [] });
  },
} as const satisfies PromptFormat;
