import { readFileSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { collectGit, type GitFilters, gitFilters, openRepositories } from '../../server/data/git/collectGit.ts';
import { instructionOf } from '../../server/data/git/commitSubject.ts';
import { licenceOfText } from '../../server/data/git/licence.ts';
import { type Process, readRecord } from '../../server/data/records.ts';
import { ResumableOutput } from '../../server/data/resumable.ts';
import { code, gitIn, mit, scratch, TestRepository } from './repository.ts';

// On a busy machine; none of it depends on time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const { folder, remove } = scratch();
afterAll(remove);
let outputs = 0;

async function collect(specs: readonly string[], filters: Partial<GitFilters> = {}) {
  const file = path.join(folder, `out${outputs++}.jsonl`);
  const output = await ResumableOutput.open({ file, settings: {} });
  const all = { ...gitFilters, ...filters };
  await collectGit(await openRepositories(specs), all, output, { limit: Number.MAX_SAFE_INTEGER });
  await output.close();
  const processes = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line): Process => {
      const record = readRecord('process', JSON.parse(line));
      if (typeof record === 'string') throw new Error(record);
      return record;
    });
  return { processes, counts: output.counts.toJSON(), state: readFileSync(`${file}.state.json`, 'utf8') };
}

const changed = (at: number) => code(20, (line, i) => (i === at ? `${line} + 1` : line));

