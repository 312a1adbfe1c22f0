import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../server/data/random.ts';
import { decompose, decomposedSeries, difference, withSegments } from '../../server/data/segments.ts';
import { snippets, tellingSnippets } from './arbitraries.ts';

const numRuns = 300;

describe('segments', () => {
  it('all of them make the later text, and none leaves the earlier one', () => {
    fc.assert(
      fc.property(snippets, ([before = '', after = '']) => {
        const change = difference(before, after);
        expect(withSegments(change, new Set(change.segments.keys()))).toBe(after);
        expect(withSegments(change, new Set())).toBe(before);
      }),
      { numRuns },
    );
  });

  it('have a line between them that stays', () => {
    fc.assert(
      fc.property(snippets, ([before = '', after = '']) => {
        const { segments } = difference(before, after);
        for (const [i, { start, newStart }] of segments.slice(1).entries()) {
          expect(start).toBeGreaterThan(segments[i]?.end ?? 0);
          expect(newStart).toBeGreaterThan(segments[i]?.newEnd ?? 0);
        }
      }),
      { numRuns },
    );
  });
});

describe('decomposition', () => {
  const shuffled = snippets.chain(([before = '', after = '']) => {
    const change = difference(before, after);
    const indices = [...change.segments.keys()];
    return fc
      .shuffledSubarray(indices, { minLength: indices.length })
      .map((order) => ({ change, order, before, after }));
  });

  it('reaches the last text from any order', () => {
    fc.assert(
      fc.property(shuffled, ({ change, order, after }) => {
        expect(decompose(change, order).at(-1)).toBe(after);
      }),
      { numRuns },
    );
  });

  it('makes one segment at a time', () => {
    fc.assert(
      fc.property(tellingSnippets, fc.integer(), ([before = '', after = ''], seed) => {
        const change = difference(before, after);
        const order = new Random(String(seed), '').shuffled([...change.segments.keys()]);
        let last = before;
        for (const [i, text] of decompose(change, order).entries()) {
          const step = change.segments[order[i] ?? 0];
          const made = change.after.slice(step?.newStart, step?.newEnd);
          const gone = change.before.slice(step?.start, step?.end);
          const [had, has] = [last.split('\n'), text.split('\n')];
          expect(has.filter((line) => !had.includes(line))).toEqual(made);
          expect(had.filter((line) => !has.includes(line))).toEqual(gone);
          last = text;
        }
        expect(last).toBe(after);
      }),
      { numRuns },
    );
  });

  it('goes through all texts of the process, in order, whatever is taken apart', () => {
    fc.assert(
      fc.property(snippets, fc.integer(), fc.constantFrom(0, 0.5, 1), (texts, seed, probability) => {
        const series = decomposedSeries(texts, probability, new Random(String(seed), 'a'));
        expect(new Set(series.texts).size).toBe(series.texts.length);
        expect(series.texts.at(-1)).toBe(texts.at(-1));
        // What was undone is no history.
        fc.pre(texts.length === 2);
        let from = 0;
        for (const text of texts) {
          from = series.texts.indexOf(text, from);
          expect(from).toBeGreaterThanOrEqual(0);
        }
        expect(series.texts[0]).toBe(texts[0]);
        if (probability === 0) expect(series).toEqual({ texts, decomposed: false });
      }),
      { numRuns },
    );
  });
});

describe('random numbers', () => {
  it('depend on the seed and the name alone', () => {
    const draw = (seed: string, name: string) => {
      const random = new Random(seed, name);
      return [random.next(), random.below(1000), random.pick(['a', 'b', 'c']), random.shuffled([1, 2, 3, 4, 5])];
    };
    expect(draw('1', 'a')).toEqual(draw('1', 'a'));
    expect(draw('1', 'a')).not.toEqual(draw('2', 'a'));
    expect(draw('1', 'a')).not.toEqual(draw('1', 'b'));
    expect(draw('1', '1')).not.toEqual(draw('11', ''));
  });

  it('are spread evenly, and follow weights', () => {
    const random = new Random('0', 'spread');
    const tens = new Array<number>(10).fill(0);
    const weighted = [0, 0, 0];
    for (let i = 0; i < 20_000; i++) {
      tens[Math.floor(random.next() * 10)] = (tens[Math.floor(random.next() * 10)] ?? 0) + 1;
      const drawn = random.weighted([1, 2, 1]);
      weighted[drawn] = (weighted[drawn] ?? 0) + 1;
    }
    expect(weighted[1] ?? 0).toBeGreaterThan(9500);
    expect(weighted[1] ?? 0).toBeLessThan(10_500);
    expect(random.between(3, 3)).toBe(3);
  });
});
