import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import type { NextEditResult, Status } from '../../shared/protocol.ts';
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

  it('two spellings of a URI are one document, named as it was opened', async () => {
    server = new ServerProcess();
    await server.initialize({ settings: eager });
    const document = new EditorDocument(server, 'file:///c%3A/work/a.ts', source);
    const cursor = document.replace('loadUser', 'fetchUser');
    const result = await server.request<NextEditResult>('textDocument/copilotInlineEdit', {
      textDocument: { uri: 'file:///C:/work/%61.ts', version: document.version },
      position: document.position(cursor),
    });
    expect(result.edits).toMatchObject([{ textDocument: { uri: document.uri } }]);
    const { openDocuments } = await status();
    server.notify('textDocument/didOpen', {
      textDocument: { uri: 'file:///c:/work/a.ts', languageId: 'typescript', version: 9, text: source },
    });
    expect((await status()).openDocuments).toBe(openDocuments);
  });

  it.skipIf(process.platform === 'win32')('a repository whose ignore files are traps does not stop it', async () => {
    const root = mkdtempSync(path.join(realpathSync(tmpdir()), 'trap-'));
    try {
      mkdirSync(path.join(root, '.git/info'), { recursive: true });
      symlinkSync('/dev/zero', path.join(root, '.git/info/exclude'));
      execFileSync('mkfifo', [path.join(root, '.gitignore')]);
      server = new ServerProcess();
      await server.initialize({ settings: eager });
      const document = new EditorDocument(server, pathToFileURL(path.join(root, 'a.ts')).href, source);
      expect(await document.nextEdit(document.replace('loadUser', 'fetchUser'))).toBeDefined();
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });

  it('predicts in a document with a token, and leaves the token alone', async () => {
    server = new ServerProcess();
    await server.initialize({ settings: eager });
    const line = `const token = '${'ghp'}_q7Rw2Zk9Xb4Nv8Tj3Lm6Pc1Hd5Gf0Sy7Ue2A';\n`;
    const document = new EditorDocument(server, 'file:///work/token.ts', line + source);
    const edit = await document.nextEdit(document.replace('loadUser', 'fetchUser'));
    expect(edit).toBeDefined();
    expect(edit?.range.start.line).toBeGreaterThan(0);
    expect(edit?.text).not.toMatch(/x{8}/);
    expect((await status()).excluded).toEqual([]);
  });
});
