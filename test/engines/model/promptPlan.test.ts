import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPrompt } from '../../../server/engines/model/promptPlan.ts';
import { TokenCounter } from '../../../server/engines/model/tokenCounter.ts';
import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { formats, promptFormatNames as names } from '../../../shared/conversation/formats.ts';
import { promptText } from '../../../shared/conversation/prompt.ts';
import { windowAround, windowSizes } from '../../../shared/conversation/windows.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { applyDelta } from '../../../shared/edits/delta.ts';
import { LineIndex } from '../../../shared/positions/lineIndex.ts';
import { ScriptedHost } from './scriptedHost.ts';

const never = new AbortController().signal;
const file = Array.from({ length: 300 }, (_, i) => `value${i} = compute(${i})`).join('\n');
const index = new LineIndex(file);

const at = (line: number, more: Partial<Conversation> = {}): Conversation => ({
  path: 'a.py',
  languageId: 'python',
  history: [],
  current: file,
  target: { kind: 'cursor', offset: index.lineStart(line) },
  ...more,
});

const limits = { maxPromptTokens: 1024, maxNewTokens: 1024, contextLength: 32_768 };
const plan = async (
  conversation: Conversation,
  name: (typeof names)[number] = 'wholeFile',
  host = new ScriptedHost(),
  within = limits,
) => planPrompt(formats[name], conversation, within, new TokenCounter(host), never);

async function prompt(conversation: Conversation): Promise<string> {
  return promptText((await plan(conversation))?.rendered.prompt ?? []);
}

describe('windowAround', () => {
  it('shows the target with lines on both sides, and stays while the target is in its cell', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...windowSizes),
        fc.nat({ max: 3000 }),
        fc.nat({ max: 3000 }),
        (size, line, extra) => {
          const lineCount = line + extra + 1;
          const window = windowAround(size, line, line, lineCount);
          if (!window) throw new Error('a line always fits');
          const { first, last } = window;
          expect(first <= line && line < last).toBe(true);
          expect(last - first).toBeLessThanOrEqual(size);
          expect(first === 0 || line - first >= size / 4).toBe(true);
          expect(last === lineCount || last - line > size / 4).toBe(true);
          const cell = Math.floor(line / (size / 2)) * (size / 2);
          expect(windowAround(size, cell, cell, lineCount)).toEqual(window);
        },
      ),
    );
  });

  it('has no place for a selection that is longer than what it has below', () => {
    expect(windowAround(16, 100, 111, 300)).toBeUndefined();
    expect(windowAround(16, 100, 107, 300)).toEqual({ first: 92, last: 108 });
  });
});

