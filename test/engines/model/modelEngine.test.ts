import { describe, expect, it } from 'vitest';
import { EngineError } from '../../../server/engines/engine.ts';
import { ModelEngine, type ModelEngineOptions } from '../../../server/engines/model/modelEngine.ts';
import { HostDied } from '../../../server/model-host/modelHost.ts';
import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { formats } from '../../../shared/conversation/formats.ts';
import { type Prompt, promptText } from '../../../shared/conversation/prompt.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { ScriptedHost, type ScriptedToken, tokensOf } from './scriptedHost.ts';

const never = new AbortController().signal;
const lines = ['one = 1', 'two = 2', 'three = 3', 'four = 4', 'five = 5', 'six = 6'];
const current = `${lines.join('\n')}\n`;
const asked: Conversation = {
  path: 'a.py',
  languageId: 'python',
  history: [current.replace('one', 'eins')],
  current,
  target: { kind: 'cursor', offset: 0 },
};

function start(host: ScriptedHost, options: Partial<ModelEngineOptions> = {}) {
  const log: string[] = [];
  const engine = new ModelEngine({
    host,
    format: formats.wholeFile,
    contextLength: 4096,
    maxPromptTokens: 0,
    maxNewTokens: 512,
    minConfidence: 0,
    log: (message) => log.push(message),
    ...options,
  });
  return { engine, log };
}

/** The answer in whole-file format, behind `<|next_start|>`, that makes `text` of the current one. */
const answer = (text: string, chat = '') => `\`\`\`python\n${text}\n\`\`\`<|next_end|>${chat}`;
const twoChanges = current.replace('two', 'zwei').replace('five', 'fünf');

const promptOf = (host: ScriptedHost, index = 0): string => promptText(host.asked[index]?.prompt as Prompt);

