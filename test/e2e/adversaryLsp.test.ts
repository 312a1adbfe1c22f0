import { afterEach, describe, expect, it } from 'vitest';
import type { Status } from '../../shared/protocol.ts';
import { EditorDocument, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

let server: ServerProcess;
afterEach(() => server.kill());
const status = () => server.request<Status>('workspace/executeCommand', { command: 'cursorcore.status' });

describe('what once got past the LSP layer', () => {
  it('a key that takes the place of as much text is noticed', async () => {
    server = new ServerProcess();
    await server.initialize({ settings: eager });
    const key = `-----BEGIN RSA PRIVATE KEY-----\n${'A1b2C3d4'.repeat(40)}\n-----END RSA PRIVATE KEY-----\n`;
    const document = new EditorDocument(server, 'file:///work/notes.txt', 'x\n'.repeat(key.length / 2));
    document.change({ start: document.position(0), end: document.position(document.text.length) }, key);
    expect((await status()).excluded).toMatchObject([{ reason: 'holds a private key' }]);
  });

  it.skipIf(process.platform !== 'linux')(
    'a log file that can no longer be written does not end the server',
    async () => {
      server = new ServerProcess(['--stdio', '--log-file', '/dev/full']);
      await server.initialize({ settings: eager });
      const document = new EditorDocument(server, 'file:///work/a.ts', source);
      expect(await document.nextEdit(document.replace('loadUser', 'fetchUser'))).toBeDefined();
    },
  );

  it('noise that looks like headers is not looked through over and over, nor logged line by line', async () => {
    server = new ServerProcess();
    await server.initialize({ settings: eager });
    await status();
    for (let i = 0; i < 4; i++) server.writeRaw('content-length:x '.repeat(4096));
    await status();
    expect(server.logged.length).toBeLessThan(100);
  });
});
