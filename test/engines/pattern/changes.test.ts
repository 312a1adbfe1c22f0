import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { netChanges } from '../../../server/engines/pattern/changes.ts';

const split = (text: string) => text.split('\n');

describe('netChanges', () => {
  it('merges steps that touch the same lines and keeps the others apart', () => {
    const changes = netChanges(['a\nb\nc\nd', 'a\nx\nc\nd', 'a\nxy\nc\nd', 'a\nxy\nc\nd\ne'].map(split));
    expect(changes.map(({ oldLines, newLines, start, age }) => ({ oldLines, newLines, start, age }))).toEqual([
      { oldLines: ['b'], newLines: ['xy'], start: 1, age: 1 },
      { oldLines: [], newLines: ['e'], start: 4, age: 0 },
    ]);
  });

  it('forgets what was undone', () => {
    expect(netChanges(['a\nb', 'a\nc', 'a\nb'].map(split))).toEqual([]);
  });

  it('moves earlier changes with later ones above them', () => {
    const [first, second] = netChanges(['a\nb\nc\nd', 'a\nb\nc\nD', 'x\ny\na\nb\nc\nD'].map(split));
    expect([first?.start, first?.end]).toEqual([0, 2]);
    expect([second?.start, second?.newLines, second?.age]).toEqual([5, ['D'], 1]);
  });

  it('undone altogether gives the first snapshot, whatever happened in between', () => {
    const text = fc.array(fc.constantFrom<string>('a', 'b', 'c', 'd', ''), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(text, { minLength: 2, maxLength: 6 }), (snapshots) => {
        const restored: string[] = [...(snapshots.at(-1) ?? [])];
        for (const change of [...netChanges(snapshots)].reverse()) {
          expect(restored.slice(change.start, change.end)).toEqual(change.newLines);
          restored.splice(change.start, change.end - change.start, ...change.oldLines);
        }
        expect(restored).toEqual(snapshots[0]);
      }),
      { numRuns: 500 },
    );
  });
});