describe('predict', () => {
  it('stops as soon as the first hunk is complete; finish goes on from there with what was generated', async () => {
    const host = new ScriptedHost(answer(twoChanges));
    const { engine } = start(host);
    const first = await engine.predict(asked, never);
    expect(first.partial).toBe(true);
    expect(applyEdits(current, first.edits)).toBe(current.replace('two', 'zwei'));
    const written = host.written;
    expect(written).toBeLessThan(host.answer.length * 0.75);

    // As it comes from another thread.
    const whole = await engine.finish(structuredClone(asked), never);
    expect(whole.partial).toBeUndefined();
    expect(applyEdits(current, whole.edits)).toBe(twoChanges);
    expect(host.asked[1]?.prompt).toEqual(host.asked[0]?.prompt);
    expect(host.asked[1]?.answered).toEqual(Array.from({ length: written }, (_, id) => id));
    expect(host.written).toBe(host.answer.length);
  });

  it('gives the same edits whole as bit by bit, however many tokens come in a run', async () => {
    for (const chunk of [1, 3, 16, 1000]) {
      const host = new ScriptedHost(answer(twoChanges));
      host.chunk = chunk;
      const { engine } = start(host);
      const first = await engine.predict(asked, never);
      const { edits } = first.partial ? await engine.finish(asked, never) : first;
      expect(applyEdits(current, edits)).toBe(twoChanges);
    }
  });

  it('finishes what it has forgotten from the start', async () => {
    const host = new ScriptedHost(answer(twoChanges));
    const { edits } = await start(host).engine.finish(asked, never);
    expect(applyEdits(current, edits)).toBe(twoChanges);
    expect(host.asked[0]?.answered).toEqual([]);
  });

  it('is silent where the model changes nothing, refuses, or takes back what was just done', async () => {
    for (const text of [current, asked.history[0] ?? '', '']) {
      expect(await start(new ScriptedHost(answer(text))).engine.predict(asked, never)).toEqual({ edits: [] });
    }
    const { engine, log } = start(new ScriptedHost('I would rather not.'));
    expect(await engine.predict(asked, never)).toEqual({ edits: [] });
    expect(log.join()).toContain('answer refused');
  });

  it('does not ask where nothing was edited before and no line at the cursor is unfinished', async () => {
    const code = 'def f():\n    return {\n        1: 2,\n    }\n';
    const opened = { ...asked, history: [], current: code };
    const host = new ScriptedHost(answer(code.replace('2', '3')));
    const { engine, log } = start(host);
    expect(await engine.predict({ ...opened, target: { kind: 'cursor', offset: 8 } }, never)).toEqual({ edits: [] });
    expect(host.asked).toEqual([]);
    expect(log.join()).toContain('not asked: nothing was edited before');
    // In the middle of a line, and behind one that could go on.
    for (const offset of [4, code.indexOf(' {')]) {
      await engine.predict({ ...opened, target: { kind: 'cursor', offset } }, never);
    }
    await engine.finish({ ...opened, instruction: 'three' }, never);
    expect(host.asked).toHaveLength(3);
  });

  it('stops at what cannot be applied, and at hunks too far from the cursor where nothing was edited before', async () => {
    const many = Array.from({ length: 40 }, (_, i) => `value_${i} = ${i}`).join('\n');
    const opened = { ...asked, history: [], current: `${many}\n` };
    const host = new ScriptedHost(answer(many.replace('= 9\n', '= nine\n')));
    expect(await start(host).engine.predict(opened, never)).toEqual({ edits: [] });
    expect(host.written).toBeLessThan(host.answer.length / 2);

    const located = new ScriptedHost(
      `90,91\n\`\`\`python\nx\n\`\`\`\n${'2,3\n```python\ny\n```\n'.repeat(5)}<|next_end|>`,
    );
    const { engine, log } = start(located, { format: formats.locationAndChange });
    expect(await engine.predict(asked, never)).toEqual({ edits: [] });
    expect(located.written).toBeLessThan(located.answer.length / 3);
    expect(log.join()).toContain('answer refused: a block names lines that were not shown');
  });

  it('explains what it asked, what came and what it makes of that', async () => {
    const explained = await start(new ScriptedHost(answer(twoChanges))).engine.explain(asked, never);
    expect(explained).toMatchObject({ kind: 'generation', format: 'wholeFile', ended: 'stop', refusals: [] });
    expect(explained.prompt).toContain(current);
    expect(explained.answer).toContain(twoChanges);
    expect(applyEdits(current, explained.edits)).toBe(twoChanges);
    // Shown only where nobody doubts it.
    const back = await start(new ScriptedHost(answer(asked.history[0] ?? ''))).engine.explain(asked, never);
    expect(back.read).not.toEqual([]);
    expect(back.edits).toEqual([]);
    expect(back.refusals).not.toEqual([]);
  });

  it('takes of an answer that is cut off what stands fast', async () => {
    const host = new ScriptedHost(answer(twoChanges));
    host.chunk = 1000;
    const at = tokensOf(answer(twoChanges).split('six')[0] ?? '').length;
    const { engine } = start(host, { maxNewTokens: at });
    const { edits, partial } = await engine.predict({ ...asked, history: [] }, never);
    // Too few tokens for the whole file: nothing is asked at all.
    expect([edits, partial, host.asked.length]).toEqual([[], undefined, 0]);
  });

  it('never lets text of a file become a control token', async () => {
    const host = new ScriptedHost('');
    await start(host).engine.predict({ ...asked, current: 'x = "<|im_end|>"\n' }, never);
    const prompt = host.asked[0]?.prompt as Prompt;
    const ends = prompt.filter((part) => part.kind === 'control' && part.token === '<|im_end|>');
    expect(promptOf(host).split('<|im_end|>')).toHaveLength(ends.length + 2);
  });

  it('is deterministic', async () => {
    const ask = async () => start(new ScriptedHost(answer(twoChanges))).engine.predict(asked, never);
    expect(await ask()).toEqual(await ask());
  });

  it('writes no text of the document to the log', async () => {
    const secret = 'correct_horse';
    const host = new ScriptedHost(answer(current.replace('two', secret)));
    const { engine, log } = start(host);
    await engine.predict({ ...asked, current: current.replace('six', secret) }, never);
    expect(log).not.toEqual([]);
    expect(log.join()).not.toContain(secret);
  });
});

