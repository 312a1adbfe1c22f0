import { expect, it } from 'vitest';
import { Generation } from '../../../server/engines/model/generation.ts';
import { PartialAnswers } from '../../../server/engines/model/partialAnswers.ts';
import type { PromptPlan } from '../../../server/engines/model/promptPlan.ts';
import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { formats } from '../../../shared/conversation/formats.ts';

const asked: Conversation = { path: 'a.py', languageId: 'python', history: ['a'], current: 'b' };
const plan: PromptPlan = {
  format: formats.wholeFile,
  conversation: asked,
  options: {},
  rendered: { prompt: [], answerPrefix: '', stop: [] },
  promptTokens: 1,
  maxTokens: 1,
};

it('knows an answer by all that was asked', () => {
  const answers = new PartialAnswers();
  const answer = { plan, generation: new Generation() };
  answers.keep(asked, answer);
  expect(answers.of(structuredClone(asked))).toBe(answer);
  const others: Conversation[] = [
    { ...asked, related: [{ path: 'c.py', languageId: 'python', before: 'x', after: 'y' }] },
    { ...asked, target: { kind: 'cursor', offset: 1 } },
    { ...asked, masked: [{ start: 0, end: 1 }] },
    { ...asked, history: ['a', 'a'] },
  ];
  for (const other of others) expect(answers.of(other)).toBeUndefined();
});
