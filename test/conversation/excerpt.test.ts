import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { estimatedCosts, fitToBudget, type LineCosts } from '../../shared/conversation/excerpt.ts';
import { promptFormatNames } from '../../shared/conversation/format.ts';
import { formats } from '../../shared/conversation/formats.ts';
import { regionBefore } from '../../shared/conversation/historyExcerpt.ts';
import { promptText } from '../../shared/conversation/prompt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { hunksOfLines } from '../../shared/edits/diff.ts';
import { codeLine, targetIn, textAndNext, textOf } from './arbitraries.ts';

const numbered = (length: number) => Array.from({ length }, (_, i) => `line ${i}`);
/** Every character is a token. */
const byCharacter = ({ history, current }: Conversation): LineCosts => {
  const ofLine = (text: string | undefined, line: number) => (new Snippet(text ?? '').lines[line]?.length ?? 0) + 1;
  return {
    current: (line) => ofLine(current, line),
    history: (snapshot, line) => ofLine(history[snapshot], line),
  };
};

function conversationOf(current: string, more: Partial<Conversation> = {}): Conversation {
  return { path: 'a', languageId: '', history: [], current, ...more };
}

describe.each(promptFormatNames)('%s', (format) => {
  test('stays within the budget, keeps the target in sight and the newest history', () => {
    const arbitrary = textAndNext(codeLine, { text: textOf(codeLine, 80) }).chain((first) =>
      fc.tuple(fc.constant(first), targetIn(first.next), fc.integer({ min: 60, max: 2000 })),
    );
    fc.assert(
      fc.property(arbitrary, ([{ current: earlier, next: current }, target, total]) => {
        const history = ['', earlier, earlier.replace('line', 'Line')];
        const conversation = conversationOf(current, { history, ...(target ? { target } : {}) });
        const fitted = fitToBudget(conversation, { format, budget: { total }, costs: byCharacter(conversation) });
        if (!fitted) return;
        expect(fitted.tokens).toBeLessThanOrEqual(total);
        const kept = fitted.conversation.history;
        expect(kept).toEqual(history.slice(history.length - kept.length));
        const { excerpt } = fitted;
        if (target && excerpt) {
          const offset = target.kind === 'cursor' ? target.offset : Math.min(target.start, target.end);
          const { line } = new Snippet(current).placeOf(offset);
          expect(excerpt.first).toBeLessThanOrEqual(line);
          expect(excerpt.last).toBeGreaterThan(line);
        }
        if (format.startsWith('fewShot')) return;
        // What is rendered takes no more, where a fence is a token and `...` is one.
        const { messages = [] } = formats[format].render(fitted.conversation, {
          ...(excerpt ? { excerpt } : {}),
          targetArea: false,
        });
        const shown = messages.map(({ content }) => promptText(content.filter(({ kind }) => kind === 'text')));
        const spent = shown.join('').replaceAll('```', '`').replaceAll('...', '.').length;
        expect(spent).toBeLessThanOrEqual(fitted.tokens);
      }),
      { numRuns: 100 },
    );
  });
});

const within = (conversation: Conversation, total: number, current?: number) =>
  fitToBudget(conversation, {
    format: 'wholeFile',
    budget: { total, ...(current === undefined ? {} : { current }) },
    costs: byCharacter(conversation),
  });

test('what fits is not cut', () => {
  const current = numbered(50).join('\n');
  const conversation = conversationOf(current, { history: [current.replace('line 7', 'x')] });
  expect(within(conversation, 2000)).toMatchObject({ conversation });
  expect(within(conversation, 2000)?.excerpt).toBeUndefined();
});

test('the oldest history goes first', () => {
  const current = numbered(50).join('\n');
  const history = ['a', 'b', 'c'].map((name) => current.replace('line 7', name));
  expect(within(conversationOf(current, { history }), 1400)?.conversation.history).toEqual(history.slice(1));
  expect(within(conversationOf(current, { history }), 950)?.conversation.history).toEqual(history.slice(2));
});

test('without a target, the lines around the last change', () => {
  const lines = numbered(200);
  const history = [lines.map((line) => line.replace('line 150', 'old')).join('\n')];
  const { first = 0, last = 0 } = within(conversationOf(lines.join('\n'), { history }), 600)?.excerpt ?? {};
  expect(first).toBeLessThanOrEqual(150);
  expect(last).toBeGreaterThan(150);
  expect(last - first).toBeLessThan(60);
});

test('typing does not move the start of the excerpt', () => {
  const lines = numbered(300);
  const starts = new Set<number | undefined>();
  for (let typed = 0; typed < 12; typed++) {
    const current = lines.with(150, `line 150${'x'.repeat(typed)}`).join('\n');
    const offset = lines.slice(0, 150).join('\n').length + 9 + typed;
    starts.add(within(conversationOf(current, { target: { kind: 'cursor', offset } }), 800)?.excerpt?.first);
  }
  expect([...starts]).toHaveLength(1);
});

test('a line beyond all budgets is refused, a long selection is shown from its start', () => {
  const target = { kind: 'cursor', offset: 5 } as const;
  expect(within(conversationOf('x'.repeat(5000), { target }), 1000)).toBeUndefined();
  const current = numbered(300).join('\n');
  const selection = { kind: 'selection', start: current.indexOf('line 20\n'), end: current.length } as const;
  const { first = 99, last = 0 } = within(conversationOf(current, { target: selection }), 300)?.excerpt ?? {};
  expect(first).toBeLessThanOrEqual(20);
  expect(last).toBeGreaterThan(25);
});

test('a region of the later text is found in the earlier one: what lies outside is the same in both', () => {
  const arbitrary = textAndNext(codeLine, { text: textOf(codeLine, 20) });
  fc.assert(
    fc.property(arbitrary, fc.nat(25), fc.nat(25), ({ current: before, next }, a, b) => {
      const [earlier, later] = [new Snippet(before).lines, next.split('\n')];
      const last = Math.min(Math.max(a, b), later.length);
      const region = { first: Math.min(a, b, last), last };
      const found = regionBefore(hunksOfLines(earlier, later), region);
      expect(found.first).toBeGreaterThanOrEqual(0);
      expect(found.last).toBeLessThanOrEqual(earlier.length);
      const kept = new Set(earlier.slice(found.first, found.last));
      // Lines of the region that did not change are in it.
      const hunks = hunksOfLines(earlier, later);
      for (let line = region.first; line < region.last; line++) {
        if (hunks.some(({ newStart, newEnd }) => newStart <= line && line < newEnd)) continue;
        expect(kept).toContain(later[line]);
      }
      if (region.first === 0 && region.last === later.length) {
        expect(found).toEqual({ first: 0, last: earlier.length });
      }
    }),
  );
});

test('estimates rise with the text', () => {
  const costs = estimatedCosts({ history: ['a'], current: 'x\n        return something_long(a, b)\n' });
  expect(costs.current(1)).toBeGreaterThan(8);
  expect(costs.current(0)).toBeLessThan(4);
  expect(costs.history(0, 0)).toBeGreaterThan(0);
  expect(costs.history(1, 0)).toBe(0);
});
