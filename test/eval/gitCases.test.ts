import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CaseFileError, type NextEditCase } from '../../server/eval/cases.ts';
import { gitCases } from '../../server/eval/gitCases.ts';
import { nextText } from '../../server/eval/survival.ts';

const hasGit = spawnSync('git', ['--version']).status === 0;
const languageOf = (file: string) => (file.endsWith('.py') ? 'python' : '');
const lines = Array.from({ length: 40 }, (_, i) => `value_${i} = compute(${i})`);
const changed = lines.map((line, i) => (i % 12 === 3 ? line.replace('compute', 'work 😀') : line));

let repository: string;
const git = (...args: string[]) =>
  execFileSync('git', ['-C', repository, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { stdio: 'pipe' });
const commit = (files: Record<string, string>) => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(repository, name)), { recursive: true });
    writeFileSync(path.join(repository, name), text);
  }
  git('add', '-A');
  git('commit', '-qm', 'x');
};
const all = async (seed = 1): Promise<NextEditCase[]> => {
  const cases: NextEditCase[] = [];
  for await (const one of gitCases(repository, { languageOf, seed })) cases.push(one);
  return cases;
};

describe.skipIf(!hasGit)('cases cut from a git history (needs git)', () => {
  beforeAll(() => {
    repository = mkdtempSync(path.join(tmpdir(), 'cursorcore-git-'));
    git('init', '-q');
    commit({ 'src/ü.py': lines.join('\n'), 'vendor/b.py': lines.join('\n'), 'c.txt': lines.join('\n') });
    commit({ 'src/ü.py': changed.join('\n'), 'vendor/b.py': changed.join('\n'), 'c.txt': changed.join('\n') });
    // One hunk, layout alone, and a new file are no cases.
    commit({ 'src/ü.py': changed.with(0, 'first = 0').join('\n'), 'new.py': lines.join('\n') });
    commit({ 'new.py': lines.map((line, i) => (i % 12 === 3 ? `  ${line}` : line)).join('\n') });
  });
  afterAll(() => rmSync(repository, { recursive: true, force: true }));

  it('stand part-way through a commit, and at its end', async () => {
    const cases = await all();
    expect(cases.map(({ path: file, set, lang }) => [file, set, lang])).toEqual([
      ['src/ü.py', 'half-made', 'python'],
      ['src/ü.py', 'finished', 'python'],
    ]);
    const [half, whole] = cases;
    expect(half && nextText(half)).toBe(changed.join('\n'));
    expect(half?.history[0]).toBe(lines.join('\n'));
    expect(half?.remaining.length).toBe(4 - (half?.history.length ?? 0));
    expect(whole).toMatchObject({ current: changed.join('\n'), remaining: [] });
    // The cursor is behind the last line written, in code points.
    expect([...changed.join('\n')].slice(0, whole?.cursor).join('').endsWith('value_39 = work 😀(39)')).toBe(true);
  });

  it('are the same for the same seed', async () => {
    expect(await all(3)).toEqual(await all(3));
  });

  it('are not to be had where there is no repository', async () => {
    const nothing = gitCases(path.join(repository, 'none'), { languageOf, seed: 1 }).next();
    await expect(nothing).rejects.toThrow(CaseFileError);
    await expect(nothing).rejects.toThrow(/its history cannot be read: /);
  });
});
