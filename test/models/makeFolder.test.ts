import { existsSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeFolder } from '../../server/models/store/makeFolder.ts';
import { StoreError } from '../../server/models/store/storeError.ts';
import { temporaryFolder } from './storeSupport.ts';

describe('makeFolder', () => {
  it('makes what is missing, once or at the same time', async () => {
    const folder = path.join(temporaryFolder(), 'a', 'b', 'c');
    await Promise.all([makeFolder(folder), makeFolder(folder), makeFolder(path.join(folder, 'd'))]);
    await makeFolder(folder);
    expect(statSync(path.join(folder, 'd')).isDirectory()).toBe(true);
  });

  it('leaves a file or a link to nowhere as it is', async () => {
    const root = temporaryFolder();
    writeFileSync(path.join(root, 'file'), '');
    symlinkSync(path.join(root, 'nowhere'), path.join(root, 'link'));
    await expect(makeFolder(path.join(root, 'file'))).rejects.toThrow('EEXIST');
    await expect(makeFolder(path.join(root, 'file', 'a'))).rejects.toThrow('ENOTDIR');
    await expect(makeFolder(path.join(root, 'link'))).rejects.toThrow('EEXIST');
  });

  it.runIf(existsSync('/proc/self'))('does not try forever where no folder can be', async () => {
    await expect(makeFolder('/proc/nothing/models')).rejects.toThrow(
      '/proc/nothing cannot be made: its disk takes no folders; set CURSORCORE_CACHE to another folder',
    );
    await expect(makeFolder('/proc/nothing')).rejects.toThrow(StoreError);
  });
});
