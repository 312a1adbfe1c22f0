import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Exclusion } from '../../server/history/exclusion.ts';
import { readSmallFile } from '../../server/history/workspaceFile.ts';
import { defaultSettings } from '../../server/settings/settings.ts';

const code = 'export const one = 1;\n';
const posix = process.platform !== 'win32';
let root: string;
const inRoot = (name: string) => path.join(root, name);
const judge = (name: string, files: string[] = []) =>
  new Exclusion({ ...defaultSettings, 'exclude.files': files }).reason(pathToFileURL(inRoot(name)).href, code);

beforeEach(() => {
  root = mkdtempSync(path.join(realpathSync(tmpdir()), 'hostile-'));
  mkdirSync(inRoot('.git/info'), { recursive: true });
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

// Each of these once blocked the process for good, or until its memory was gone.
describe.runIf(posix)('a repository made to freeze whoever reads it', () => {
  it.each(['.gitignore', '.git/info/exclude', 'deep/er/.gitignore'])('%s is a link to a device without end', (name) => {
    mkdirSync(path.dirname(inRoot(name)), { recursive: true });
    symlinkSync('/dev/zero', inRoot(name));
    expect(judge('deep/er/a.ts')).toBeUndefined();
  });

  it.each(['.gitignore', '.git/info/exclude', 'linked'])('%s is a FIFO that no one writes to', (name) => {
    execFileSync('mkfifo', [inRoot(name)]);
    if (name === 'linked') symlinkSync('linked', inRoot('.gitignore'));
    expect(judge('a.ts')).toBeUndefined();
  });

  it.each(['.git', '.git/commondir'])('%s is a FIFO', (name) => {
    rmSync(inRoot('.git'), { recursive: true });
    if (name !== '.git') {
      mkdirSync(inRoot('elsewhere'));
      writeFileSync(inRoot('.git'), 'gitdir: elsewhere\n');
    }
    execFileSync('mkfifo', [inRoot(name === '.git' ? name : 'elsewhere/commondir')]);
    expect(judge('a.ts')).toBeUndefined();
  });

  it('reads a rules file no further than its limit, whatever its size is said to be', () => {
    // Regular and of size 0 by `stat`, and yet long.
    expect(readSmallFile('/proc/self/status', 64 * 1024)).toMatch(/Name:/);
    expect(readSmallFile('/proc/self/status', 64)).toBeUndefined();
  });

  it('reads links only where git does', () => {
    writeFileSync(inRoot('rules'), '*.log\n');
    symlinkSync('rules', inRoot('.gitignore'));
    expect(judge('a.log')).toBeUndefined();
    symlinkSync('../../rules', inRoot('.git/info/exclude'));
    expect(judge('a.log')).toBe('ignored by git');
  });
});

it('a `.git` file of 300 MB is no pointer to a repository', () => {
  rmSync(inRoot('.git'), { recursive: true });
  writeFileSync(inRoot('.git'), 'gitdir: ');
  truncateSync(inRoot('.git'), 300 * 1024 * 1024);
  writeFileSync(inRoot('.gitignore'), '*.log\n');
  expect(judge('a.log')).toBe('ignored by git');
  expect(judge('a.ts')).toBeUndefined();
});

// Unlimited, each of these takes longer than anyone has waited for.
describe('patterns that a regular expression backtracks over without end', () => {
  const endless = `${'**/*/'.repeat(12)}x`;
  const deep = `${'a/'.repeat(40)}b.ts`;
  const tooSlow = 'kept out, for its ignore rules take too long to match';

  it('in a repository: what cannot be told is kept out, and not tried again for every file', () => {
    writeFileSync(inRoot('.gitignore'), `*.log\n${endless}\n`);
    const exclusion = new Exclusion(defaultSettings);
    const reason = (name: string) => exclusion.reason(pathToFileURL(inRoot(name)).href, code);
    expect(reason(deep)).toBe(tooSlow);
    expect(reason('other.ts')).toBe(tooSlow);
  });

  it('in the settings', () => {
    expect(judge(deep, [endless])).toBe(tooSlow);
    expect(judge('b.ts', [endless])).toBeUndefined();
  });

  it('a name of a million folders', () => {
    expect(judge('a/'.repeat(1_000_000))).toBe('its name is too long');
  });
});
