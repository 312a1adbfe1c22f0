import { afterEach, beforeEach, expect, it } from 'vitest';
import { type ExplainResult, explainMethod } from '../../shared/protocol.ts';
import { EditorDocument, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

const uri = 'file:///work/users.ts';
let server: ServerProcess;

beforeEach(() => {
  server = new ServerProcess();
});

afterEach(async () => {
  expect(await server.stop()).toBe(0);
});

async function asked(settings: object): Promise<ExplainResult> {
  await server.initialize({ encodings: ['utf-16'], settings: { ...eager, ...settings } });
  const document = new EditorDocument(server, uri, source, 'utf-16');
  const cursor = document.replace('loadUser', 'fetchUser');
  return await server.request(explainMethod, { textDocument: { uri }, position: document.position(cursor) });
}

it('says what the pattern engine thought of, where the setting is on', async () => {
  const { version, engines } = await asked({ 'explain.enable': true });
  expect(version).toBe(2);
  expect(engines.map(({ engine }) => engine)).toEqual(['pattern']);
  expect(engines[0]?.explanation).toMatchObject({ kind: 'candidates' });
  expect(JSON.stringify(engines[0]?.explanation)).toContain('fetchUser');
  expect(
    await server.request(explainMethod, {
      textDocument: { uri: 'file:///other' },
      position: { line: 0, character: 0 },
    }),
  ).toEqual({ version: null, engines: [] });
});

it('is silent otherwise', async () => {
  await expect(asked({})).rejects.toThrow('explain.enable');
});
