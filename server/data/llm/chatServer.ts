import * as v from 'valibot';
import type { LanguageModel } from './languageModel.ts';

const answerSchema = v.object({
  choices: v.pipe(v.array(v.object({ message: v.object({ content: v.string() }) })), v.minLength(1)),
  usage: v.optional(v.object({ prompt_tokens: v.optional(v.number()), completion_tokens: v.optional(v.number()) })),
});

/** No answer is longer than this, in bytes. */
const maxAnswer = 4 * 1024 * 1024;

/**
 * A model behind an OpenAI-compatible server, as vLLM, SGLang and llama.cpp have one: `url` ends before
 * `/chat/completions`. What is asked leaves this machine where the server is another one. Temperature 0.
 */
export function chatServer(url: string, model: string, key: string | undefined): LanguageModel {
  const address = `${url.replace(/\/+$/, '')}/chat/completions`;
  return {
    name: model,
    async complete(messages, maxTokens, signal) {
      const response = await fetch(address, {
        method: 'POST',
        redirect: 'error',
        signal,
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        },
        body: JSON.stringify({
          model,
          max_tokens: maxTokens,
          temperature: 0,
          messages: messages.map(({ role, text }) => ({ role, content: text })),
        }),
      });
      if (!response.ok) throw new Error(`the server answered ${response.status}`);
      const { choices, usage } = v.parse(answerSchema, JSON.parse(await bounded(response)));
      return {
        text: choices[0]?.message.content ?? '',
        ...(usage?.prompt_tokens === undefined ? {} : { promptTokens: usage.prompt_tokens }),
        ...(usage?.completion_tokens === undefined ? {} : { answerTokens: usage.completion_tokens }),
      };
    },
    dispose: async () => {},
  };
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxAnswer) throw new Error('the server says more than can be held');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