describe('an instruction', () => {
  const instructed: Conversation = {
    ...asked,
    instruction: 'Rename two.',
    target: { kind: 'selection', start: 8, end: 15 },
  };

  it('is answered as a whole, with the reply behind it, in the template that lets the model talk', async () => {
    const host = new ScriptedHost(`<|next_start|>${answer(twoChanges, '\nDone, and five too.')}`);
    const prediction = await start(host).engine.predict(instructed, never);
    expect(applyEdits(current, prediction.edits)).toBe(twoChanges);
    expect(prediction).toMatchObject({ chat: 'Done, and five too.' });
    expect(prediction.partial).toBeUndefined();
    const prompt = promptOf(host);
    expect(prompt).toMatch(/<\|im_start\|>user\nRename two\.<\|im_end\|>\n<\|im_start\|>assistant\n$/);
    expect(prompt).toContain('<|target_start|>two = 2<|target_end|>');
  });

  it('may be answered in words alone', async () => {
    const prediction = await start(new ScriptedHost('Because it is 2.')).engine.predict(instructed, never);
    expect(prediction).toEqual({ edits: [], chat: 'Because it is 2.' });
  });

  it('may lead back to what was, and to what the model is unsure of', async () => {
    const tokens = tokensOf(`<|next_start|>${answer(asked.history[0] ?? '')}`);
    const unsure = tokens.map(([text]): ScriptedToken => [text, text === 'eins' ? 0.01 : 1]);
    const { engine } = start(new ScriptedHost(unsure), { minConfidence: 0.9 });
    const { edits } = await engine.predict(instructed, never);
    expect(applyEdits(current, edits)).toBe(asked.history[0]);
  });

  it('on more than fits says what to do', async () => {
    const long = { ...instructed, target: { kind: 'selection', start: 0, end: current.length } } as const;
    const failing = start(new ScriptedHost(''), { maxPromptTokens: 12 }).engine.predict(long, never);
    await expect(failing).rejects.toThrow(/select fewer lines, or raise model.maxPromptTokens/);
  });
});

describe('confidence', () => {
  const unsure = (probability: number) =>
    tokensOf(answer(twoChanges)).map(([text]): ScriptedToken => [text, text === 'zwei' ? probability : 0.99]);

  it('is that of the tokens that wrote the edit, and a hunk below the least is not shown', async () => {
    const host = new ScriptedHost(unsure(0.4));
    const { edits } = await start(host).engine.predict(asked, never);
    expect(edits[0]?.confidence).toBeCloseTo(0.4);
    expect(edits[0]?.reason).toBe('`two` becomes `zwei`');
    const strict = start(new ScriptedHost(unsure(0.4)), { minConfidence: 0.5 }).engine;
    // It does not stop at a hunk that is not shown.
    expect(applyEdits(current, (await strict.predict(asked, never)).edits)).toBe(current.replace('five', 'fünf'));
  });

  it('is each hunk’s own', async () => {
    const { engine } = start(new ScriptedHost(unsure(0.4)), { minConfidence: 0.5 });
    const { edits } = await engine.finish(asked, never);
    expect(applyEdits(current, edits)).toBe(current.replace('five', 'fünf'));
  });
});

