import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { Benchmarks } from '../../server/data/benchmarks.ts';
import { NearDuplicates } from '../../server/data/nearDuplicates.ts';
import { code, scratch } from './repository.ts';

const { folder, remove } = scratch();
afterAll(remove);

describe('near-duplicates', () => {
  const before = code(20);
  const changed = before.replace(/compute_(\d+)/g, (whole, at: string) => (Number(at) < 12 ? `reckon_${at}` : whole));

  it('are found where the change is the same or nearly, wherever it stands', () => {
    const known = new NearDuplicates();
    expect(known.isRepeated({ snippets: [before, changed] })).toBe(false);
    expect(known.isRepeated({ snippets: [before, changed] })).toBe(true);
    const elsewhere = (text: string) => `# another file\n${text}print("end")\n`;
    expect(known.isRepeated({ snippets: [elsewhere(before), elsewhere(changed)] })).toBe(true);
    expect(known.isRepeated({ snippets: [before, changed.replace('reckon_3(3)', 'reckon_3(4)')] })).toBe(true);
  });

  it('are not found in other changes of the same file', () => {
    const known = new NearDuplicates();
    expect(known.isRepeated({ snippets: [before, changed] })).toBe(false);
    const other = before.replace(/value_(1\d)/g, 'count_of_$1');
    expect(known.isRepeated({ snippets: [before, other] })).toBe(false);
    expect(known.isRepeated({ snippets: [changed, `${changed}x = 1\n`] })).toBe(false);
    expect(known.isRepeated({ snippets: [other, `${other}x = 2\n`] })).toBe(false);
    expect(known.isRepeated({ snippets: [other, `${other}x = 1\n`] })).toBe(true);
  });
});

describe('benchmarks', () => {
  const solution = [
    'def largest_pair(numbers):',
    '    """Give the two numbers whose product is the largest of all."""',
    '    best = None',
    '    for i, left in enumerate(numbers):',
    '        for right in numbers[i + 1:]:',
    '            if best is None or left * right > best[0] * best[1]:',
    '                best = (left, right)',
    '    return best',
  ].join('\n');
  const place = (name: string) => path.join(folder, name);

  it('are found again in every kind of file, with other white space around other code', async () => {
    writeFileSync(place('a.jsonl.gz'), gzipSync(`${JSON.stringify({ task: 1, canonical_solution: solution })}\n`));
    writeFileSync(
      place('b.json'),
      JSON.stringify([{ history: [{ code: 'x' }], current: { code: solution } }], null, 1),
    );
    for (const [file, name] of [
      ['a.jsonl.gz', 'a.jsonl.gz'],
      ['b.json', 'b.json'],
    ] as const) {
      const benchmarks = await Benchmarks.read([place(file)]);
      expect(benchmarks.overlap([`import os\n\n${solution.replaceAll('    ', '\t')}\n\nprint(os.name)\n`])).toBe(name);
      expect(benchmarks.overlap([code(50)])).toBeUndefined();
      expect(benchmarks.overlap(['def largest_pair(numbers):\n    return max(numbers)'])).toBeUndefined();
    }
  });

  it('are the everyday edits of this repository, too', async () => {
    const benchmarks = await Benchmarks.read(['test/everyday']);
    expect(benchmarks.size).toBeGreaterThan(100);
    expect(benchmarks.overlap([code(50)])).toBeUndefined();
  });

  it('that cannot be read are no reason to go on without them', async () => {
    writeFileSync(place('bad.jsonl'), '{"a":\n');
    await expect(Benchmarks.read([place('bad.jsonl')])).rejects.toThrow('bad.jsonl:1: not JSON');
    await expect(Benchmarks.read([place('none.json')])).rejects.toThrow('no such file');
    await expect(Benchmarks.read([place('none.txt')])).rejects.toThrow('none.txt');
  });
});
