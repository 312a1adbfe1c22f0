import { describe, expect, test } from 'vitest';
import { cursorCorePrompt } from '../../shared/conversation/cursorCoreTemplate.ts';
import type { Message, RenderedPrompt } from '../../shared/conversation/format.ts';
import { formats, type PromptFormatName } from '../../shared/conversation/formats.ts';
import { promptText, text } from '../../shared/conversation/prompt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { fencedSnippet } from '../../shared/conversation/snippetPrompt.ts';
import { idealAnswer } from './idealAnswers.ts';
import { conversationOf, readVectors } from './vectors.ts';

/** Prompts and answers by the authors' own code; see vectors/generate.py. Another file can be named for a larger run. */
const vectors = readVectors(process.env.CURSORCORE_VECTORS);

const plain = ({ messages = [] }: RenderedPrompt) =>
  messages.map(({ role, content }) => ({ role, content: promptText(content) }));

describe.each(['wholeFile', 'locationAndChange', 'searchAndReplace'] satisfies PromptFormatName[])('%s', (name) => {
  const cases = vectors.filter((vector) => vector.formats[name]);

  test.each(cases)('messages: $name', (vector) => {
    expect(plain(formats[name].render(conversationOf(vector)))).toEqual(vector.formats[name]?.messages);
  });

  test.each(cases)('answer: $name', ({ current, next, chat, languageId, formats: { [name]: expected } }) => {
    const language = name === 'wholeFile' ? languageId.toLowerCase() : languageId;
    expect(promptText(idealAnswer(name, { current, next, chat, language }))).toBe(expected?.answer);
  });
});

test.each(vectors.filter((vector) => vector.fewShotInstruct))('one-shot prompts: $name', (vector) => {
  const conversation = conversationOf(vector);
  expect(plain(formats.fewShotInstruct.render(conversation, { targetArea: true }))).toEqual(vector.fewShotInstruct);
  const { prompt = [] } = formats.fewShotBase.render(conversation, { targetArea: true });
  expect(promptText(prompt)).toBe(vector.fewShotBase);
});

test.each(vectors.filter((vector) => vector.templates))('chat templates: $name', (vector) => {
  const conversation = conversationOf(vector);
  for (const template of ['default', 'assistant-conversation'] as const) {
    const { prompt = [] } = formats.wholeFile.render(conversation, { template });
    expect(promptText(prompt)).toBe(vector.templates?.[template]);
  }
  const begun = vector.formats.wholeFile?.answer ?? '';
  const messages: Message[] = [
    ...(formats.wholeFile.render(conversation).messages ?? []),
    { role: 'assistant', content: [text(begun)] },
  ];
  expect(promptText(cursorCorePrompt(messages, 'prefix_response'))).toBe(vector.templates?.prefix_response);
});

test.each(vectors.filter((vector) => vector.excerpts.length > 0))('$name', ({ current, languageId, excerpts }) => {
  const snippet = new Snippet(current);
  for (const { first, last, plain: without, numbered } of excerpts) {
    const style = { language: languageId, excerpt: { first, last } };
    expect(promptText(fencedSnippet(snippet, style))).toBe(without);
    expect(promptText(fencedSnippet(snippet, { ...style, lineNumbers: true }))).toBe(numbered);
  }
});
