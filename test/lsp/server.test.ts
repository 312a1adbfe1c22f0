import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { EngineError } from '../../server/engines/engine.ts';
import { createServer } from '../../server/lsp/create.ts';
import { Log } from '../../server/lsp/log.ts';
import { eventually } from '../eventually.ts';
import { ManualEngine } from '../prediction/engineDouble.ts';

const uri = 'file:///work/a.ts';
const position = { line: 0, character: 0 };

let end: (() => Promise<void>) | undefined;

afterEach(async () => {
  await end?.();
  end = undefined;
});

/** A server in this process, with an engine whose answers the test gives, and its client. */
async function start(engine: ManualEngine): Promise<{ client: MessageConnection; shown: string[] }> {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const server = createServer({ input: toServer, output: toClient, version: '0', log: new Log() }, async () => ({
    engines: [engine],
    notices: [],
  }));
  const exited = server.listen();
  const client = createMessageConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
  const shown: string[] = [];
  client.onNotification('window/showMessage', ({ message }) => void shown.push(message));
  client.listen();
  await client.sendRequest('initialize', {
    processId: null,
    rootUri: 'file:///work',
    capabilities: { window: { workDoneProgress: true }, workspace: { workspaceEdit: { documentChanges: true } } },
    initializationOptions: { debounceMs: 0 },
  });
  await client.sendNotification('initialized', {});
  await client.sendNotification('textDocument/didOpen', {
    textDocument: { uri, languageId: 'typescript', version: 3, text: 'let a;\n' },
  });
  end = async () => {
    await client.sendNotification('exit');
    await exited;
    client.dispose();
  };
  return { client, shown };
}

const ask = (client: MessageConnection) =>
  client.sendRequest('textDocument/copilotInlineEdit', { textDocument: { uri }, position });
const run = (client: MessageConnection, command: string, args: object) =>
  client.sendRequest('workspace/executeCommand', { command, arguments: [args] });

async function engineCall(engine: ManualEngine, count = 1) {
  await eventually(() => expect(engine.calls).toHaveLength(count));
  const call = engine.calls[count - 1];
  if (!call) throw new Error('no call');
  return call;
}

describe('an engine that takes its time', () => {
  it('has its progress shown, from begin to end', async () => {
    const engine = new ManualEngine();
    const { client } = await start(engine);
    const progress: unknown[] = [];
    client.onRequest('window/workDoneProgress/create', ({ token }) => void progress.push(['create', token]));
    client.onNotification('$/progress', ({ token, value }) => void progress.push([value.kind, token]));
    const asked = ask(client);
    const call = await engineCall(engine);
    await eventually(() => expect(progress).toHaveLength(2));
    call.answer([{ start: 0, end: 3, newText: 'var' }]);
    expect(await asked).toMatchObject({ edits: [{ text: 'var', textDocument: { version: 3 } }] });
    await eventually(() => expect(progress).toHaveLength(3));
    const token = expect.any(String);
    expect(progress).toEqual([
      ['create', token],
      ['begin', token],
      ['end', token],
    ]);
  });

  it('is stopped when the user cancels the progress', async () => {
    const engine = new ManualEngine();
    const { client, shown } = await start(engine);
    let token: unknown;
    client.onRequest('window/workDoneProgress/create', (params) => {
      token = params.token;
    });
    const asked = ask(client);
    const call = await engineCall(engine);
    await eventually(() => expect(token).toBeDefined());
    await eventually(async () => {
      await client.sendNotification('window/workDoneProgress/cancel', { token });
      expect(call.signal.aborted).toBe(true);
    });
    expect(await asked).toEqual({ edits: [] });
    expect(shown).toEqual([]);
  });

  it('is stopped when the client cancels the request', async () => {
    const engine = new ManualEngine();
    const { client } = await start(engine);
    const asked = client
      .sendRequest('textDocument/copilotInlineEdit', { textDocument: { uri }, position })
      .catch((error) => error);
    const call = await engineCall(engine);
    // The connection counts its requests from 0; `initialize` was the first.
    await client.sendNotification('$/cancelRequest', { id: 1 });
    expect(await asked).toMatchObject({ code: -32800 });
    expect(call.signal.aborted).toBe(true);
  });
});

it('shows a failing engine’s message once', async () => {
  const engine = new ManualEngine();
  const { client, shown } = await start(engine);
  for (const version of [4, 5]) {
    const asked = ask(client);
    (await engineCall(engine, version - 3)).fail(new EngineError('Run this to repair it.'));
    expect(await asked).toEqual({ edits: [] });
    await client.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ text: `${version}` }],
    });
  }
  expect(shown).toEqual(['Run this to repair it.']);
});

it('gives the engine the path in the workspace, the history and the target', async () => {
  const engine = new ManualEngine();
  const { client } = await start(engine);
  await client.sendNotification('textDocument/didChange', {
    textDocument: { uri, version: 4 },
    contentChanges: [{ text: 'let b;\n' }],
  });
  const asked = ask(client);
  const call = await engineCall(engine);
  expect(call.conversation).toEqual({
    path: 'a.ts',
    languageId: 'typescript',
    history: ['let a;\n'],
    current: 'let b;\n',
    target: { kind: 'cursor', offset: 0 },
  });
  call.answer([]);
  await asked;
});

describe('instruct', () => {
  const range = { start: position, end: { line: 0, character: 5 } };
  const args = { textDocument: { uri }, range, instruction: 'use const' };

  function able(): ManualEngine {
    const engine = new ManualEngine();
    engine.supportsInstructions = true;
    return engine;
  }

  it('has the client apply the edits, for the version they were made for', async () => {
    const engine = able();
    const { client } = await start(engine);
    const applied: unknown[] = [];
    client.onRequest('workspace/applyEdit', (params) => {
      applied.push(params);
      return { applied: true };
    });
    const done = run(client, 'cursorcore.instruct', args);
    const call = await engineCall(engine);
    expect(call.conversation).toMatchObject({
      instruction: 'use const',
      target: { kind: 'selection', start: 0, end: 5 },
    });
    call.answer([{ start: 0, end: 3, newText: 'const' }]);
    expect(await done).toEqual({ applied: true });
    const edits = [{ range: { start: position, end: { line: 0, character: 2 } }, newText: 'cons' }];
    expect(applied).toEqual([
      { label: 'use const', edit: { documentChanges: [{ textDocument: { uri, version: 3 }, edits }] } },
    ]);
  });

  it.each([
    [
      'the engine proposes nothing',
      'proposes no change',
      (call: Awaited<ReturnType<typeof engineCall>>) => call.answer([]),
    ],
    [
      'the engine fails',
      'engine failed',
      (call: Awaited<ReturnType<typeof engineCall>>) => call.fail(new EngineError('no')),
    ],
  ])('says so when %s', async (_, message, act) => {
    const engine = able();
    const { client, shown } = await start(engine);
    const done = run(client, 'cursorcore.instruct', args);
    act(await engineCall(engine));
    expect(await done).toMatchObject({ applied: false, message: expect.stringContaining(message) });
    expect(shown.at(-1)).toContain(message);
  });
});
