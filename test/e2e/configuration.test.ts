import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.ts';
import { EditorDocument, fullCapabilities, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

const pulling = { ...fullCapabilities, workspace: { ...fullCapabilities.workspace, configuration: true } };

let server: ServerProcess;

beforeEach(() => {
  server = new ServerProcess();
});

afterEach(async () => {
  expect(await server.stop()).toBe(0);
});

const messages = () => server.shown.map(({ message }) => message);

/** Whether a next edit is offered for a fresh rename. */
let files = 0;
async function predicts(): Promise<boolean> {
  const document = new EditorDocument(server, `file:///work/${files++}.ts`, source);
  return (await document.nextEdit(document.replace('loadUser', 'fetchUser'))) !== undefined;
}

describe('initializationOptions', () => {
  it.each([
    ['the settings themselves', { nextEdit: { enable: false } }],
    ['the settings under cursorcore', { cursorcore: { nextEdit: { enable: false } } }],
    ['dotted keys', { 'cursorcore.nextEdit.enable': false }],
  ])('may be %s', async (_, settings) => {
    await server.initialize({ settings });
    expect(await predicts()).toBe(false);
    expect(messages()).toEqual([]);
  });

  it('are named where they are wrong, once, and the rest holds', async () => {
    const settings = { ...eager, debounceMs: 'soon', nextEditt: 1, editorInfo: { name: 'Neovim' } };
    await server.initialize({ settings });
    expect(await predicts()).toBe(true);
    const problems =
      'cursorcore.debounceMs: expected a whole number, 0 to 5000, but received "soon"; the default 30 is used\n' +
      'cursorcore.nextEditt: there is no such setting; it is ignored';
    expect(server.shown).toEqual([{ type: 2, message: problems }]);
    server.notify('workspace/didChangeConfiguration', { settings: { cursorcore: {} } });
    await predicts();
    expect(messages()).toHaveLength(1);
  });

  it.each([
    ['cursorcore', 'No model is installed'],
    ['remote', 'No server is named: set remote.url'],
  ])('may name the engine %s, which is not there, and that is said', async (engine, message) => {
    await server.initialize({ settings: { ...eager, engine } });
    expect(await predicts()).toBe(true);
    expect(messages()).toEqual([expect.stringContaining(message)]);
  });
});

describe('workspace/configuration', () => {
  it('is asked for, and again when it has changed', async () => {
    let nextEdit = false;
    server.connection.onRequest('workspace/configuration', ({ items }) => {
      expect(items).toEqual([{ section: 'cursorcore' }]);
      return [{ nextEdit: { enable: nextEdit } }];
    });
    await server.initialize({ settings: eager, capabilities: pulling });
    await eventually(async () => expect(await predicts()).toBe(false));
    nextEdit = true;
    server.notify('workspace/didChangeConfiguration', { settings: null });
    await eventually(async () => expect(await predicts()).toBe(true));
  });

  it.each([[[null]], [[]], [null], ['nonsense'], [[[]]]])('may be answered with %j', async (answer) => {
    server.connection.onRequest('workspace/configuration', () => answer as never);
    await server.initialize({ settings: eager, capabilities: pulling });
    expect(await predicts()).toBe(true);
  });

  it('may fail', async () => {
    await server.initialize({ settings: eager, capabilities: pulling });
    expect(await predicts()).toBe(true);
  });
});

describe('workspace/didChangeConfiguration', () => {
  it('takes settings under cursorcore, as they are, or as dotted keys', async () => {
    await server.initialize({ settings: eager });
    for (const settings of [{ cursorcore: { enable: false } }, { enable: false }, { 'cursorcore.enable': false }]) {
      server.notify('workspace/didChangeConfiguration', { settings });
      expect(await predicts(), JSON.stringify(settings)).toBe(false);
      server.notify('workspace/didChangeConfiguration', { settings: { cursorcore: { enable: true } } });
      expect(await predicts()).toBe(true);
    }
  });

  it('leaves other servers’ settings alone', async () => {
    await server.initialize({ settings: eager });
    server.notify('workspace/didChangeConfiguration', { settings: { python: { analysis: true } } });
    expect(await predicts()).toBe(true);
    expect(messages()).toEqual([]);
  });

  it('takes documents out that are to be kept out from now on', async () => {
    await server.initialize({ settings: eager });
    const document = new EditorDocument(server, 'file:///work/private.ts', source);
    const cursor = document.replace('loadUser', 'fetchUser');
    expect(await document.nextEdit(cursor)).toBeDefined();
    server.notify('workspace/didChangeConfiguration', {
      settings: { cursorcore: { exclude: { files: ['private.*'] } } },
    });
    expect(await document.nextEdit(cursor)).toBeUndefined();
  });

  it('may hold anything', async () => {
    await server.initialize({ settings: eager });
    for (const params of [undefined, {}, { settings: 5 }, { settings: { cursorcore: 5 } }, { settings: [] }]) {
      server.notify('workspace/didChangeConfiguration', params);
      expect(await predicts(), JSON.stringify(params)).toBe(true);
    }
  });
});
