import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OfferStory } from '../../server/record/offerStory.ts';
import { sessionRecords } from '../../server/record/sessionRecords.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { narrowEdit } from '../../shared/edits/diff.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

const current = 'one(a);\ntwo(a);\nthree(a);\n';
const offered = 'one(a);\ntwo(b);\nthree(a);\n';

/** The story of an offer to make `to` of `from`, told by the texts that followed, each as one change. */
function told(texts: readonly string[], { from = current, to = offered, shown = true } = {}) {
  const edits = [narrowEdit(from, { start: 0, end: from.length, newText: to })];
  const story = new OfferStory({ id: '1-1', atMs: 1000, current: from, history: [], cursor: undefined, edits, shown });
  let before = from;
  for (const [i, text] of texts.entries()) {
    const change = narrowEdit(before, { start: 0, end: before.length, newText: text });
    story.changed(change, text, true, 2000 + i);
    before = text;
  }
  return story;
}

const other = offered.replace('three(a)', 'three(c)');

describe('what became of an offer', () => {
  it.each([
    ['accepted', 'taken at once', [offered, other], { chosen: offered, rejected: current }],
    ['typed', 'written by hand', [offered.replace('b', ''), offered], { chosen: offered, rejected: current }],
    ['undone', 'taken and undone', [offered, current], { chosen: current, rejected: offered }],
    [
      'undone',
      'undone after other edits',
      [offered, other, other.replace('two(b)', 'two(a)')],
      { chosen: current, rejected: offered },
    ],
    [
      'undone',
      'undone for something else',
      [offered, current, current.replace('two(a)', 'two()')],
      { chosen: current.replace('two(a)', 'two()'), rejected: offered },
    ],
    ['accepted', 'undone and redone', [offered, current, offered], { chosen: offered, rejected: current }],
    [
      'accepted',
      'changed by hand later',
      [offered, offered.replace('(b)', '(bc)')],
      { chosen: offered, rejected: current },
    ],
    [
      'ignored',
      'passed over',
      [current.replace('one', 'uno')],
      { chosen: current.replace('one', 'uno'), rejected: offered },
    ],
    [
      'ignored',
      'passed over for several edits, of which the first counts',
      [current.replace('one', 'uno'), current.replace('one', 'uno').replace('three', 'tre')],
      { chosen: current.replace('one', 'uno'), rejected: offered },
    ],
    ['ignored', 'never answered', [], { chosen: current, rejected: offered }],
  ] as const)('%s: %s', (outcome, _, texts, rest) => {
    expect(told(texts).result()).toMatchObject({ outcome, ...rest });
  });

  it('rejected, and nothing done, or something else', () => {
    const story = told([]);
    story.rejected(1500);
    expect(story.result()).toEqual({ outcome: 'rejected', chosen: current, rejected: offered, shownMs: 500 });
    const text = current.replace('two(a)', 'two(z)');
    story.changed(narrowEdit(current, { start: 0, end: current.length, newText: text }), text, true, 3000);
    expect(story.result()).toEqual({ outcome: 'rejected', chosen: text, rejected: offered, shownMs: 500 });
  });

  it('rejected, and written by hand after all', () => {
    const story = told([]);
    story.rejected(1500);
    story.changed(narrowEdit(current, { start: 0, end: current.length, newText: offered }), offered, true, 3000);
    expect(story.result()).toMatchObject({ outcome: 'typed', chosen: offered, rejected: current });
  });

  it('seen for as long as it stood, where anything tells that it was seen', () => {
    expect(told([offered]).result().shownMs).toBe(1000);
    expect(told([offered], { shown: false }).result().shownMs).toBeNull();
  });

  it('of several edits, undone one after the other', () => {
    const to = current.replaceAll('(a)', '(b)');
    const back = [to.replace('one(b)', 'one(a)'), to.replace('one(b)', 'one(a)').replace('two(b)', 'two(a)'), current];
    expect(told([to, ...back.slice(0, 2)], { to }).result().outcome).toBe('accepted');
    expect(told([to, ...back], { to }).result()).toMatchObject({ outcome: 'undone', rejected: to });
  });
});

it('whatever is edited, one of the two is what was offered, and they are two', () => {
  const edit = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 8 }),
    newText: fc.constantFrom('', 'a', 'b', 'x\n', '(b)'),
  });
  const event = fc.oneof(
    { weight: 6, arbitrary: edit },
    { weight: 1, arbitrary: fc.constantFrom('accepted', 'rejected') },
  );
  fc.assert(
    fc.property(fc.array(event), edit, (events, first) => {
      const change = (text: string, { at, length, newText }: typeof first): OffsetEdit => {
        const start = at % (text.length + 1);
        return { start, end: Math.min(text.length, start + length), newText };
      };
      const offer = change(current, first);
      const made = applyEdits(current, [offer]);
      fc.pre(made !== current);
      let text = current;
      const told: object[] = [
        { kind: 'offer', at: 1, id: '1-1', via: 'ghostText', edits: [[offer.start, offer.end, offer.newText]] },
      ];
      for (const one of events) {
        if (typeof one === 'string') told.push({ kind: one, at: 2, id: '1-1' });
        else {
          const { start, end, newText } = change(text, one);
          text = applyEdits(text, [{ start, end, newText }]);
          told.push({ kind: 'change', at: 2, edit: [start, end, newText] });
        }
      }
      const start = {
        kind: 'session',
        version: 1,
        at: 0,
        path: 'a.ts',
        language: 'typescript',
        text: current,
      } as const;
      const { preferences, processes } = sessionRecords({ start, events: told as never }, 'x');
      expect(preferences).toHaveLength(1);
      const [{ chosen, rejected, outcome } = { chosen: '', rejected: '', outcome: '' }] = preferences;
      expect([chosen, rejected]).toContain(made);
      expect(chosen).not.toBe(rejected);
      expect(chosen === made).toBe(['accepted', 'typed'].includes(outcome));
      for (const { snippets } of processes) {
        expect(snippets.every((snippet, i) => snippet !== snippets[i - 1])).toBe(true);
        expect(snippets.length).toBeGreaterThan(1);
      }
    }),
    { numRuns: 300 },
  );
});
