import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { EditorDocument, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

let server: ServerProcess | undefined;
const folder = mkdtempSync(path.join(tmpdir(), 'cursorcore-'));

afterEach(() => {
  server?.kill();
  server = undefined;
});

function start(args?: readonly string[]): ServerProcess {
  server = new ServerProcess(args);
  return server;
}

describe('the end', () => {
  it('is exit code 0 after shutdown and exit', async () => {
    const running = start();
    await running.initialize();
    expect(await running.stop()).toBe(0);
  });

  it('is exit code 1 for an exit without a shutdown, with predictions under way', async () => {
    const running = start();
    await running.initialize({ settings: eager });
    const document = new EditorDocument(running, 'file:///work/a.ts', source);
    document.replace('loadUser', 'fetchUser');
    document.nextEdit(0).catch(() => {});
    running.notify('exit');
    expect(await running.exited()).toBe(1);
  });

  it('is exit code 1 for an exit before initialize', async () => {
    const running = start();
    running.notify('exit');
    expect(await running.exited()).toBe(1);
  });

  it.each([
    ['1 when the client closes the stream', false, 1],
    ['0 when it does so after shutdown', true, 0],
  ])('is exit code %s', async (_, shutdown, code) => {
    const running = start();
    await running.initialize();
    if (shutdown) await running.request('shutdown');
    running.child.stdin?.end();
    expect(await running.exited()).toBe(code);
  });

  it('comes when the client stops reading and is gone', async () => {
    const running = start();
    await running.initialize();
    running.child.stdout?.destroy();
    running.child.stdin?.destroy();
    expect(await running.exited()).toBe(1);
  });

  it('comes when the process that the client named is gone, though the stream stays open', async () => {
    const parent = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const running = start();
    await running.request('initialize', { processId: parent.pid, rootUri: null, capabilities: {} });
    parent.kill('SIGKILL');
    expect(await running.exited()).toBe(1);
  });

  it('does not come because that process cannot be seen from the start, as from a container', async () => {
    const gone = spawn(process.execPath, ['-e', '']);
    await once(gone, 'exit');
    const running = start();
    await running.request('initialize', { processId: gone.pid, rootUri: null, capabilities: {} });
    running.notify('initialized', {});
    // Longer than it takes to see that a process is gone.
    await expect(Promise.race([running.exited(), sleep(4000, 'serves')])).resolves.toBe('serves');
    expect(await running.stop()).toBe(0);
  });
});

describe('requests out of turn', () => {
  it('get the protocol’s errors', async () => {
    const running = start();
    const ask = () => running.request('textDocument/codeAction', {});
    await expect(ask()).rejects.toMatchObject({ code: -32002 });
    await running.initialize();
    await expect(running.request('initialize', { processId: null, capabilities: {} })).rejects.toMatchObject({
      code: -32600,
    });
    await running.request('shutdown');
    await expect(ask()).rejects.toMatchObject({ code: -32600 });
    running.notify('exit');
    expect(await running.exited()).toBe(0);
  });

  it.each([[{}], [{ capabilities: null }], [{ capabilities: {}, processId: 'x' }]])(
    'initialize with %j is refused, and the server stays',
    async (params) => {
      const running = start();
      await expect(running.request('initialize', params)).rejects.toMatchObject({ code: -32602 });
      running.notify('exit');
      expect(await running.exited()).toBe(1);
    },
  );
});

describe.each([
  ['--socket', () => ({ listen: { port: 0, host: '127.0.0.1' } })],
  ['--pipe', () => ({ listen: { path: path.join(folder, 'server.sock') } })],
])('%s', (option, address) => {
  it('connects to a client that listens', async () => {
    const listener = createServer();
    const connected = once(listener, 'connection');
    const { listen } = address();
    listener.listen(listen);
    await once(listener, 'listening');
    const at = listener.address();
    const running = start([option, typeof at === 'string' ? at : String(at?.port)]);
    const [socket] = (await connected) as [Socket];
    const connection = createMessageConnection(new StreamMessageReader(socket), new StreamMessageWriter(socket));
    connection.listen();
    expect(
      await connection.sendRequest('initialize', { processId: null, rootUri: null, capabilities: {} }),
    ).toHaveProperty('capabilities');
    expect(await connection.sendRequest('shutdown')).toBeNull();
    await connection.sendNotification('exit');
    expect(await running.exited()).toBe(0);
    connection.dispose();
    socket.destroy();
    listener.close();
  });
});

it('--log-file gets what the server does, and nothing of what documents hold', async () => {
  const file = path.join(folder, 'logs', 'server.log');
  const running = start(['--stdio', '--log-file', file]);
  await running.initialize({ settings: eager });
  const document = new EditorDocument(running, 'file:///work/a.ts', source);
  const next = await document.nextEdit(document.replace('loadUser', 'fetchUser'));
  if (next) await document.accept(next);
  running.notify('textDocument/didChange', { textDocument: { uri: 1, text: 'loadUser' }, contentChanges: 'loadUser' });
  running.writeBody('{"text": "loadUser"');
  running.writeRaw('loadUser\r\n\r\n');
  expect(await running.stop()).toBe(0);
  const log = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  expect(log).toMatch(/^\d{4}-\d\d-\d\dT.* info {2}cursorcore-lsp .* serves/m);
  expect(log).toMatch(/debug file:\/\/\/work\/a\.ts: (1 edit|\d+ edits) predicted by pattern in/);
  expect(log).toMatch(/warn {2}malformed message/);
  expect(log).not.toMatch(/loadUser|fetchUser|readFile/);
});