describe('a repository with everything that can be wrong', () => {
  let repository: TestRepository;
  const secret = `ghp_${'q7Rw2Zk9Xb4Nv8Tj3Lm6Pc1Hd5Gf0Sy7Ue2A'}`;

  beforeAll(() => {
    repository = new TestRepository(path.join(folder, 'odd'));
    const r = repository;
    r.commit('First version of everything', {
      LICENSE: mit,
      'a.py': code(20),
      'b.py': code(20),
      'binary.py': code(20),
    });
    r.commit('Compute the third value in another way (#12)', { 'a.py': changed(3) });
    r.commit('wip', { 'a.py': changed(4) });
    r.commit('Two files are changed at once here', { 'a.py': changed(5), 'b.py': changed(5) });
    r.commit('Write something that is no text at all', {
      'binary.py': new Uint8Array([1, 2, 0, 255, 10, ...Array(300).fill(0)]),
    });
    r.commit('Write words in another encoding than before', {
      'b.py': Buffer.concat([Buffer.from(code(20)), Buffer.from([0xe9, 0xe8, 0x0a])]),
    });
    r.commit('Use the line ends of another system', { 'a.py': changed(6).replaceAll('\n', '\r\n') });
    r.commit('Let the client say who it is', { 'a.py': `${changed(6)}token = "${secret}"\n` });
    r.commit('Ask the client twice who it is', {
      'a.py': `${changed(7)}token = "${secret}"\nagain = token or "${secret}"\n`,
    });
    r.git('mv', 'a.py', 'renamed.py');
    r.commit('Only give the file another name');
    r.git('mv', 'renamed.py', 'again.py');
    r.commit('Another name and another value at once', { 'again.py': `${changed(8)}token = "${secret}"\n` });
    r.commit('Put something into a folder of others', { 'vendor/lib.py': code(20), '.env': `TOKEN=${secret}\n` });
    r.commit('Change something in a folder of others', { 'vendor/lib.py': changed(2) });
    r.commit('Change what must never be shown to anyone', { '.env': `TOKEN=${secret}9\n` });
    symlinkSync('b.py', path.join(r.folder, 'link.py'));
    r.commit('A link that is named like code');
    const name = 'é\n"odd"\tname.py';
    r.commit('A file with a name that nobody gives', { [name]: code(20) });
    r.commit('A value in a file with such a name', { [name]: changed(9) });
    r.git('checkout', '-q', '-b', 'side');
    r.commit('A change on another branch than main', { [name]: changed(10) });
    r.git('checkout', '-q', 'main');
    r.commit('A change on the main branch meanwhile', { 'again.py': `${changed(11)}# ${'x'.repeat(50)}\n` });
    r.git('merge', '-q', '--no-ff', '-m', 'Merge what was done on the other branch', 'side');
    const inner = new TestRepository(path.join(folder, 'inner'));
    inner.commit('First version of the inner one', { 'x.py': code(20) });
    r.git('submodule', 'add', '-q', inner.folder, 'sub');
    r.commit('Take in another repository as a part');
    inner.commit('Another version of the inner one', { 'x.py': changed(1) });
    gitIn(path.join(r.folder, 'sub'), 1_700_009_999, 'pull', '-q', 'origin', 'main');
    r.commit('Take the newest version of that part');
  });

  it('gives the changes that are one person’s text, and says why not of each other', async () => {
    const { processes, counts } = await collect([repository.folder]);
    expect(processes.map(({ message }) => message)).toEqual([
      'A change on another branch than main',
      'A change on the main branch meanwhile',
      'A value in a file with such a name',
      'Another name and another value at once',
      'Ask the client twice who it is',
      'Let the client say who it is',
      'Use the line ends of another system',
      'Compute the third value in another way',
    ]);
    expect(counts).toMatchObject({
      'left out: its message says too little': 1,
      'left out: changes several files': 1,
      'left out: not UTF-8': 2,
      'left out: only renames': 1,
      'left out: vendored or generated, by its path': 1,
      'left out: changes a submodule': 1,
    });
    for (const { snippets, licence, id } of processes) {
      expect(snippets).toHaveLength(2);
      expect(snippets.join('')).not.toContain('\r');
      expect(licence).toBe('MIT');
      expect(id).toMatch(/^git:odd@[0-9a-f]{12}:/);
    }
    expect(new Set(processes.map(({ id }) => id)).size).toBe(processes.length);
  });

  it('holds no secret, in no text and no state', async () => {
    const { processes, state, counts } = await collect([repository.folder], { maxFiles: 9, anyMessage: true });
    expect(JSON.stringify(processes) + state).not.toContain(secret.slice(4, 20));
    expect(counts['secrets hidden']).toBeGreaterThan(0);
    const asked = processes.find(({ message }) => message?.startsWith('Ask the client'));
    expect(asked?.snippets[1]).toContain(`again = token or "${'x'.repeat(secret.length)}"`);
  });

  it('a shallow clone gives what is there, and nothing is fetched for the rest', async () => {
    const shallow = path.join(folder, 'shallow');
    gitIn(folder, 1_700_009_999, 'clone', '-q', '--depth', '5', `file://${repository.folder}`, shallow);
    const [opened] = await openRepositories([shallow]);
    expect(opened?.shallow).toBe(true);
    const { processes } = await collect([shallow]);
    expect(processes.map(({ message }) => message)).toContain('A change on the main branch meanwhile');
    expect(processes.length).toBeLessThan(4);

    const blobless = path.join(folder, 'blobless');
    gitIn(repository.folder, 1_700_009_999, 'config', 'uploadpack.allowFilter', 'true');
    gitIn(
      folder,
      1_700_009_999,
      'clone',
      '-q',
      '--bare',
      '--filter=blob:none',
      `file://${repository.folder}`,
      blobless,
    );
    const { counts } = await collect([blobless], { licence: 'any' });
    expect(counts['left out: not all of it is in this clone']).toBeGreaterThan(3);
    expect(counts.processes).toBeUndefined();
  });
});

