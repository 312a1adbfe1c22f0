import { describe, expect, it } from 'vitest';
import { ModelEngine } from '../../../server/engines/model/modelEngine.ts';
import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { formats } from '../../../shared/conversation/formats.ts';
import { promptText } from '../../../shared/conversation/prompt.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { type Asked, ScriptedHost, type ScriptedToken, tokensOf } from './scriptedHost.ts';

const never = new AbortController().signal;
const code = [
  'def area(width, height):',
  '    print(width)',
  '    return width * height',
  '',
  'def total(sizes):',
  '    return sum(sizes)',
  '',
];
const before = code.join('\n');
const current = before.replace('(width,', '(w,');
const asked: Conversation = {
  path: 'a.py',
  languageId: 'python',
  history: [before],
  current,
  target: { kind: 'cursor', offset: current.indexOf('(w,') + 2 },
};
const begun = '```python\ndef area(w, height):\n';

/** A host whose answer depends on how the prompt has the answer begun: on the words that it ends with. */
class BegunHost extends ScriptedHost {
  readonly #answers: readonly (readonly [end: string, answer: string | readonly ScriptedToken[]])[];

  constructor(...answers: readonly (readonly [end: string, answer: string | readonly ScriptedToken[]])[]) {
    super();
    this.#answers = answers;
  }

  override generate(request: Asked, signal: AbortSignal) {
    const [, answer = ''] = this.#answers.find(([end]) => this.begun(request).endsWith(end)) ?? [];
    this.answer = typeof answer === 'string' ? tokensOf(answer) : answer;
    return super.generate(request, signal);
  }

  begun({ prompt }: Asked): string {
    return 'answerPrefix' in prompt ? prompt.answerPrefix : '';
  }

  get allBegun(): readonly string[] {
    return this.asked.map((request) => this.begun(request));
  }
}

function start(host: ScriptedHost, minConfidence = 0) {
  return new ModelEngine({
    host,
    format: formats.windowInstruct,
    contextLength: 4096,
    maxPromptTokens: 0,
    maxNewTokens: 512,
    minConfidence,
  });
}

const first = '    print(width)\n';
const second = '    return w * height\n';
/** The last line of the function changes, but the model ends before it. */
const early = () => new BegunHost([begun, `${first}\`\`\``], [`${first}   `, `${second.slice(3)}\`\`\``]);

describe('an answer that ends early', () => {
  it('goes on with the lines that are left, until something is to be shown', async () => {
    const host = early();
    const { edits } = await start(host).predict(asked, never);
    expect(applyEdits(current, edits)).toBe(current.replace('return width', 'return w'));
    expect(host.allBegun).toEqual([begun, `${begun}${first}   `]);
    expect(promptText(host.asked[1]?.expected ?? [])).toBe(
      ' return w * height\n\ndef total(sizes):\n    return sum(sizes)\n```',
    );
  });

  it('does not where something is shown', async () => {
    const host = new BegunHost([begun, '    print(w)\n```']);
    const { edits, partial } = await start(host).predict(asked, never);
    expect(applyEdits(current, edits)).toBe(current.replace('print(width)', 'print(w)'));
    expect(partial).toBeUndefined();
    expect(host.asked).toHaveLength(1);
  });

  it('goes on for all of the rest where that is wanted, from where it was left', async () => {
    const host = new BegunHost(
      [begun, `${first}\`\`\``],
      [`${first}   `, `${second.slice(3)}\ndef total(sizes):\n    return sum(sizes)\n\`\`\``],
    );
    const engine = start(host);
    const { partial } = await engine.predict(asked, never);
    expect(partial).toBe(true);
    const written = host.written;
    const { edits } = await engine.finish(structuredClone(asked), never);
    expect(applyEdits(current, edits)).toBe(current.replace('return width', 'return w'));
    // The same beginning, and the tokens behind it that are known.
    expect(host.allBegun.at(-1)).toBe(`${begun}${first}   `);
    expect(host.asked.at(-1)?.answered?.length).toBeGreaterThan(0);
    expect(host.written).toBe(written + host.answer.length - (host.asked.at(-1)?.answered?.length ?? 0));
  });

  it('is given up where the model keeps on ending: then what it had said counts', async () => {
    const host = new BegunHost([begun, `${first}\`\`\``], ['', '\n```']);
    expect(await start(host).predict(asked, never)).toEqual({ edits: [] });
    expect(host.asked).toHaveLength(2);
  });

  it('is judged by the tokens that the model wrote, not by those that it was given', async () => {
    const unsure = tokensOf(`${second.slice(3)}\`\`\``).map(([text]): ScriptedToken => [text, text === 'w' ? 0.4 : 1]);
    const host = () => new BegunHost([begun, `${first}\`\`\``], [`${first}   `, unsure]);
    const { edits } = await start(host()).predict(asked, never);
    expect(edits[0]?.confidence).toBeCloseTo(0.4);
    expect(await start(host(), 0.5).predict(asked, never)).toEqual({ edits: [] });
  });

  it('stays as it is on a server that cannot go on with an answer', async () => {
    const host = Object.assign(early(), { continuesAnswers: false });
    expect(await start(host).predict(asked, never)).toEqual({ edits: [] });
    expect(host.asked).toHaveLength(1);
  });

  it('stays as it is where it was cut off', async () => {
    const host = Object.assign(early(), { reason: 'length' as const });
    expect(await start(host).predict(asked, never)).toEqual({ edits: [] });
    expect(host.asked).toHaveLength(1);
  });
});
