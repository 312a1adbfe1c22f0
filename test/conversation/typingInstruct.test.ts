import { expect, test } from 'vitest';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { formats } from '../../shared/conversation/formats.ts';

const before = Array.from({ length: 30 }, (_, i) => `value_${i} = compute(${i})\n`).join('');
const current = before.replace('compute(9)', 'work(9)');
const typing: Conversation = {
  path: 'a.py',
  languageId: 'python',
  history: [before],
  current,
  target: { kind: 'cursor', offset: current.indexOf('work(9)') + 4 },
};

test.each<[string, Conversation, object]>([
  ['where someone types', typing, formats.windowInstruct],
  ['in another line', { ...typing, target: { kind: 'cursor', offset: 0 } }, formats.fewShotInstruct],
  ['where nothing was edited', { ...typing, history: [current] }, formats.fewShotInstruct],
  ['with an instruction', { ...typing, instruction: 'Rename it.' }, formats.fewShotInstruct],
  ['without a cursor', { path: 'a.py', languageId: 'python', history: [before], current }, formats.fewShotInstruct],
])('a small model is asked %s in the format that suits it there', (_, conversation, format) => {
  expect(formats.typingInstruct.instead?.(conversation)).toBe(format);
});
