import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InitializeResult, InlineCompletionList } from 'vscode-languageserver-protocol';
import type { Status } from '../../shared/protocol.ts';
import { eventually } from '../eventually.ts';
import { EditorDocument, fullCapabilities, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

/** One server, with a client that does what some clients do. */
let server: ServerProcess;
let initialized: InitializeResult;
const registered: unknown[] = [];
let opened = 0;

beforeAll(async () => {
  server = new ServerProcess();
  server.connection.onRequest(
    'client/registerCapability',
    ({ registrations }) => void registered.push(...registrations),
  );
  initialized = await server.request('initialize', {
    processId: null,
    rootUri: null,
    // Folders have a name in the protocol; some clients send none.
    workspaceFolders: [{ uri: 'file:///work/first' }],
    capabilities: {
      ...fullCapabilities,
      workspace: { ...fullCapabilities.workspace, didChangeConfiguration: { dynamicRegistration: true } },
    },
    initializationOptions: { ...eager, exclude: { files: ['/out/*.ts'] } },
  });
  server.notify('initialized', {});
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
});

const open = (folder = 'file:///work/first', text = source) =>
  new EditorDocument(server, `${folder}/${opened++}.ts`, text);
const excluded = async () => {
  const status = await server.request<Status>('workspace/executeCommand', { command: 'cursorcore.status' });
  return status.excluded.map(({ uri }) => uri);
};

describe('the capabilities', () => {
  it('name each kind of code action once, and that folders may change', () => {
    const { codeActionProvider, workspace } = initialized.capabilities;
    expect(codeActionProvider).toMatchObject({ codeActionKinds: ['quickfix', 'refactor.rewrite'] });
    expect(workspace?.workspaceFolders).toEqual({ supported: true, changeNotifications: true });
  });

  it('have the server registered for changes of its settings', async () => {
    await eventually(() => expect(registered).not.toEqual([]));
    expect(registered).toEqual([
      {
        id: expect.any(String),
        method: 'workspace/didChangeConfiguration',
        registerOptions: { section: 'cursorcore' },
      },
    ]);
  });
});

describe('folders of the workspace', () => {
  const event = (added: string[], removed: string[]) => ({
    event: { added: added.map((uri) => ({ uri, name: 'x' })), removed: removed.map((uri) => ({ uri })) },
  });

  it('may come and go, and documents in them are judged anew', async () => {
    const document = open('file:///work/second/out');
    expect(await excluded()).toEqual([]);
    server.notify('workspace/didChangeWorkspaceFolders', event(['file:///work/second'], ['file:///work/first']));
    expect(await excluded()).toEqual([document.uri]);
    server.notify('workspace/didChangeWorkspaceFolders', event(['file:///work/first'], ['file:///work/second']));
    server.notify('textDocument/didClose', { textDocument: { uri: document.uri } });
    const again = open('file:///work/second/out');
    expect(await excluded()).toEqual([]);
    server.notify('textDocument/didClose', { textDocument: { uri: again.uri } });
  });
});

describe('a document that was never opened', () => {
  const uri = 'file:///work/first/never.ts';
  const zero = { line: 0, character: 0 };
  const range = { start: zero, end: zero };

  it.each([
    ['textDocument/inlineCompletion', { position: zero }, { items: [] }],
    ['textDocument/copilotInlineEdit', { position: zero }, { edits: [] }],
    ['textDocument/codeAction', { range, context: { diagnostics: [] } }, []],
  ])('gets an empty answer to %s', async (method, params, answer) => {
    expect(await server.request(method, { textDocument: { uri }, ...params })).toEqual(answer);
  });

  it('gets no edits by commands, which say why', async () => {
    const run = (command: string, argument: object) =>
      server.request('workspace/executeCommand', { command, arguments: [{ textDocument: { uri }, ...argument }] });
    const refusal = { applied: false, message: expect.stringContaining('not opened this file') };
    expect(await run('cursorcore.applyNext', { position: zero })).toEqual(refusal);
    expect(await run('cursorcore.instruct', { range, instruction: 'x' })).toEqual(refusal);
  });
});

describe('code actions', () => {
  it('are listed for a client that sends an empty list of kinds', async () => {
    const document = open();
    const cursor = document.replace('loadUser', 'fetchUser');
    await document.nextEdit(cursor);
    const position = document.position(cursor);
    const actions = await server.request('textDocument/codeAction', {
      textDocument: document.identifier,
      range: { start: position, end: position },
      context: { diagnostics: [], only: [] },
    });
    expect(actions).toMatchObject([{ kind: 'quickfix' }, { kind: 'refactor.rewrite' }]);
    server.notify('textDocument/didClose', { textDocument: { uri: document.uri } });
  });
});

describe('inline completions', () => {
  /** A document in which the rest of a name is shown behind its first letter. */
  async function begun(): Promise<{ document: EditorDocument; at: number }> {
    const document = open();
    await document.nextEdit(document.replace('loadUser', 'fetchUser'));
    return { document, at: document.replace('loadUser', 'f') };
  }
  const ask = async (document: EditorDocument, position: object, selected?: object) => {
    const { items } = await server.request<InlineCompletionList>('textDocument/inlineCompletion', {
      textDocument: document.identifier,
      position,
      context: { triggerKind: 2, ...(selected ? { selectedCompletionInfo: selected } : {}) },
    });
    return items;
  };

  it('extend the completion that is selected, in its range, or are none', async () => {
    const { document, at } = await begun();
    const position = document.position(at);
    const range = { start: document.position(at - 1), end: position };
    expect(await ask(document, position, { range, text: 'fetch' })).toMatchObject([{ insertText: 'fetchUser', range }]);
    expect(await ask(document, position, { range, text: 'fetchAll' })).toEqual([]);
    const elsewhere = { start: document.position(0), end: document.position(1) };
    expect(await ask(document, position, { range: elsewhere, text: 'fetch' })).toEqual([]);
    expect(await ask(document, position)).toMatchObject([{ insertText: 'etchUser' }]);
    server.notify('textDocument/didClose', { textDocument: { uri: document.uri } });
  });

  it('name a position that the document has, whatever the client asked about', async () => {
    const document = open(undefined, source.replace('loadUser(1) + 2;', 'loadUser'));
    await document.nextEdit(document.replace('loadUser', 'fetchUser'));
    const at = document.position(document.replace('loadUser', 'f'));
    const [item] = await ask(document, { ...at, character: 2_147_483_647 });
    expect(item).toMatchObject({ insertText: 'etchUser', range: { start: at, end: at } });
    server.notify('textDocument/didClose', { textDocument: { uri: document.uri } });
  });
});
