import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Assistant, type AssistantQuestion } from '../../server/data/llm/assistant.ts';
import { chatServer } from '../../server/data/llm/chatServer.ts';
import type { LanguageModel, LanguageModelAnswer } from '../../server/data/llm/languageModel.ts';
import { localModel } from '../../server/data/llm/localModel.ts';
import { chatQuestion, instructionQuestion, judgementQuestion } from '../../server/data/llm/questions.ts';
import { makeSamples, sampleChances } from '../../server/data/makeSamples.ts';
import { difference } from '../../server/data/segments.ts';
import { ScriptedHost } from '../engines/model/scriptedHost.ts';
import { processOf } from './arbitraries.ts';
import { scratch } from './repository.ts';

const { folder, remove } = scratch();
afterAll(remove);
let files = 0;

/** A model that answers what it is told to, and how often it was asked. */
class Told implements LanguageModel {
  readonly name = 'told';
  asked = 0;
  readonly #answer: (question: string) => Promise<LanguageModelAnswer> | LanguageModelAnswer;

  constructor(answer: (question: string) => Promise<LanguageModelAnswer> | LanguageModelAnswer) {
    this.#answer = answer;
  }

  async complete(messages: readonly { text: string }[]): Promise<LanguageModelAnswer> {
    this.asked++;
    return this.#answer(messages.map(({ text }) => text).join('\n'));
  }

  async dispose(): Promise<void> {}
}

const says = (text: string) => new Told(() => ({ text }));
const cacheFile = () => path.join(folder, `cache${files++}.jsonl`);
const question: AssistantQuestion<string> = {
  about: 'thing',
  messages: [{ role: 'user', text: 'Which?' }],
  maxTokens: 10,
  read: (answer) => (answer.startsWith('This') ? answer : undefined),
};

describe('an LLM that', () => {
  it.each([
    ['answers nonsense', says('¯\\_(ツ)_/¯ 42 42 42'), 'thing: no sense'],
    ['refuses', says("I'm sorry, but as an AI I cannot do that."), 'thing: refused'],
    ['fails', new Told(() => Promise.reject(new Error('no memory'))), 'thing: failed'],
    ['stalls', new Told(() => new Promise(() => {})), 'thing: stalled'],
  ])('%s is counted, and the caller does without', async (_, model, count) => {
    const assistant = await Assistant.open({ model, cacheFile: cacheFile(), patienceMs: 50 });
    expect(await assistant.ask(question)).toBeUndefined();
    expect(assistant.counts.toJSON()).toMatchObject({ 'thing: asked': 1, [count]: 1 });
    await assistant.dispose();
  });

  it('was asked before is not asked again, not even after half a line was written', async () => {
    const file = cacheFile();
    const model = says('This one.');
    const first = await Assistant.open({ model, cacheFile: file });
    expect(await first.ask(question)).toBe('This one.');
    await first.dispose();
    appendFileSync(file, '{"key":"half');
    const second = await Assistant.open({ model, cacheFile: file });
    expect(await second.ask(question)).toBe('This one.');
    expect(await second.ask({ ...question, maxTokens: 11 })).toBe('This one.');
    await second.dispose();
    const third = await Assistant.open({ model, cacheFile: file });
    expect(await third.ask({ ...question, maxTokens: 11 })).toBe('This one.');
    expect(model.asked).toBe(2);
    expect(third.counts.toJSON()).toEqual({ 'thing: asked': 1, 'thing: from the cache': 1 });
    await third.dispose();
    expect(readFileSync(file, 'utf8')).not.toContain('Which?');
  });
});

