import { PassThrough } from 'node:stream';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createMessageConnection,
  type MessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import type { CodeAction } from 'vscode-languageserver-protocol';
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
async function start(
  engine: ManualEngine,
  capabilities: object = {},
  ...others: ManualEngine[]
): Promise<{ client: MessageConnection; shown: string[] }> {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  const server = createServer({ input: toServer, output: toClient, version: '0', log: new Log() }, async () => ({
    engines: [engine, ...others],
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
    capabilities: {
      window: { workDoneProgress: true },
      workspace: { applyEdit: true, workspaceEdit: { documentChanges: true } },
      ...capabilities,
    },
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

it('gives the engine the path in the workspace, the history, the edits and the target', async () => {
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
    edits: [[{ start: 4, removed: 'a', inserted: 'b' }]],
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

describe('an edit that is to be applied', () => {
  const args = { textDocument: { uri }, position };

  it('is not sent to a client that does not say that it applies any', async () => {
    const engine = new ManualEngine();
    engine.supportsInstructions = true;
    const { client, shown } = await start(engine, { workspace: {} });
    const asked: unknown[] = [];
    client.onRequest('workspace/applyEdit', (params) => void asked.push(params));
    const done = run(client, 'cursorcore.applyNext', args);
    (await engineCall(engine)).answer([{ start: 0, end: 3, newText: 'var' }]);
    expect(await done).toMatchObject({ applied: false, message: expect.stringContaining('applies no edits') });
    expect(shown).toHaveLength(1);
    expect(asked).toEqual([]);
    // Nor is it offered what would end so.
    const diagnostics = [{ range: { start: position, end: position }, message: 'wrong' }];
    const list = { textDocument: { uri }, range: { start: position, end: position }, context: { diagnostics } };
    const actions = await client.sendRequest<CodeAction[]>('textDocument/codeAction', list);
    expect(actions.map(({ title }) => title)).toEqual([expect.stringContaining('Apply predicted edit')]);
  });
});

describe('a reply in words', () => {
  const args = { textDocument: { uri }, range: { start: position, end: position }, instruction: 'why?' };

  it.each([
    ['is shown', {}, ['Because.']],
    ['is left to a client that shows it itself', { experimental: { cursorcore: { chat: true } } }, []],
  ])('%s', async (_, capabilities, messages) => {
    const engine = new ManualEngine();
    engine.supportsInstructions = true;
    const { client, shown } = await start(engine, capabilities);
    const done = run(client, 'cursorcore.instruct', args);
    (await engineCall(engine)).answer([], { chat: 'Because.' });
    expect(await done).toEqual({ applied: false, chat: 'Because.' });
    expect(shown).toEqual(messages);
  });
});

describe('code actions', () => {
  const diagnostic = { range: { start: position, end: { line: 0, character: 3 } }, message: 'Use\n  const.', code: 7 };
  const list = (client: MessageConnection, context: object = {}) =>
    client.sendRequest<CodeAction[]>('textDocument/codeAction', {
      textDocument: { uri },
      range: { start: position, end: position },
      context: { diagnostics: [], triggerKind: 2, ...context },
    });

  it('fix diagnostics with an engine that takes instructions, which is asked only once one is run', async () => {
    const engine = new ManualEngine();
    engine.supportsInstructions = true;
    const { client } = await start(engine);
    client.onRequest('workspace/applyEdit', () => ({ applied: true }));
    const broken = [null, 7, { message: 'nowhere' }];
    const actions = await list(client, { diagnostics: [...broken, diagnostic], only: ['quickfix'] });
    expect(actions).toMatchObject([{ title: 'Fix: Use const.', kind: 'quickfix', diagnostics: [diagnostic] }]);
    expect(engine.calls).toHaveLength(0);
    // Some clients have every action resolved.
    const resolved = await client.sendRequest<CodeAction>('codeAction/resolve', actions[0]);
    const done = client.sendRequest('workspace/executeCommand', resolved.command);
    const call = await engineCall(engine);
    expect(call.conversation).toMatchObject({
      instruction: 'Use\n  const.',
      target: { kind: 'selection', start: 0, end: 3 },
    });
    call.answer([{ start: 0, end: 3, newText: 'const' }]);
    expect(await done).toEqual({ applied: true });
  });

  it('fix nothing where no engine takes instructions, or other kinds are wanted', async () => {
    const engine = new ManualEngine();
    const { client } = await start(engine);
    expect(await list(client, { diagnostics: [diagnostic] })).toEqual([]);
    engine.supportsInstructions = true;
    expect(await list(client, { diagnostics: [diagnostic], only: ['refactor'] })).toEqual([]);
  });

  it('ask for the rest of a prediction when all of it is wanted', async () => {
    const engine = new ManualEngine();
    const { client } = await start(engine);
    const applied: unknown[] = [];
    client.onRequest('workspace/applyEdit', (params) => {
      applied.push(params);
      return { applied: true };
    });
    const asked = ask(client);
    const [one, two] = [
      { start: 0, end: 3, newText: 'var' },
      { start: 7, end: 7, newText: 'b;' },
    ];
    (await engineCall(engine)).answer([one], { partial: true });
    await asked;
    // This client does not resolve edits, so that the action is a command.
    const [, all] = await list(client);
    expect(all).toMatchObject({ title: 'Apply all predicted edits in this file', kind: 'refactor.rewrite' });
    expect(all?.edit).toBeUndefined();
    const done = client.sendRequest('workspace/executeCommand', all?.command);
    (await engineCall(engine, 2)).answer([one, two]);
    expect(await done).toEqual({ applied: true });
    const edits = [{ newText: 'var' }, { newText: 'b;' }];
    expect(applied).toMatchObject([{ edit: { documentChanges: [{ textDocument: { uri, version: 3 }, edits }] } }]);
  });

  it('resolve to all of a prediction for a client that can', async () => {
    const engine = new ManualEngine();
    const codeAction = { dataSupport: true, resolveSupport: { properties: ['edit'] } };
    const { client } = await start(engine, { textDocument: { codeAction } });
    const asked = ask(client);
    (await engineCall(engine)).answer([{ start: 0, end: 3, newText: 'var' }], { partial: true });
    await asked;
    const [, all] = await list(client);
    const resolved = client.sendRequest<CodeAction>('codeAction/resolve', all);
    const finish = await engineCall(engine, 2);
    finish.fail(new EngineError('died'));
    expect(await resolved).toMatchObject({ edit: { documentChanges: [{ edits: [{ newText: 'var' }] }] } });
  });

  it('do not wait long for a prediction: one of them does', async () => {
    const engine = new ManualEngine();
    const { client } = await start(engine);
    client.onRequest('workspace/applyEdit', () => ({ applied: true }));
    const listed = list(client, { triggerKind: 1 });
    const call = await engineCall(engine);
    const [later] = await listed;
    expect(later).toMatchObject({ title: 'Predict the next edit and apply it', kind: 'quickfix' });
    const done = client.sendRequest('workspace/executeCommand', later?.command);
    call.answer([{ start: 0, end: 3, newText: 'var' }]);
    expect(await done).toEqual({ applied: true });
    expect(engine.calls).toHaveLength(1);
  });
});

describe('a slower engine', () => {
  it.each([
    ['is told of to a client that wants to know', { experimental: { cursorcore: { refresh: true } } }, 1],
    ['is not told of to others', {}, 0],
  ])('%s', async (_, capabilities, count) => {
    const [fast, slow] = [new ManualEngine('fast'), new ManualEngine('slow')];
    const { client } = await start(fast, capabilities, slow);
    const told: unknown[] = [];
    client.onNotification('cursorcore/refresh', (params) => void told.push(params));
    const asked = ask(client);
    (await engineCall(fast)).answer([{ start: 0, end: 3, newText: 'var' }]);
    expect(await asked).toMatchObject({ edits: [{ text: 'var' }] });
    (await engineCall(slow)).answer([{ start: 5, end: 5, newText: 'b' }]);
    const completion = () =>
      client.sendRequest('textDocument/inlineCompletion', {
        textDocument: { uri },
        position: { line: 0, character: 5 },
      });
    await eventually(async () => expect(await completion()).toMatchObject({ items: [{ insertText: 'b' }] }));
    expect(told).toEqual(Array(count).fill({ textDocument: { uri, version: 3 } }));
  });
});
