import { text } from '../../../shared/conversation/prompt.ts';
import type { ModelHost } from '../../model-host/modelHost.ts';
import type { LanguageModel } from './languageModel.ts';

/** A model of the store, in a process of its own, through its own chat template. Greedy: the same answer to the same. */
export function localModel(name: string, host: ModelHost): LanguageModel {
  return {
    name,
    async complete(messages, maxTokens, signal) {
      const prompt = {
        messages: messages.map(({ role, text: content }) => ({ role, content: [text(content)] })),
        answerPrefix: '',
      };
      const stream = host.generate({ prompt, maxTokens, stop: [] }, signal);
      for (let answer = ''; ; ) {
        const next = await stream.next();
        if (next.done) {
          const { promptTokens, generatedTokens } = next.value.stats;
          return { text: answer, promptTokens, answerTokens: generatedTokens };
        }
        answer += next.value.text;
      }
    },
    dispose: () => host.dispose(),
  };
}
