import { answerParts } from '../answerParts.ts';
import { fencedCode } from '../codeInAnswer.ts';
import { fewShotFence, fewShotRequest, fewShotTask, oneShot } from '../fewShot.ts';
import type { PromptFormat } from '../format.ts';
import { cursorCoreTokens, text } from '../prompt.ts';
import { readRewrite } from '../rewrittenLines.ts';
import { spelledAnswer, wantedChange, wantedSnippet } from '../wantedAnswer.ts';
import { wholeThenWindows } from '../windows.ts';

/**
 * The one-shot prompt for base models (arXiv 2410.07002, Table 20; `prepare_input_for_base` of the authors'
 * `eval/utils.py`): one plain text that the model continues.
 */
export const fewShotBase = {
  name: 'fewShotBase',
  isFor: () => true,
  isForPrediction: false,
  takesInstructions: true,
  answer: 'rewrite',
  history: 'wholes',
  views: wholeThenWindows,

  render(conversation, options = {}) {
    const example = `<|messages_start|>${oneShot.request}<|messages_end|>\n\n${oneShot.answer}\n\n`;
    const request = `<|messages_start|>${fewShotRequest(conversation, options)}<|messages_end|>\n\n`;
    const answerPrefix = options.beginAnswer ? fewShotFence(conversation) : '';
    return {
      prompt: [text(`${fewShotTask}\n\n${example}${fewShotTask}\n\n${request}${answerPrefix}`)],
      answerPrefix,
      // A base model does not end its turn: it would continue with another example.
      stop: [cursorCoreTokens.nextEnd, '<|messages_start|>'],
    };
  },

  parse(answer, { current }, options) {
    const parts = answerParts(answer, current, options.complete);
    return readRewrite(current, { ...options, fragments: true }, (asked) => fencedCode(parts, asked));
  },

  write({ current, languageId }, next, { excerpt, reply } = {}) {
    return spelledAnswer(wantedSnippet(wantedChange(current, next, excerpt), languageId), reply);
  },
} as const satisfies PromptFormat;
