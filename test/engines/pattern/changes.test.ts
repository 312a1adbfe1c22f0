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
        // What was changed inside a piece that came in goes before the piece does.
        const changes = [...netChanges(snapshots)].reverse();
        for (const change of [...changes.filter(({ inside }) => inside), ...changes.filter(({ inside }) => !inside)]) {
          if (change.inside) expect(restored.slice(change.start, change.end)).toEqual(change.newLines);
          else expect(restored.slice(change.start, change.end)).toHaveLength(change.newLines.length);
          restored.splice(change.start, change.end - change.start, ...change.oldLines);
        }
        expect(restored).toEqual(snapshots[0]);
      }),
      { numRuns: 500 },
    );
  });

  it('takes neighbouring lines that each became one like them as changes of their own', () => {
    const [before, after] = [
      ['f(a, 1)', 'f(b, 2)', 'x'],
      ['g(a, 1)', 'g(b, 2)', 'x'],
    ];
    expect(netChanges([before, after]).map(({ oldLines, newLines }) => [...oldLines, ...newLines])).toEqual([
      ['f(a, 1)', 'g(a, 1)'],
      ['f(b, 2)', 'g(b, 2)'],
    ]);
    const apart = netChanges([before, ['g(a, 1)', 'f(b, 2)', 'x'], after]);
    expect(apart.map(({ age }) => age)).toEqual([1, 0]);
  });

  it('keeps what is changed inside a pasted piece apart from the piece', () => {
    const pasted = ['top', 'copy of a', 'copy of b', 'copy of c', 'end'];
    const changes = netChanges([['top', 'end'], pasted, pasted.with(2, 'copy of x')]);
    expect(changes.map(({ oldLines, newLines, inside, age }) => ({ oldLines, newLines, inside, age }))).toEqual([
      { oldLines: [], newLines: ['copy of a', 'copy of x', 'copy of c'], age: 1 },
      { oldLines: ['copy of b'], newLines: ['copy of x'], inside: { start: 1, end: 4 }, age: 0 },
    ]);
  });

  it('takes a new file for such a piece', () => {
    const file = ['def f(a):', '    return a', ''];
    const changes = netChanges([[''], file, file.with(0, 'def f(x):')]);
    expect(changes.at(-1)).toMatchObject({ oldLines: ['def f(a):'], newLines: ['def f(x):'], inside: { start: 0 } });
  });

  it('keeps lines that are put in beside a rewritten one apart from it', () => {
    const rewritten = ['f(x)', 'end'];
    const example = { oldLines: ['f(a)'], newLines: ['f(x)'], age: 1 };
    const shape = (last: string[]) =>
      netChanges([['f(a)', 'end'], rewritten, last]).map(({ oldLines, newLines, age }) => ({
        oldLines,
        newLines,
        age,
      }));
    const added = { oldLines: [], newLines: ['// note'], age: 0 };
    expect(shape(['// note', ...rewritten])).toEqual([added, example]);
    expect(shape(['f(x)', '// note', 'end'])).toEqual([example, added]);
  });
});
