import { answerParts } from '../answerParts.ts';
import { fencedCode } from '../codeInAnswer.ts';
import { cursorCoreMessages, cursorCoreRendering, isCursorCore, onlyWords, templateOf } from '../cursorCore.ts';
import type { PromptFormat } from '../format.ts';
import { earlierSnippets } from '../historyExcerpt.ts';
import { readRewrite } from '../rewrittenLines.ts';
import { fencedSnippet, languageName } from '../snippetPrompt.ts';
import { cursorCoreAnswer, wantedChange, wantedSnippet } from '../wantedAnswer.ts';
import { wholeThenWindows } from '../windows.ts';

/**
 * WF: the history as whole snippets, the current one whole, and the answer `<|next_start|>`, the whole new snippet in a
 * fence, `<|next_end|>` (arXiv 2410.07002, section 3.2; `prepare_input_for_wf` of the authors' `eval/utils.py`).
 */
export const wholeFile = {
  name: 'wholeFile',
  isFor: (model) => isCursorCore(model),
  isForPrediction: true,
  takesInstructions: true,
  answer: 'rewrite',
  history: 'wholes',
  views: wholeThenWindows,

  render(conversation, options = {}) {
    const language = languageName(conversation.languageId);
    const history = earlierSnippets(conversation, options.excerpt).map(({ snippet, excerpt }) =>
      fencedSnippet(snippet, { language, excerpt }),
    );
    return cursorCoreRendering(cursorCoreMessages(conversation, history, { ...options, language }), options);
  },

  parse(answer, { current }, options) {
    const parts = answerParts(answer, current, options.complete);
    if (!parts.started && templateOf(options) === 'default') return onlyWords(answer, options.complete);
    return readRewrite(current, { ...options, fragments: false }, (asked) => fencedCode(parts, asked));
  },

  write({ current, languageId }, next, { excerpt, reply } = {}) {
    return cursorCoreAnswer(wantedSnippet(wantedChange(current, next, excerpt), languageId), reply);
  },
} as const satisfies PromptFormat;
