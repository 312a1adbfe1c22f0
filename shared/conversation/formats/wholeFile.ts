import { answerParts } from '../answer.ts';
import { cursorCoreMessages, cursorCoreRendering, onlyWords } from '../cursorCore.ts';
import type { PromptFormat } from '../format.ts';
import { earlierSnippets } from '../historyExcerpt.ts';
import { fencedSnippet, languageName } from '../snippetPrompt.ts';
import { readWholeText } from '../wholeText.ts';

/**
 * WF: the history as whole snippets, the current one whole, and the answer `<|next_start|>`, the whole new snippet in a
 * fence, `<|next_end|>` (arXiv 2410.07002, section 3.2; `prepare_input_for_wf` of the authors' `eval/utils.py`).
 */
export const wholeFile: PromptFormat = {
  name: 'wholeFile',

  render(conversation, options = {}) {
    const language = languageName(conversation.languageId);
    const history = earlierSnippets(conversation, options.excerpt).map(({ snippet, excerpt }) =>
      fencedSnippet(snippet, { language, excerpt }),
    );
    return cursorCoreRendering(cursorCoreMessages(conversation, history, { ...options, language }), options);
  },

  parse(answer, conversation, { excerpt, complete, template }) {
    const parts = answerParts(answer, conversation.current, complete);
    if (!parts.started && template === 'default') return onlyWords(answer, complete);
    return readWholeText(parts, conversation.current, { excerpt, complete, fragments: false });
  },
};
