import { expect, it } from 'vitest';
import { mostAtOnce, parseHostRecord } from './hostRecord.ts';

const prompt = [{ kind: 'text', text: 'a' }];
const stats = { promptTokens: 9, reusedTokens: 4, generatedTokens: 2, prefillMs: 1, decodeMs: 1 };
const generate = (id: number) => ({ kind: 'generate', id, prompt, maxTokens: 5, stop: ['x'], more: 1 });
const tokens = (id: number, text: string) => ({ kind: 'tokens', id, text, ids: [1, 2], lengths: [1, 1] });
const done = (id: number) => ({ kind: 'done', id, reason: 'stop', stats });

function record(...messages: readonly object[]): string {
  return messages.map((message, i) => `${JSON.stringify({ atMs: 10 * i, direction: 'in', message })}\n`).join('');
}

it('joins what belongs to one question', () => {
  const setup = { kind: 'setup', setup: {} };
  const count = { kind: 'count', id: 3, texts: [] };
  const content = record(setup, generate(1), tokens(1, 'ab'), count, tokens(1, 'c'), done(1), tokens(1, 'late'));
  expect(parseHostRecord(`${content}{"atMs":1,"half`)).toEqual([
    {
      askedMs: 10,
      prompt,
      maxTokens: 5,
      stop: ['x'],
      chunks: [
        { atMs: 20, text: 'ab', tokens: 2 },
        { atMs: 40, text: 'c', tokens: 2 },
      ],
      endedMs: 50,
      promptTokens: 9,
      reusedTokens: 4,
    },
  ]);
});

it('keeps apart questions of the same number to a host that was started again', () => {
  const questions = parseHostRecord(record(generate(1), generate(1), done(1)));
  expect(questions.map(({ endedMs }) => endedMs)).toEqual([undefined, 20]);
});

it('counts how many were held at once', () => {
  const ends = (...messages: readonly object[]) => mostAtOnce(parseHostRecord(record(...messages)));
  expect(ends(generate(1), done(1), generate(2), done(2))).toBe(1);
  expect(ends(generate(1), generate(2), done(1), done(2), generate(3))).toBe(2);
  expect(ends(generate(1), generate(2), { kind: 'failure', id: 1, message: '' }, generate(3))).toBe(2);
  expect(ends()).toBe(0);
});
