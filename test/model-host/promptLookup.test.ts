import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PromptLookup } from '../../server/model-host/promptLookup.ts';

/** Writes `answer` after `prompt` as a model that says exactly that, and counts the runs that takes. */
function runsFor(prompt: readonly number[], answer: readonly number[], expected: readonly number[] = []): number {
  const lookup = new PromptLookup(prompt, expected);
  let given = 0;
  let runs = 0;
  while (given < answer.length) {
    runs++;
    const draft = lookup.propose(answer.length - given - 1);
    let right = 0;
    while (right < draft.length && draft[right] === answer[given + right]) right++;
    lookup.observe(answer.slice(given, given + right + 1), draft.length, right);
    given += right + 1;
  }
  expect(given).toBe(answer.length);
  return runs;
}

const file = Array.from({ length: 400 }, (_, index) => 1000 + ((index * 37) % 23) + (index >> 3));

describe('PromptLookup', () => {
  it('foresees an answer that repeats the prompt with a few changes', () => {
    const prompt = [1, 2, 3, ...file, 4, 5, 6];
    const changed = [...file.slice(0, 150), 7, 8, ...file.slice(151, 300), ...file.slice(310)];
    expect(runsFor(prompt, [...file.slice(0, 3), ...file.slice(3)])).toBeLessThan(file.length / 8);
    expect(runsFor(prompt, changed)).toBeLessThan(changed.length / 5);
  });

  it('finds its way back to the file after each of many insertions and replacements', () => {
    // Every 20th id is replaced by two new ones: a run for these, and few for the 19 behind them.
    const edited = file.flatMap((id, index) => (index % 20 === 10 ? [90_000 + index, 91_000 + index] : [id]));
    expect(runsFor(file, edited)).toBeLessThan((file.length / 20) * 6);
  });

  it('follows what is expected from the first id on, rather than what stood there before', () => {
    // The prompt has the text as it was: every 20th id is another one in the answer.
    const now = file.map((id, index) => (index % 20 === 10 ? 90_000 + index : id));
    expect(new PromptLookup([1, 2, ...file, 3], now).propose(8)).toEqual(now.slice(0, 8));
    expect(runsFor([1, 2, ...file, 3], now, now)).toBeLessThan(runsFor([1, 2, ...file, 3], now) / 2);
  });

  it('goes back to what is expected behind what is not, and not beyond its end', () => {
    const changed = [...file.slice(0, 100), 7, 8, 9, ...file.slice(101)];
    expect(runsFor([1, 2, 3], changed, file)).toBeLessThan(changed.length / 8);
    const lookup = new PromptLookup([1, 2, 3], [4, 5]);
    lookup.observe([4, 5], 0, 0);
    expect(lookup.propose(10)).toEqual([]);
  });

  it('drafts more where verifying costs less', () => {
    const length = (cost: number) => new PromptLookup([...file, ...file.slice(0, 3)]).propose(64, cost).length;
    expect(length(0.02)).toBeGreaterThan(length(0.3));
    expect(length(0.3)).toBeGreaterThan(0);
  });

  it('follows the newest of several copies', () => {
    const older = file.map((id, index) => (index % 10 === 9 ? id + 5000 : id));
    expect(runsFor([...older, ...file], file)).toBeLessThan(file.length / 6);
  });

  it('proposes only what stood behind the same id, within the limit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 60 }), fc.nat(40), (ids, limit) => {
        const draft = new PromptLookup(ids).propose(limit);
        expect(draft.length).toBeLessThanOrEqual(limit);
        const looked = [...ids.slice(-1), ...draft].join();
        if (draft.length > 0) expect(`${ids.join()},`).toContain(`${looked},`);
      }),
    );
  });

  it('leaves off after bad proposals, and takes no harm from any text', () => {
    const random = fc.array(fc.nat(5), { minLength: 1, maxLength: 200 });
    fc.assert(
      fc.property(random, random, random, (prompt, answer, expected) => {
        expect(runsFor(prompt, answer)).toBeLessThanOrEqual(answer.length);
        expect(runsFor(prompt, answer, expected)).toBeLessThanOrEqual(answer.length);
      }),
    );
    const lookup = new PromptLookup([1, 2, 3, 4, 1, 2, 3]);
    for (let miss = 0; miss < 3; miss++) lookup.observe([1, 2, 3], 4, 0);
    expect(lookup.propose(10)).toEqual([]);
  });
});
