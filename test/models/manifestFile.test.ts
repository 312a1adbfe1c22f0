import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../server/models/store/manifestFile.ts';
import { StoreError } from '../../server/models/store/storeError.ts';
import { temporaryFolder } from './storeSupport.ts';

const hasPipes = process.platform !== 'win32' && spawnSync('mkfifo', ['--version']).error === undefined;

describe('a model.json that is none', () => {
  async function refusal(make: (file: string) => void): Promise<string> {
    const folder = temporaryFolder();
    make(path.join(folder, 'model.json'));
    const error: unknown = await readManifest(folder, 'x').catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(StoreError);
    return (error as Error).message;
  }

  it('is not read without end', async () => {
    expect(await refusal((file) => mkdirSync(file))).toMatch(/cannot be read: it is a folder; import or pull it again/);
    const large = await refusal((file) => {
      writeFileSync(file, '');
      truncateSync(file, 2 ** 33);
    });
    expect(large).toContain('it has 8589934592 bytes');
  });

  it.runIf(hasPipes)('is not waited for', async () => {
    expect(await refusal((file) => spawnSync('mkfifo', [file]))).toContain('it is no file');
    expect(await refusal((file) => symlinkSync('/dev/zero', file))).toContain('it is no file');
  });
});