describe('an answer of changes alone', () => {
  const patched = { format: formats.patch };
  /** Two blocks; the tokens of each are as probable in all as it says. */
  const blocks = (first: number, second: number): ScriptedToken[] => [
    ...tokensOf('@@\n-two = 2\n+two = '),
    ['zwei', first],
    ...tokensOf('\n'),
    ['@@', second],
    ...tokensOf('\n-five = 5\n+five = fünf\n'),
  ];

  it('is as sure as all of a block is likely, its beginning among it', async () => {
    const { engine } = start(new ScriptedHost(blocks(0.6, 0.5)), patched);
    const { edits } = await engine.finish(asked, never);
    expect(edits.map(({ confidence }) => confidence)).toEqual([expect.closeTo(0.6), expect.closeTo(0.5)]);
    const { engine: strict } = start(new ScriptedHost(blocks(0.6, 0.5)), { ...patched, minConfidence: 0.55 });
    expect(applyEdits(current, (await strict.finish(asked, never)).edits)).toBe(current.replace('2', 'zwei'));
  });

  it('ends where the model is no longer sure enough of the change it writes', async () => {
    const host = new ScriptedHost(blocks(0.2, 1));
    const { engine } = start(host, { ...patched, minConfidence: 0.3 });
    expect((await engine.predict(asked, never)).edits).toEqual([]);
    // Not much behind the unlikely token.
    expect(host.written).toBeLessThan(tokensOf('@@\n-two = 2\n+two = zwei').length + host.chunk);
  });

  it('of a host that knows no probabilities is neither sure nor unsure', async () => {
    const unknown = blocks(1, 1).map(([text]): ScriptedToken => [text, Number.NaN]);
    const { engine } = start(new ScriptedHost(unknown), { ...patched, minConfidence: 0.3 });
    const { edits } = await engine.finish(asked, never);
    expect(edits.map(({ confidence }) => confidence)).toEqual([0.5, 0.5]);
  });
});

describe('failures', () => {
  it('frees the host when the caller goes, and rejects with its reason', async () => {
    const host = new ScriptedHost(answer(twoChanges));
    const controller = new AbortController();
    host.onRun = (written) => {
      if (written > 8) controller.abort(new Error('gone'));
    };
    await expect(start(host).engine.predict(asked, controller.signal)).rejects.toThrow('gone');
    expect(host.written).toBeLessThan(20);
  });

  it('asks a host that died once more', async () => {
    const host = new ScriptedHost(answer(twoChanges));
    let deaths = 0;
    host.onRun = (written) => {
      if (written < 8 || deaths++ > 0) return;
      host.device = undefined;
      throw new HostDied('the model host died (SIGKILL)');
    };
    const { engine, log } = start(host);
    expect((await engine.predict(asked, never)).edits).not.toEqual([]);
    expect(log.join()).toContain('once more');
  });

  it('asks no more when it dies again, and never where it could not be started', async () => {
    const host = new ScriptedHost(answer(twoChanges));
    host.onRun = () => {
      host.device = undefined;
      throw new HostDied('the model host died (SIGKILL)');
    };
    await expect(start(host).engine.predict(asked, never)).rejects.toThrow(EngineError);
    expect(host.asked).toHaveLength(2);

    const broken = new ScriptedHost('');
    broken.device = undefined;
    let starts = 0;
    broken.count = async () => {
      starts++;
      throw new EngineError('the model is damaged');
    };
    await expect(start(broken).engine.predict(asked, never)).rejects.toThrow('the model is damaged');
    expect(starts).toBe(1);
  });

  it('disposes of its host', async () => {
    const host = new ScriptedHost('');
    await start(host).engine.dispose();
    expect(host.disposed).toBe(true);
  });
});

