import { answerParts } from '../answerParts.ts';
import { fencedCode } from '../codeInAnswer.ts';
import { fewShotFence, fewShotRequest, fewShotTask, oneShot } from '../fewShot.ts';
import type { ChatMessage, PromptFormat } from '../format.ts';
import { cursorCoreTokens, text } from '../prompt.ts';
import { readRewrite } from '../rewrittenLines.ts';
import { spelledAnswer, wantedChange, wantedSnippet } from '../wantedAnswer.ts';
import { wholeThenWindows } from '../windows.ts';

/**
 * The one-shot prompt for instruct models (arXiv 2410.07002, Table 21; `prepare_input_for_instruct` of the authors'
 * `eval/utils.py`): messages for the model's own chat template, all of it plain text.
 */
export const fewShotInstruct = {
  name: 'fewShotInstruct',
  isFor: ({ hasChatTemplate }) => hasChatTemplate,
  isForPrediction: false,
  takesInstructions: true,
  answer: 'rewrite',
  history: 'wholes',
  views: wholeThenWindows,

  render(conversation, options = {}) {
    const messages: ChatMessage[] = [
      { role: 'user', content: [text(`${fewShotTask}\n\n${oneShot.request}`)] },
      { role: 'assistant', content: [text(oneShot.answer)] },
      { role: 'user', content: [text(`${fewShotTask}\n\n${fewShotRequest(conversation, options)}`)] },
    ];
    const answerPrefix = options.beginAnswer ? fewShotFence(conversation) : '';
    return { messages, answerPrefix, stop: options.chat ? [] : [cursorCoreTokens.nextEnd] };
  },

  parse(answer, { current }, options) {
    const parts = answerParts(answer, current, options.complete);
    return readRewrite(current, { ...options, fragments: true }, (asked) => fencedCode(parts, asked));
  },

  write({ current, languageId }, next, { excerpt, reply } = {}) {
    return spelledAnswer(wantedSnippet(wantedChange(current, next, excerpt), languageId), reply);
  },
} as const satisfies PromptFormat;
