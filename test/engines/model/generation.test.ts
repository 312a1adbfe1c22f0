import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Generation } from '../../../server/engines/model/generation.ts';

const chunk = fc
  .array(fc.tuple(fc.string({ maxLength: 5 }), fc.double({ min: -9, max: 0, noNaN: true })), { maxLength: 8 })
  .map((tokens) => ({
    text: tokens.map(([text]) => text).join(''),
    ids: tokens.map((_, i) => i),
    lengths: tokens.map(([text]) => text.length),
    logProbabilities: tokens.map(([, log]) => log),
  }));

test('what is resumed has its text, the tokens that are kept of it, and one of unknown probability for what was given', () => {
  fc.assert(
    fc.property(fc.array(chunk), fc.nat(40), fc.string({ maxLength: 9 }), chunk, (chunks, cut, given, next) => {
      const written = chunks.reduce((sum, one) => sum.with(one), new Generation());
      const resumed = written.resumed(written.text.slice(0, cut) + given, []).with(next);
      expect(resumed.text).toBe(written.text.slice(0, cut) + given + next.text);
      expect(resumed.lengths.reduce((sum, length) => sum + length, 0)).toBe(resumed.text.length);
      expect(resumed.logProbabilities).toHaveLength(resumed.lengths.length);
      expect(resumed.text.slice(0, resumed.given.length)).toBe(resumed.given);
      expect(resumed.ids).toEqual(next.ids);
      const known = resumed.logProbabilities.filter((log) => !Number.isNaN(log));
      expect(known).toEqual([
        ...written.logProbabilities.slice(0, known.length - next.ids.length),
        ...next.logProbabilities,
      ]);
    }),
  );
});
