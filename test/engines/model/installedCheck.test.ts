import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { InstalledCheck } from '../../../server/engines/model/installedCheck.ts';
import { importModel } from '../../../server/models/importModel.ts';
import { ModelStore } from '../../../server/models/store.ts';
import { eventually } from '../../eventually.ts';
import { temporaryFolder } from '../../models/storeSupport.ts';
import { writeTinyFolder } from '../../models/tinyFolder.ts';

/** An installed model, and the words of its check. */
async function installed() {
  const root = temporaryFolder();
  await importModel(new ModelStore(root), writeTinyFolder(path.join(temporaryFolder(), 'tiny')), {});
  const folder = path.join(root, 'models', 'tiny');
  const [logged, notices]: [string[], string[]] = [[], []];
  const check = new InstalledCheck(folder, {
    log: (message) => logged.push(message),
    notify: (message) => notices.push(message),
  });
  /** A load and its first answer, after which so many lines have been logged. */
  const use = async (lines: number) => {
    check.loaded();
    check.answered();
    check.answered();
    await eventually(() => expect(logged).toHaveLength(lines));
  };
  return { folder, logged, notices, use };
}

it('says of changed bytes that the model is damaged, though size and time are as they were', async () => {
  const { folder, logged, notices, use } = await installed();
  const file = path.join(folder, 'weights.bin');
  const { atime, mtime } = statSync(file);
  const bytes = readFileSync(file);
  bytes[100] = (bytes[100] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  utimesSync(file, atime, mtime);
  await use(1);
  expect(logged[0]).toMatch(/files of the model checked in \d+ ms, 1 changed$/);
  expect(notices).toEqual([
    'The model tiny is damaged: weights.bin is not what was installed. Import or pull it again with --force.',
  ]);
});

it('reads whole files once, and again after they were touched', async () => {
  const { folder, logged, notices, use } = await installed();
  await use(1);
  await use(1);
  const file = path.join(folder, 'tokenizer.json');
  writeFileSync(file, `${readFileSync(file, 'utf8')} `);
  await use(2);
  expect(logged.map((line) => line.replace(/\d+ ms/, ''))).toMatchObject(
    [/ 0 changed$/, / 1 changed$/].map((words) => expect.stringMatching(words)),
  );
  expect(notices).toHaveLength(1);
});

it('is only logged where the files cannot be read', async () => {
  const { folder, logged, notices, use } = await installed();
  writeFileSync(path.join(folder, 'model.json'), '{');
  await use(1);
  expect(logged[0]).toContain(
    "the model's files were not checked: the model tiny is damaged: its model.json is not JSON",
  );
  expect(notices).toEqual([]);
});
