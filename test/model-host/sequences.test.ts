import { expect, it } from 'vitest';
import type { Decoder, DecoderSequence } from '../../server/model-host/decoder.ts';
import { likelyToStay, Sequences } from '../../server/model-host/sequences.ts';

const bytesEach = 100;

/** Sequences that only say what becomes of them: how many there are, and what they were forked from. */
function watched() {
  const alive = new Set<DecoderSequence>();
  const forks: number[] = [];
  const begin = (): DecoderSequence => {
    const sequence: DecoderSequence = {
      length: 0,
      bytes: bytesEach,
      run: async () => ({ ids: [], logProbabilities: [] }),
      fork: (count) => {
        forks.push(count);
        return begin();
      },
      release: () => void alive.delete(sequence),
    };
    alive.add(sequence);
    return sequence;
  };
  const decoder: Decoder = { begin, dispose: async () => {} };
  return { decoder, alive, forks };
}

const prompt = (first: number, length = 20) => Array.from({ length }, (_, index) => first + index);

it('goes on with the prompt before while they share most, and forks where they share little', () => {
  const { decoder, alive, forks } = watched();
  const sequences = new Sequences(decoder);
  const one = sequences.take(prompt(0));
  one.ids = prompt(0);
  expect(sequences.take([...prompt(0, 15), 99])).toBe(one);
  const other = sequences.take([...prompt(0, 5), ...prompt(500)]);
  expect(other).not.toBe(one);
  expect(other.ids).toEqual(prompt(0, 5));
  expect(forks).toEqual([5]);
  other.ids = [...prompt(0, 5), ...prompt(500)];
  expect(sequences.take(prompt(0))).toBe(one);
  expect(alive.size).toBe(2);
});

it('forgets the oldest where there are too many, or where they take too much memory', () => {
  for (const [limit, most] of [
    [Number.POSITIVE_INFINITY, 4],
    [2.5 * bytesEach, 2],
    [0, 1],
  ] as const) {
    const { decoder, alive } = watched();
    const sequences = new Sequences(decoder, limit);
    const takes = Array.from({ length: 6 }, (_, index) => {
      const held = sequences.take(prompt(1000 * index));
      held.ids = prompt(1000 * index);
      return held;
    });
    expect([...alive]).toEqual(takes.slice(-most).map(({ sequence }) => sequence));
  }
});

it('takes what two prompts share for likely to stay, unless they are about something else', () => {
  expect(likelyToStay(prompt(0), [...prompt(0, 15), 99, 98])).toEqual(prompt(0, 15));
  expect(likelyToStay(prompt(0, 5), [...prompt(0, 5), ...prompt(500)])).toEqual([...prompt(0, 5), ...prompt(500)]);
  expect(likelyToStay([], prompt(0))).toEqual(prompt(0));
});