describe('collecting', () => {
  it('never reads a file of 100 MB', async () => {
    const repository = new TestRepository(path.join(folder, 'huge'));
    const huge = Buffer.alloc(100 * 1024 * 1024, 'x = 1\n');
    repository.commit('First version of everything', { LICENSE: mit, 'huge.py': huge, 'a.py': code(20) });
    huge.write('y = 2\n', 6000);
    repository.commit('Change a line of the huge file', { 'huge.py': huge });
    repository.commit('Change a line of the small file', { 'a.py': changed(2) });
    const before = process.memoryUsage().rss;
    const { processes, counts } = await collect([repository.folder]);
    expect(processes.map(({ path: file }) => file)).toEqual(['a.py']);
    expect(counts['left out: too large']).toBe(1);
    expect(process.memoryUsage().rss - before).toBeLessThan(80 * 1024 * 1024);
  }, 120_000);

  it('takes only what the licence allows', async () => {
    const repository = new TestRepository(path.join(folder, 'gpl'));
    repository.commit('First version', { COPYING: 'GNU GENERAL PUBLIC LICENSE\nVersion 3\n', 'a.py': code(20) });
    repository.commit('Compute the third value in another way', { 'a.py': changed(3) });
    const refused = await collect([repository.folder]);
    expect([refused.processes, refused.counts]).toEqual([[], { 'repository left out: licence GPL': 1 }]);
    expect((await collect([repository.folder], { licence: 'any' })).processes).toHaveLength(1);
    expect((await collect([`${repository.folder}=me/mine`], { licence: 'GPL' })).processes[0]?.id).toMatch(
      /^git:me\/mine@/,
    );
  });

  it('takes so many of one file and of one repository', async () => {
    const repository = new TestRepository(path.join(folder, 'many'));
    repository.commit('First version', { LICENSE: mit, 'a.py': code(20), 'b.py': code(20) });
    for (let i = 0; i < 6; i++) repository.commit(`Compute the value ${i} in another way`, { 'a.py': changed(i) });
    expect((await collect([repository.folder], { maxPerFile: 2 })).processes).toHaveLength(2);
    expect((await collect([repository.folder], { maxPerRepository: 3 })).processes).toHaveLength(3);
    expect((await collect([repository.folder], { maxChangedLines: 1 })).processes).toHaveLength(0);
  });

  it('goes on where files are missing or damaged that git would look into', async () => {
    const repository = new TestRepository(path.join(folder, 'damaged'));
    repository.commit('First version', { LICENSE: mit, 'a.py': code(20), 'b.py': code(20) });
    repository.commit('Compute the third value in another way', { 'a.py': changed(3) });
    repository.git('rm', '-q', 'b.py');
    repository.commit('Give the second file another name', { 'c.py': changed(9) });
    repository.commit('Compute the fourth value in another way', { 'a.py': changed(4) });
    const blob = (name: string) => repository.git('rev-parse', name).trim();
    for (const hash of [blob('HEAD~2:b.py'), blob('HEAD~2:a.py')]) {
      rmSync(path.join(repository.folder, '.git', 'objects', hash.slice(0, 2), hash.slice(2)));
    }
    const { processes, counts } = await collect([repository.folder]);
    expect(processes).toEqual([]);
    expect(counts).toMatchObject({
      commits: 4,
      'repositories whose renames could not all be followed': 1,
      'left out: not all of it is in this clone': 2,
    });
  });

  it('says what is wrong with what is no repository', async () => {
    const empty = new TestRepository(path.join(folder, 'empty'));
    await expect(openRepositories([path.join(folder, 'nothing')])).rejects.toThrow('no such file');
    await expect(openRepositories([empty.folder])).rejects.toThrow(/git failed in .*empty/);
    const plain = scratch();
    await expect(openRepositories([plain.folder])).rejects.toThrow('not a git repository');
    plain.remove();
    await expect(openRepositories([path.join(folder, 'gpl'), path.join(folder, 'gpl')])).rejects.toThrow(
      'name one of them',
    );
  });
});

it.each([
  ['Fix the parser for empty lines (#123)', 'Fix the parser for empty lines'],
  ['fix(parser)!: take empty lines for what they are', 'take empty lines for what they are'],
  ['[core] [net] Close the socket when it times out', 'Close the socket when it times out'],
  ['Fix #12', undefined],
  ['Merge branch main into side', undefined],
  ['Revert "Close the socket when done"', undefined],
  ['bump version to 1.2.3 for all', undefined],
  ['v1.2.3 of this very thing', undefined],
  ['wip on the new parser thing', undefined],
  ['See https://example.org/a for the reason', undefined],
  [`Words ${'and more '.repeat(50)}`, undefined],
])('the subject %j is the instruction %j', (subject, instruction) => {
  expect(instructionOf(subject)).toBe(instruction);
});

it.each([
  [mit, 'MIT'],
  ['Apache License\n   Version 2.0, January 2004', 'Apache-2.0'],
  ['Redistributions of source code must ... Neither the name of the', 'BSD-3-Clause'],
  ['GNU LESSER GENERAL PUBLIC LICENSE', 'LGPL'],
  ['All rights reserved.', 'unknown'],
])('the licence text %j is %s', (text, licence) => {
  expect(licenceOfText(text)).toBe(licence);
});
