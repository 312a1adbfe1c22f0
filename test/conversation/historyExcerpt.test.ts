import fc from 'fast-check';
import { expect, test } from 'vitest';
import { regionBefore } from '../../shared/conversation/historyExcerpt.ts';
import { Snippet } from '../../shared/conversation/snippet.ts';
import { hunksOfLines } from '../../shared/edits/diff.ts';
import { codeLine, textAndNext, textOf } from './arbitraries.ts';

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
