import { mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { importModel } from '../../server/models/importModel.ts';
import { ModelStore } from '../../server/models/store.ts';
import { eventually } from '../eventually.ts';
import { tinyCursorCore } from '../fixtures/tinyCursorCore.ts';
import { EditorDocument, ServerProcess } from './client.ts';

const cache = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-damaged-'));
afterAll(() => rmSync(cache, { recursive: true, force: true }));

it('tells the user that bytes of the model changed, and goes on', async () => {
  await importModel(new ModelStore(cache), tinyCursorCore, { name: 'tiny', precision: 'fp32' });
  const file = path.join(cache, 'models', 'tiny', 'weights.bin');
  const bytes = readFileSync(file);
  // The least bit of one number changes no answer.
  bytes[4000] = (bytes[4000] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  const server = new ServerProcess(['--stdio'], cache);
  const model = { name: 'tiny', minConfidence: 0, debounceMs: 0, threads: 1 };
  await server.initialize({ settings: { engine: 'cursorcore', debounceMs: 0, model } });
  const document = new EditorDocument(server, 'file:///work/a.ts', 'const a = 1;\n');
  document.type(0, '/');
  await document.nextEdit(1);
  const expected =
    'The model tiny is damaged: weights.bin is not what was installed. Import or pull it again with --force.';
  await eventually(() => expect(server.shown.map(({ message }) => message)).toEqual([expected]));
  document.type(1, '/');
  await document.nextEdit(2);
  expect(server.shown).toHaveLength(1);
  expect(await server.stop()).toBe(0);
});
