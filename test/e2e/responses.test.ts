import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { eventually } from '../eventually.ts';
import { EditorDocument, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

let server: ServerProcess;
let document: EditorDocument;
/** The ids of the server's requests to apply an edit, which the client does not answer by itself. */
const ids: number[] = [];
let tests = 0;

beforeAll(async () => {
  server = new ServerProcess();
  server.connection.onRequest('workspace/applyEdit', () => new Promise(() => {}));
  let received = '';
  server.child.stdout?.on('data', (data: Buffer) => {
    received += data.toString();
    ids.length = 0;
    for (const [, id] of received.matchAll(/"id":(\d+),"method":"workspace\/applyEdit"/g)) ids.push(Number(id));
  });
  await server.initialize({ settings: eager });
});
beforeEach(() => {
  document = new EditorDocument(server, `file:///work/users${tests++}.ts`, source);
});
afterAll(() => server.kill());

/** Runs a command that has an edit applied. Gives the id of the request for that, and what the command answers. */
async function applyNext(
  cancellation = new CancellationTokenSource(),
): Promise<{ id: number; done: Promise<unknown> }> {
  const count = ids.length;
  const position = document.position(document.replace('loadUser', 'fetchUser'));
  const params = { command: 'cursorcore.applyNext', arguments: [{ textDocument: { uri: document.uri }, position }] };
  const done = server.connection
    .sendRequest('workspace/executeCommand', params, cancellation.token)
    .catch((error: unknown) => error);
  await eventually(() => expect(ids).toHaveLength(count + 1));
  return { id: ids[count] ?? Number.NaN, done };
}

describe('a response of the client', () => {
  it.each([
    ['neither result nor error', {}],
    ['a null result and an error', { result: null, error: { code: -32603, message: 'no' } }],
    ['a result and an error', { result: { applied: true }, error: { code: 1, message: 'no' } }],
    ['an error that is text', { error: 'no' }],
    ['an error that is a list', { error: [1] }],
    ['an error without code and message', { error: {} }],
    ['an error whose code is text', { error: { code: 'E', message: 7 } }],
    ['an error and a string for an id', { error: { code: 1, message: 'no' } }, String],
  ] as const)('with %s fails the request at once', async (_, response, idAs: (id: number) => unknown = Number) => {
    const { id, done } = await applyNext();
    server.writeBody(JSON.stringify({ jsonrpc: '2.0', id: idAs(id), ...response }));
    expect(await done).toEqual({ applied: false, message: 'The editor did not apply the edit.' });
    expect(await document.nextEdit(0)).toBeDefined();
  });

  it('with a result and a null error is a result', async () => {
    const { id, done } = await applyNext();
    server.writeBody(JSON.stringify({ jsonrpc: '2.0', id, result: { applied: true }, error: null }));
    expect(await done).toEqual({ applied: true });
  });

  it('that never comes leaves the command, which ends once it is cancelled', async () => {
    const cancellation = new CancellationTokenSource();
    const { done } = await applyNext(cancellation);
    cancellation.cancel();
    expect(await done).toMatchObject({ code: -32800 });
    expect(await document.nextEdit(0)).toBeDefined();
  });
});
