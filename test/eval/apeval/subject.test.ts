import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NoModel, openRemote } from '../../../server/eval/apeval/subject.ts';
import { readSettings } from '../../../server/settings/settings.ts';
import { formats } from '../../../shared/conversation/formats.ts';
import { ModelServer, stream } from '../../engines/remote/modelServer.ts';

const never = new AbortController().signal;
const before = 'def f(a):\n    return a\n\n\ndef g(a):\n    return a\n';
const current = before.replace('f(a)', 'f(b)');
const wanted = current.replace('return a', 'return b');
const conversation = { path: 'a.py', languageId: 'python', history: [before], current };

describe('a model on a server', () => {
  let server: ModelServer;
  beforeEach(async () => {
    server = await ModelServer.start();
  });
  afterEach(() => server.stop());

  const settings = (url: string, promptFormat = 'fewShotInstruct') =>
    readSettings({ remote: { url, promptFormat, minConfidence: 0, maxPromptTokens: 6000 } }).settings;

  it('takes the paper’s prompts, and serves as it serves editors', async () => {
    const answer = `\`\`\`python\n${wanted}\`\`\`<|next_end|>`;
    server.reply = (response, received) => {
      // A begun answer goes on behind its opening fence.
      const last = received.body.messages.at(-1);
      const begun = last.role === 'assistant' ? last.content : '';
      stream(response, `<|next_start|>${answer}`.slice(begun.length), received);
    };
    server.owner = 'llamacpp';
    const subject = openRemote(settings(server.url));
    try {
      expect(subject).toMatchObject({ engine: 'remote', format: 'fewShotInstruct' });
      expect(subject.model).toMatchObject({ precision: 'served' });
      const prompt = formats.fewShotInstruct.render(conversation, {});
      const exchange = await subject.ask?.(prompt, 100, never);
      expect(exchange).toMatchObject({ answer: `<|next_start|>${answer}`, ended: 'stop' });
      const target = { kind: 'cursor', offset: current.indexOf('b)') } as const;
      const outcome = await subject.predict({ ...conversation, target }, never);
      expect(outcome.code).toBe(wanted);
      expect(outcome.exchanges.length).toBeGreaterThan(0);
    } finally {
      await subject.dispose();
    }
  });

  it('takes the paper’s prompts in the format for instructions, where that is another', async () => {
    const subject = openRemote(settings(server.url, 'windowInstruct'));
    expect(subject.format).toBe('fewShotInstruct');
    await subject.dispose();
  });

  it('has to be named', () => {
    expect(() => openRemote(settings(''))).toThrow(NoModel);
  });
});
