import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { staleness } from './built.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-built-'));
  mkdirSync(path.join(folder, 'dist'));
  const sources: Record<string, string> = {};
  for (const name of ['a.ts', 'b.ts']) {
    writeFileSync(path.join(folder, name), name);
    sources[name] = createHash('sha256').update(name).digest('hex');
  }
  writeFileSync(path.join(folder, 'dist/sources.json'), JSON.stringify(sources));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('says nothing of a dist/ that was built from what is there', () => {
  expect(staleness(folder)).toBeUndefined();
});

it('says what to do where a source has changed, is gone, or nothing was built', () => {
  writeFileSync(path.join(folder, 'b.ts'), 'other');
  expect(staleness(folder)).toMatch(/dist\/ is older than its sources \(b\.ts\): run `npm run build`/);
  rmSync(path.join(folder, 'a.ts'));
  expect(staleness(folder)).toMatch(/\(a\.ts and 1 more\): run `npm run build`/);
  rmSync(path.join(folder, 'dist'), { recursive: true });
  expect(staleness(folder)).toMatch(/no whole dist\/: run `npm run build`/);
});
