import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ProtocolConnection, ResponseError } from 'vscode-languageserver';
import {
  createProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';
import { Log } from '../../../server/lsp/log.ts';
import { checkedConnection } from '../../../server/lsp/transport/checkedConnection.ts';
import { eventually } from '../../eventually.ts';

let client: ProtocolConnection;
let server: ProtocolConnection;
let refused: unknown[];

beforeEach(() => {
  const [toServer, toClient] = [new PassThrough(), new PassThrough()];
  refused = [];
  client = createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
  server = checkedConnection(
    createProtocolConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toClient)),
    new Log(),
    (params, problem) => void refused.push([params, problem]),
  );
  client.listen();
  server.listen();
});

afterEach(() => {
  client.dispose();
  server.dispose();
});

describe('a request', () => {
  it.each([[undefined], [null], [{ command: 1 }]])('with %j for parameters is InvalidParams', async (params) => {
    server.onRequest('workspace/executeCommand', () => 'done');
    const method = 'workspace/executeCommand';
    const asked = params === undefined ? client.sendRequest(method) : client.sendRequest(method, params);
    await expect(asked).rejects.toMatchObject({ code: -32602 });
    expect(await client.sendRequest(method, { command: 'x' })).toBe('done');
  });

  it('reaches the handler with what the schema knows, and nothing else', async () => {
    server.onRequest('workspace/executeCommand', (params) => params);
    const sent = { command: 'x', arguments: [1], workDoneToken: 2 };
    expect(await client.sendRequest('workspace/executeCommand', sent)).toEqual({ command: 'x', arguments: [1] });
  });

  it.each([
    ['InternalError where its handler throws', new Error('text of a document'), -32603, 'x/y failed'],
    ['the error that its handler throws for it', new ResponseError(-32801, 'changed'), -32801, 'changed'],
  ])('gets %s', async (_, error, code, message) => {
    server.onRequest('x/y', () => {
      throw error;
    });
    await expect(client.sendRequest('x/y', {})).rejects.toMatchObject({ code, message });
  });
});

describe('a notification', () => {
  it('that cannot be handled is handed on as it is, and the next one is handled', async () => {
    const handled: unknown[] = [];
    server.onNotification('textDocument/didClose', ({ textDocument }) => {
      if (textDocument.uri === 'bad') throw new Error('bad');
      handled.push(textDocument.uri);
    });
    const wrong = { textDocument: { uri: 1 } };
    const bad = { textDocument: { uri: 'bad' } };
    for (const params of [wrong, bad, { textDocument: { uri: 'a' } }]) {
      await client.sendNotification('textDocument/didClose', params);
    }
    await eventually(() => expect(handled).toEqual(['a']));
    expect(refused).toEqual([
      [wrong, expect.stringContaining('textDocument.uri must be string')],
      [bad, 'textDocument/didClose failed'],
    ]);
  });
});
