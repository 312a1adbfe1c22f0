import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import { EditorDocument, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

let server: ServerProcess;
let document: EditorDocument;
/** The id of the server's request to apply an edit, which the client does not answer. */
let asked: Promise<number>;

beforeEach(async () => {
  server = new ServerProcess();
  server.connection.onRequest('workspace/applyEdit', () => new Promise(() => {}));
  asked = new Promise((resolve) => {
    let received = '';
    server.child.stdout?.on('data', (data: Buffer) => {
      received += data.toString();
      const [, id] = /"id":(\d+),"method":"workspace\/applyEdit"/.exec(received) ?? [];
      if (id !== undefined) resolve(Number(id));
    });
  });
  await server.initialize({ settings: eager });
  document = new EditorDocument(server, 'file:///work/users.ts', source);
});
afterEach(() => server.kill());

/** Runs a command that has an edit applied. */
function applyNext(cancellation = new CancellationTokenSource()): Promise<unknown> {
  const position = document.position(document.replace('loadUser', 'fetchUser'));
  const params = { command: 'cursorcore.applyNext', arguments: [{ textDocument: { uri: document.uri }, position }] };
  return server.connection
    .sendRequest('workspace/executeCommand', params, cancellation.token)
    .catch((error: unknown) => error);
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
    const done = applyNext();
    server.writeBody(JSON.stringify({ jsonrpc: '2.0', id: idAs(await asked), ...response }));
    expect(await done).toEqual({ applied: false, message: 'The editor did not apply the edit.' });
    expect(await document.nextEdit(0)).toBeDefined();
  });

  it('with a result and a null error is a result', async () => {
    const done = applyNext();
    server.writeBody(JSON.stringify({ jsonrpc: '2.0', id: await asked, result: { applied: true }, error: null }));
    expect(await done).toEqual({ applied: true });
  });

  it('that never comes leaves the command, which ends once it is cancelled', async () => {
    const cancellation = new CancellationTokenSource();
    const done = applyNext(cancellation);
    await asked;
    cancellation.cancel();
    expect(await done).toMatchObject({ code: -32800 });
    expect(await document.nextEdit(0)).toBeDefined();
  });
});