describe('planPrompt', () => {
  it.each(names)('keeps %s prompts within the budget, whatever the text', async (name) => {
    const line = fc.string({ maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 120 }),
        fc.nat(),
        fc.nat({ max: 4 }),
        async (texts, where, steps) => {
          const current = texts.join('\n');
          const history = Array.from({ length: steps }, (_, i) => texts.slice(0, texts.length - i).join('\n#'));
          const target = { kind: 'cursor', offset: where % (current.length + 1) } as const;
          const conversation = { ...at(0), current, history, target };
          const host = new ScriptedHost();
          const within = { maxPromptTokens: 400, maxNewTokens: 300, contextLength: 2048 };
          const planned = await plan(conversation, name, host, within);
          if (!planned) return;
          expect(planned.promptTokens + planned.maxTokens).toBeLessThanOrEqual(within.contextLength);
          const { rendered } = planned;
          const said = promptText(rendered.prompt ?? (rendered.messages ?? []).flatMap(({ content }) => content));
          const [real = 0] = await host.count([said]);
          expect(planned.promptTokens).toBeGreaterThanOrEqual(real);
          expect(await plan(conversation, name, new ScriptedHost(), within)).toEqual(planned);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('shows a small file whole, and of a long one what is around the target', async () => {
    expect((await plan(at(0, { current: 'a = 1\n' })))?.options.excerpt).toBeUndefined();
    const planned = await plan(at(150));
    const { first = 0, last = 0 } = planned?.options.excerpt ?? {};
    expect([first <= 142, last >= 158, last - first]).toEqual([true, true, 64]);
  });

  it('after one more keystroke the prompt is the same up to the line that changed', async () => {
    const line = 150;
    const start = index.lineEnd(line);
    const [one, two] = await Promise.all(
      ['x', 'xy'].map((newText) => {
        const current = applyEdits(file, [{ start, end: start, newText }]);
        return prompt(
          at(line, { history: [file], current, target: { kind: 'cursor', offset: start + newText.length } }),
        );
      }),
    );
    if (one === undefined || two === undefined) throw new Error('no prompts');
    const upTo = one.lastIndexOf(`value${line} = `);
    expect(upTo).toBeGreaterThan(0);
    expect(two.slice(0, upTo)).toBe(one.slice(0, upTo));
  });

  it('counts a line once, and while someone types the changed one alone', async () => {
    const host = new ScriptedHost();
    const counter = new TokenCounter(host);
    const ask = (conversation: Conversation) => planPrompt(formats.wholeFile, conversation, limits, counter, never);
    await ask(at(150));
    expect(new Set(host.counted).size).toBe(host.counted.length);
    const known = host.counted.length;
    const start = index.lineStart(150);
    await ask(at(150, { current: applyEdits(file, [{ start, end: start, newText: 'typed ' }]) }));
    // The target's marks cut the line in two.
    expect(host.counted.slice(known).filter((text) => text.includes('typed')).length).toBeGreaterThan(0);
    expect(host.counted.length - known).toBeLessThanOrEqual(3);
  });

  it('drops the oldest of the history first, and shows nothing of a line too long', async () => {
    const history = [1, 2, 3, 4].map((step) => file.replaceAll('compute(15', `compute${step}(15`));
    const planned = await plan(at(150, { history }));
    const kept = planned?.conversation.history ?? [];
    expect(kept.length).toBeGreaterThan(0);
    expect(history.slice(-kept.length)).toEqual(kept);
    expect(await plan(at(0, { current: 'x'.repeat(100_000), target: { kind: 'cursor', offset: 0 } }))).toBeUndefined();
  });

  it('shows what was changed in other documents, and drops the oldest of that first, then of this one', async () => {
    const related = [1, 2, 3].map((n) => ({
      path: `other${n}.py`,
      languageId: 'python',
      before: `old${n}()\n`,
      after: `new${n}()\n`,
    }));
    const edits = [1, 2].map((n) => [{ start: index.lineStart(290 + n), removed: '', inserted: `edited${n}()\n` }]);
    const current = edits.reduce((text, delta) => applyDelta(text, delta), file);
    const asked = at(150, { current, related, edits });
    for (const name of ['sweep', 'zeta', 'zeta2', 'zeta21', 'instinct'] as const) {
      const seen: string[][] = [];
      for (let maxPromptTokens = 1200; maxPromptTokens > 60; maxPromptTokens -= 10) {
        const planned = await plan(asked, name, new ScriptedHost(), { ...limits, maxPromptTokens });
        if (!planned) break;
        const { prompt, messages = [] } = planned.rendered;
        const said = promptText(prompt ?? messages.flatMap(({ content }) => content));
        const shown = ['new1', 'new2', 'new3', 'edited1', 'edited2'].filter((word) => said.includes(`${word}()`));
        if (shown.join() !== seen.at(-1)?.join()) seen.push(shown);
      }
      // What there is room for is always the newest.
      for (const shown of seen)
        expect(['new1', 'new2', 'new3', 'edited1', 'edited2'].slice(-shown.length || 5), name).toEqual(shown);
      expect(seen[0], name).toEqual(['new1', 'new2', 'new3', 'edited1', 'edited2']);
    }
  });
});
