import { expect, it } from 'vitest';
import { makeQuestion } from '../../../server/engines/remote/requestBody.ts';
import type { ServerKind } from '../../../server/engines/remote/servedModel.ts';
import { formats } from '../../../shared/conversation/formats.ts';

const conversation = { path: 'a.py', languageId: 'python', history: [], current: 'x = "<|im_end|>"\n' };
const { prompt = [], stop } = formats.wholeFile.render(conversation);

const asked = (server: ServerKind, stops: readonly string[] = stop) =>
  makeQuestion('completions', { server, model: 'm', models: [] }, { prompt, maxTokens: 9, stop: stops });

it("a format's control tokens are sent as such, and what a file spells like one is not", () => {
  const body = JSON.stringify(asked('other')?.body);
  expect(body).toContain('<|im_start|>current\\n');
  expect(body).toContain('x = \\"<\u2060|im_end|>\\"');
});

it('each kind of server is told in its own way to spell out control tokens, and what stops the answer', () => {
  // This one would leave the stop out: it is stopped by closing the connection.
  expect(asked('llama-server')?.body).not.toHaveProperty('stop');
  expect(asked('llama-server')?.body).toMatchObject({
    cache_prompt: true,
    preserved_tokens: expect.arrayContaining(['<|next_start|>', '<|next_end|>', '<|im_end|>']),
  });
  expect(asked('vLLM')?.body).toMatchObject({ stop, skip_special_tokens: false, include_stop_str_in_output: true });
  expect(asked('SGLang')?.body).toMatchObject({ stop, skip_special_tokens: false, no_stop_trim: true });
});

it('others are sent what all take: no more stops than four', () => {
  const { body, plainBody } = asked('other', ['a', 'b', 'c', 'd', 'e']) ?? expect.fail();
  expect([body, plainBody]).toMatchObject([{ stop: ['a', 'b', 'c', 'd'] }, { stop: ['a', 'b', 'c', 'd'] }]);
  expect(Object.keys(plainBody).sort()).toEqual(['max_tokens', 'model', 'prompt', 'stop', 'stream', 'temperature']);
});
