import { expect, it } from 'vitest';
import { EditorDocument, ServerProcess } from './client.ts';
import { hostileInputs, write } from './hostileMessages.ts';
import { eager, source } from './sample.ts';

/** The same messages each time; FUZZ_SEED tries others, and `npm run endure:hostile` many more. */
const seed = Number(process.env.FUZZ_SEED ?? 20_261_122);

it('survives a thousand random messages in any order and still predicts', async () => {
  const server = new ServerProcess();
  await server.initialize({ settings: eager });
  let id = 1_000_000;
  const inputs = hostileInputs(seed, 1300);
  expect(inputs.filter(({ kind }) => kind === 'message').length).toBeGreaterThanOrEqual(1000);
  for (const each of inputs) write(server, each, id++);
  server.notify('workspace/didChangeConfiguration', {
    settings: { cursorcore: { ...eager, enable: true, engine: 'pattern' } },
  });
  const document = new EditorDocument(server, 'file:///work/after.ts', source);
  expect(await document.nextEdit(document.replace('loadUser', 'fetchUser'))).toBeDefined();
  expect(await server.stop()).toBe(0);
});
