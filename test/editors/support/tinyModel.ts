import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { tinyCursorCore } from '../../fixtures/tinyCursorCore.ts';
import { repository } from './neovim.ts';

/** Has the small model of the tests installed, as `tiny`, for the tests around: gives their `CURSORCORE_CACHE`. */
export function tinyModelCache(): string {
  const cache = mkdtempSync(join(realpathSync(tmpdir()), 'cursorcore-model-'));
  beforeAll(() => {
    const args = [join(repository, 'dist/main.js'), 'model', 'import', tinyCursorCore, '--name', 'tiny'];
    execFileSync(process.execPath, [...args, '--precision', 'fp32'], {
      env: { ...process.env, CURSORCORE_CACHE: cache },
      stdio: 'pipe',
    });
  }, 60_000);
  afterAll(() => rmSync(cache, { recursive: true, force: true }));
  return cache;
}
