import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readEverydayCases } from '../../../server/eval/everyday/caseFile.ts';
import { inconsistency } from '../../../server/eval/everyday/everydayCase.ts';

const ours = fileURLToPath(new URL('../../everyday', import.meta.url));
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'everyday-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('the cases of this project', () => {
  it('are read, and their fields agree', async () => {
    const cases = await readEverydayCases(ours);
    expect(cases.length).toBeGreaterThan(150);
    expect(cases.flatMap((example) => inconsistency(example) ?? [])).toEqual([]);
  });

  it('are the same when they are written as JSON Lines and read again', async () => {
    const cases = await readEverydayCases(ours);
    const path = await write('ours.jsonl', cases.map((example) => JSON.stringify(example)).join('\n'));
    expect(await readEverydayCases(path)).toEqual(cases);
  });
});

describe('reading case files', () => {
  it('takes the kind from the name of a .cases file', async () => {
    const path = await write('rename-local.cases', '=== one python a.py\n«a→b» = 1\nprint(⟦a→b⟧)\n');
    expect(await readEverydayCases(path)).toMatchObject([{ id: 'one', kind: 'rename-local', want: 'edits' }]);
  });

  it('has offsets of JSON Lines, which are in code points, in UTF-16', async () => {
    const json = {
      id: 'one',
      kind: 'toy',
      lang: 'python',
      path: 'a.py',
      want: 'edits',
      mode: 'edits',
      before: '"😀"; a = 1\na\n',
      steps: [[{ start: 5, end: 6, text: '"😀"', mode: 't' }], [{ start: 5, end: 8, text: 'b', mode: 'p' }]],
      after: '"😀"; b = 1\na\n',
      cursor: 6,
      sites: [{ start: 11, end: 12, alts: ['b'], optional: false }],
      expect: [{ start: 1, end: 2, lines: ['b'] }],
      lines: 3,
    };
    const [example] = await readEverydayCases(await write('astral.jsonl', `${JSON.stringify(json)}\n\n`));
    expect(example).toMatchObject({
      steps: [[{ start: 6, end: 7 }], [{ start: 6, end: 10 }]],
      cursor: 7,
      sites: [{ start: 12, end: 13 }],
    });
  });

  it('says what is wrong, and where', async () => {
    const [good] = await readEverydayCases(await write('toy.cases', '=== one python a.py\n«a→b» = ⟦a→b⟧\n'));
    const lines = (changed: object) => `${JSON.stringify(good)}\n${JSON.stringify({ ...good, ...changed })}\n`;
    const problem = async (text: string) => {
      const path = await write('bad.jsonl', text);
      const message = await readEverydayCases(path).then(
        () => 'read',
        (error: unknown) => (error instanceof Error ? error.message : ''),
      );
      return message.replace(path, 'FILE');
    };
    expect(await problem('{\n')).toMatch(/^FILE:1: not JSON: /);
    expect(await problem('[]\n')).toBe('FILE:1: a case must be an object');
    expect(await problem(lines({ want: 'all' }))).toBe('FILE:2: `want` must be edits, silence or either');
    expect(await problem(lines({ sites: undefined }))).toBe('FILE:2: `sites` is missing');
    expect(await problem(lines({ after: 'c' }))).toBe('FILE:2: `steps` do not lead from `before` to `after`');
    expect(await problem(lines({ want: 'silence' }))).toBe('FILE:2: `want` is silence, but there are `sites`');
    expect(await problem(lines({}))).toBe('FILE: two cases have the id one');
  });

  it('refuses what is no case file', async () => {
    await expect(readEverydayCases(join(folder, 'none.cases'))).rejects.toThrow(/none\.cases cannot be read: /);
    await expect(readEverydayCases(await write('a.txt', ''))).rejects.toThrow('is neither a .cases nor a .jsonl file');
  });
});