describe('a format that has the lines around the cursor written anew', () => {
  const lines = Array.from({ length: 40 }, (_, i) => `value_${i} = compute(${i})`);
  const text = `${lines.join('\n')}\n`.replace('value_18 = compute(18)', '# <|file_sep|> and <|cursor|>');
  const history = [text.replace('compute(20)', 'work(20)')];
  const cursor = text.indexOf('compute(20)');
  const conversation = {
    path: 'a.py',
    languageId: 'python',
    history,
    current: text,
    target: { kind: 'cursor', offset: cursor },
  } as const;
  const below = (made: string) => `${made.split('\n').slice(20, 31).join('\n')}\n<|file_sep|>`;

  it('reads what follows the cursor, stops at the first hunk, and finishes from there', async () => {
    const next = text.replace('value_21 =', 'value_twenty_one =').replace('value_28 =', 'value_twenty_eight =');
    const { engine } = start(new ScriptedHost(below(next)), { format: formats.sweep });
    const first = await engine.predict(conversation, never);
    expect(first.partial).toBe(true);
    expect(applyEdits(text, first.edits)).toBe(text.replace('value_21 =', 'value_twenty_one ='));
    const whole = await engine.finish(conversation, never);
    expect(applyEdits(text, whole.edits)).toBe(next);
  });

  it('shows a file’s own marks as text, and leaves them as they are', async () => {
    const host = new ScriptedHost(below(text).replace('value_22', 'value_22_<|cursor|>b'));
    const { engine } = start(host, { format: formats.sweep });
    const { edits } = await engine.predict({ ...conversation, target: { kind: 'cursor', offset: cursor } }, never);
    expect(applyEdits(text, edits)).toBe(text.replace('value_22', 'value_22_b'));
    const prompt = host.asked[0]?.prompt as Prompt;
    const said = prompt.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    expect(said).not.toContain('<|file_sep|>');
    expect(said.split('<|cursor|>').length - 1).toBe(1);
  });

  it('goes on behind a hunk that is not shown', async () => {
    const next = text.replace('compute(20)', 'work(20)').replace('value_28 =', 'value_twenty_eight =');
    const { engine } = start(new ScriptedHost(below(next)), { format: formats.sweep });
    const { edits } = await engine.predict(conversation, never);
    expect(applyEdits(text, edits)).toBe(text.replace('value_28 =', 'value_twenty_eight ='));
  });
});

it('asks in another format where there is an instruction, if its own has no place for one', async () => {
  const host = new ScriptedHost(`${lines.slice(1).join('\n')}\n\`\`\``);
  const { engine } = start(host, { format: formats.windowInstruct });
  expect(engine.supportsInstructions).toBe(true);
  await engine.predict(asked, never);
  await engine.predict({ ...asked, instruction: 'Translate.' }, never);
  const roles = host.asked.map(({ prompt }) => ('messages' in prompt ? prompt.messages.map(({ role }) => role) : []));
  expect(roles).toEqual([
    ['system', 'user'],
    ['user', 'assistant', 'user'],
  ]);
  expect(promptText(host.asked[0]?.expected ?? [])).toMatch(/\n```$/);
});

it('reads an answer in the format that it was asked in, though less of the history is shown', async () => {
  const edited = current.replace('three', 'drei').replace('one', 'un');
  const first = edited.replace('drei', 'three');
  const typing: Conversation = {
    ...asked,
    history: [current, first],
    current: edited,
    target: { kind: 'cursor', offset: edited.indexOf('drei') + 4 },
    related: [{ path: 'b.py', languageId: 'python', before: 'x = 1\n'.repeat(300), after: 'y = 1\n'.repeat(300) }],
  };
  const next = edited.replace('four', 'vier').split('\n').slice(3).join('\n');
  const host = new ScriptedHost(`${next}\`\`\``);
  const { engine } = start(host, { format: formats.typingInstruct });
  expect(applyEdits(edited, (await engine.predict(typing, never)).edits)).toBe(edited.replace('four', 'vier'));
  expect(JSON.stringify(host.asked[0]?.prompt)).toContain('Then the programmer made this edit');
  expect(await engine.explain(typing, never)).toMatchObject({ format: 'windowInstruct' });
  expect(await engine.explain({ ...typing, target: { kind: 'cursor', offset: 0 } }, never)).toMatchObject({
    format: 'fewShotInstruct',
  });
});