describe('samples with an LLM', () => {
  const texts = ['a = 1\nb = 2\nc = 3\nd = 4\ne = 5', 'a = 10\nb = 2\nc = 30\nd = 4\ne = 50'];
  const helpful = () =>
    new Told((asked) => {
      if (asked.includes('Proposal 1')) {
        const count = asked.split(/^Proposal \d+:/m).length - 1;
        return { text: Array.from({ length: count }, (_, i) => `${i + 1}: ${i === 0 ? 'yes' : 'No.'}`).join('\n') };
      }
      return { text: asked.includes('write the request') ? 'Make the rest ten times as large.' : 'I made it larger.' };
    });
  const all = { ...sampleChances, perProcess: 9, silence: 1 };

  async function made(model: LanguageModel, chances = all) {
    const assistant = await Assistant.open({ model, cacheFile: cacheFile(), patienceMs: 50 });
    const result = await makeSamples(processOf(texts), chances, assistant);
    await assistant.dispose();
    return { ...result, counts: assistant.counts.toJSON() };
  }

  it('say who judged, asked and explained', async () => {
    const seen = new Set<string>();
    for (const seed of ['1', '2', '3', '4', '5', '6', '7', '8']) {
      for (const sample of (await made(helpful(), { ...all, seed })).samples) {
        seen.add(sample.type);
        expect(sample.llm).toBe('llm:told');
        expect(sample.chat).toBe('I made it larger.');
        const { judge, instruction, chat } = sample.by;
        expect(chat).toBe('llm:told');
        if (sample.type.endsWith('U')) {
          expect(instruction).toBe(sample.time === 0 ? 'message' : 'llm:told');
          if (sample.time > 0) expect(sample.instruction).toBe('Make the rest ten times as large.');
        } else {
          expect(judge).toBe('llm:told');
          expect(sample.segments?.map(({ kept }) => kept)).toEqual(sample.segments?.map((_, i) => i === 0));
        }
      }
    }
    expect([...seen].sort()).toEqual(['C', 'C,U', 'H,C', 'H,C,U']);
  });

  it('are those that need no answer, where there is none', async () => {
    for (const model of [says('?'), new Told(() => Promise.reject(new Error('gone')))]) {
      for (const seed of ['1', '2', '3', '4']) {
        const { samples, leftOut } = await made(model, { ...all, seed });
        for (const { type, time, chat, by } of samples) {
          expect([type, time, chat, by.chat]).toEqual(['C,U', 0, null, 'none']);
        }
        expect(leftOut.length).toBeGreaterThan(0);
        for (const why of leftOut) expect(why).toMatch(/the LLM (did not judge|wrote no instruction)|no history yet/);
      }
    }
  });
});

describe('answers', () => {
  const current = 'a = 1\nb = 2\nc = 3';
  const moment = {
    history: ['a = 0\nb = 2\nc = 3'],
    current,
    change: difference(current, 'a = 1\nb = 3\nc = 3\nd = 4'),
  };

  it.each([
    ['1: yes\n2: no', [true, false]],
    ['**Proposal 1:** Yes, of course.\n- 2) no', [true, false]],
    ['1: yes', undefined],
    ['yes\nno', undefined],
    ['1: maybe\n2: no', undefined],
  ])('of a judge: %j means %j', (answer, kept) => {
    expect(
      judgementQuestion(moment)
        .read(answer)
        ?.map((one) => one.kept),
    ).toEqual(kept);
  });

  it.each([
    ['"Add a fourth one."', 'Add a fourth one.'],
    ['```python\na = 1\n```', undefined],
    ['I am sorry, I have no idea.', undefined],
    ['Ok', undefined],
    ['word '.repeat(300), undefined],
  ])('in words: %j means %j', (answer, meaning) => {
    expect(instructionQuestion(moment, current, 'Count further').read(answer)).toBe(meaning);
    if (answer.length < 1000) expect(chatQuestion(moment, current, null).read(answer)).toBe(meaning);
  });
});

describe('models', () => {
  it('of this machine are asked through their own chat template', async () => {
    const host = new ScriptedHost('1: yes');
    const model = localModel('mine', host);
    const { text } = await model.complete([{ role: 'user', text: 'a <|im_end|>' }], 5, new AbortController().signal);
    expect(text).toBe('1: yes');
    expect(host.asked[0]).toMatchObject({
      maxTokens: 5,
      prompt: { messages: [{ role: 'user', content: [{ kind: 'text', text: 'a <|im_end|>' }] }], answerPrefix: '' },
    });
    await model.dispose();
    expect(host.disposed).toBe(true);
  });

  it('of a server are asked as OpenAI’s are, and what is no answer is an error', async () => {
    const requests: { url: string | undefined; key: string | undefined; body: unknown }[] = [];
    let answer = '{"choices":[{"message":{"content":"Yes."}}],"usage":{"prompt_tokens":7,"completion_tokens":2}}';
    let status = 200;
    const server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        requests.push({ url: request.url, key: request.headers.authorization, body: JSON.parse(body) });
        response.writeHead(status, { location: 'http://127.0.0.1:1/' }).end(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const model = chatServer(`http://127.0.0.1:${port}/v1/`, 'large', 'key');
    const ask = () => model.complete([{ role: 'system', text: 'Answer.' }], 9, new AbortController().signal);
    expect(await ask()).toEqual({ text: 'Yes.', promptTokens: 7, answerTokens: 2 });
    expect(requests).toEqual([
      {
        url: '/v1/chat/completions',
        key: 'Bearer key',
        body: { model: 'large', max_tokens: 9, temperature: 0, messages: [{ role: 'system', content: 'Answer.' }] },
      },
    ]);
    for (const [code, text] of [
      [500, 'no'],
      [200, 'no json'],
      [200, '{"choices":[]}'],
      [307, ''],
    ] as const) {
      [status, answer] = [code, text];
      await expect(ask()).rejects.toThrow();
    }
    server.close();
  });
});
