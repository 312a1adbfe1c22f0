import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEdits } from '../../server/history/incoming.ts';
import {
  applyDelta,
  changesNothing,
  commuteDeltas,
  composeDeltas,
  countBlocks,
  type Delta,
  growth,
  invertDelta,
  narrowDelta,
  spansOf,
} from '../../shared/edits/delta.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { anyEdits, anyText } from '../edits/arbitraries.ts';
import { invertEdits } from './invertEdits.ts';

/** Three texts and the deltas between them. */
const twoDeltas = anyText.chain((a) =>
  anyEdits(a).chain((first) => {
    const one = readEdits(a, inSequence(first));
    return anyEdits(one.text).map((second) => {
      const two = readEdits(one.text, inSequence(second));
      return { a, b: one.text, c: two.text, first: one.delta, second: two.delta };
    });
  }),
);

/** Simultaneous edits as LSP would send them, one after the other from the end. */
function inSequence(edits: readonly OffsetEdit[]): OffsetEdit[] {
  return [...edits].reverse();
}

function expectWellFormed(delta: Delta): void {
  let covered = -1;
  for (const { start, removed, inserted } of delta) {
    expect(start).toBeGreaterThan(covered);
    expect(removed).not.toBe(inserted);
    covered = start + removed.length;
  }
}

describe('deltas', () => {
  it('join to one that does what both do', () => {
    fc.assert(
      fc.property(twoDeltas, ({ a, b, c, first, second }) => {
        expect(applyDelta(a, first)).toBe(b);
        const both = composeDeltas(first, second);
        expectWellFormed(both);
        expect(applyDelta(a, both)).toBe(c);
        expect(applyDelta(c, invertDelta(both))).toBe(a);
        expect(growth(both)).toBe(c.length - a.length);
        expect(composeDeltas(first, invertDelta(first))).toEqual([]);
        expect(changesNothing(both, c)).toBe(a === c);
      }),
      { numRuns: 1000 },
    );
  });

  it('swap, with the same result', () => {
    fc.assert(
      fc.property(twoDeltas, ({ a, c, first, second }) => {
        const { under, over } = commuteDeltas(first, second);
        expectWellFormed(under);
        expectWellFormed(over);
        expect(applyDelta(applyDelta(a, under), over)).toBe(c);
      }),
      { numRuns: 1000 },
    );
  });

  it('are read from any sequence of edits', () => {
    const anySequence = anyText.chain((text) =>
      fc.tuple(fc.constant(text), fc.array(fc.tuple(fc.nat(), fc.nat(), anyText), { maxLength: 6 })),
    );
    fc.assert(
      fc.property(anySequence, ([text, raw]) => {
        let after = text;
        const edits = raw.map(([a, b, newText]) => {
          const [x, y] = [a % (after.length + 1), b % (after.length + 1)];
          const edit = { start: Math.min(x, y), end: Math.max(x, y), newText };
          after = after.slice(0, edit.start) + newText + after.slice(edit.end);
          return edit;
        });
        const incoming = readEdits(text, edits);
        expect(incoming.text).toBe(after);
        expectWellFormed(incoming.delta);
        expect(applyDelta(text, incoming.delta)).toBe(after);
      }),
      { numRuns: 1000 },
    );
  });

  it('are read alike from edits sent upwards and downwards', () => {
    const text = 'foo\nfoo\nfoo\n';
    const up = [8, 4, 0].map((start) => ({ start, end: start + 3, newText: 'quux' }));
    const down = [0, 5, 10].map((start) => ({ start, end: start + 3, newText: 'quux' }));
    expect(readEdits(text, up)).toEqual(readEdits(text, down));
    expect(readEdits(text, up).text).toBe('quux\nquux\nquux\n');
    expect(invertEdits(text, up.toReversed())).toHaveLength(3);
  });

  it('are small for a text that was sent whole', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `line ${i}\n`);
    const text = lines.join('');
    const changed = lines.with(10, 'line ten\n').with(200, 'line two hundred\n').join('');
    const { delta } = readEdits(text, [{ start: 0, end: text.length, newText: changed }]);
    expect(delta.map(({ removed, inserted }) => [removed, inserted])).toEqual([
      ['10', 'ten'],
      ['200', 'two hundred'],
    ]);
  });

  it('count blocks by the whole lines between them', () => {
    const at = (...starts: number[]) =>
      spansOf(
        starts.map((start) => ({ start, removed: '', inserted: '' })),
        'after',
      );
    const text = 'a\nb\nc\nd\n';
    expect(countBlocks([], text)).toBe(0);
    expect(countBlocks(at(0, 2), text)).toBe(1);
    expect(countBlocks(at(0, 4), text)).toBe(2);
    expect(countBlocks(at(6, 0, 4), text)).toBe(2);
    const line = { start: 0, removed: '', inserted: 'a\n' };
    const word = (start: number) => ({ start, removed: '', inserted: 'x' });
    expect(countBlocks(spansOf([line, word(0)], 'after'), `a\nx${text}`)).toBe(1);
    expect(countBlocks(spansOf([line, word(2)], 'after'), `a\na\nx${text}`)).toBe(2);
    expect(spansOf([{ start: 3, removed: 'ab', inserted: 'c' }, word(9)], 'before')).toMatchObject([
      { start: 3, end: 5 },
      { start: 9, end: 9 },
    ]);
  });

  it('are narrowed', () => {
    expect(narrowDelta([{ start: 3, removed: 'foo', inserted: 'foobar' }])).toEqual([
      { start: 6, removed: '', inserted: 'bar' },
    ]);
  });
});
