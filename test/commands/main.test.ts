import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, frame, initialize, main, run, runInTerminal, start } from './cli.ts';

const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };

/** What the server answers to `initialize`, sent to `write`. */
async function firstAnswer(readable: NodeJS.ReadableStream, write: (text: string) => void): Promise<string> {
  write(frame(initialize));
  let answer = '';
  // The header may come by itself.
  while (!answer.includes('\r\n\r\n{')) {
    const [data] = (await once(readable, 'data')) as [Buffer];
    answer += data.toString();
  }
  return answer;
}

describe('cursorcore-lsp', () => {
  it('prints its version and its help', () => {
    expect(run('--version')).toMatchObject({ code: 0, stdout: `${version}\n`, stderr: '' });
    const { code, stdout } = run('--help');
    expect(code).toBe(0);
    for (const command of ['serve', 'demo', 'predict', 'eval', 'model', 'client-path'])
      expect(stdout).toContain(`  ${command} `);
    expect(run('predict', '--help').stdout).toContain('both counted from 1');
  });

  it('ends quietly when its reader has seen enough', async () => {
    const child = start('demo', '--session', 'rename');
    let stderr = '';
    child.stderr.on('data', (data: Buffer) => {
      stderr += data.toString();
    });
    await once(child.stdout, 'data');
    child.stdout.destroy();
    const [code] = (await once(child, 'exit')) as [number | null];
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  it('gives a terminal without arguments its help, and does not wait', (context) => {
    const result = runInTerminal();
    if (!result) return context.skip('no pseudo-terminal to be had');
    expect(result.stdout).toContain('Usage: cursorcore-lsp');
    expect(result.code).toBe(0);
  });

  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['help', 'nonsense'], "unknown command 'nonsense'"],
    [['--nonsense'], "unknown option '--nonsense'"],
    [['demo', '--nonsense'], "unknown option '--nonsense'"],
    [['predict'], "missing required argument 'file'"],
    [['predict', 'a', 'b'], 'too many arguments'],
    [['--socket', 'abc'], 'A port is 1 to 65535.'],
    [['--socket', '70000'], 'A port is 1 to 65535.'],
    [['--stdio', '--pipe', 'x'], 'cannot be used with'],
    [['eval', 'nonsense'], "unknown command 'nonsense'"],
  ])('answers %j with a message and exit code 2', (args, message) => {
    const { code, stdout, stderr } = run(...args);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(stdout).toBe('');
  });

  it.each([
    [['nonsense'], 'cursorcore-lsp --help'],
    [['--nonsense'], 'cursorcore-lsp help serve'],
    [['predict'], 'cursorcore-lsp help predict'],
    [['predict', 'a', '--cursor', 'here'], 'cursorcore-lsp help predict'],
    [['predict', 'a', '--nonsense'], 'cursorcore-lsp help predict'],
    [['demo', '--session', 'nonsense'], 'cursorcore-lsp help demo'],
    [['client-path', 'nonsense'], 'cursorcore-lsp help client-path'],
    [['eval', 'next-edit'], 'cursorcore-lsp eval help next-edit'],
    [['eval', 'next-edit', 'a', '--threshold', 'x'], 'cursorcore-lsp eval help next-edit'],
  ])('points from %j to %s, which is there', (args, help) => {
    const { code, stderr } = run(...args);
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(`(${help} `);
    expect(code).toBe(2);
    const shown = run(...help.split(' ').slice(1));
    expect(shown.code).toBe(0);
    expect(shown.stdout).toContain('Usage: cursorcore-lsp');
  });

  it.each([[['--stdio']], [[]], [['serve']], [['--stdio', '--clientProcessId=1']]])('serves with %j', async (args) => {
    const server = start(...args);
    const answer = await firstAnswer(server.stdout, (text) => server.stdin.write(text));
    expect(answer).toContain('"capabilities"');
    expect(answer).toContain(`"version":"${version}"`);
    server.stdin.end();
    const [code] = await once(server, 'exit');
    // The client is gone without a word.
    expect(code).toBe(1);
  });

  it.each(['socket', 'pipe'] as const)('serves over a %s that the editor listens on', async (kind) => {
    const { folder, remove } = folderWith({});
    const editor = createServer();
    const pipe = path.join(folder, 'pipe');
    editor.listen(kind === 'pipe' ? pipe : { port: 0, host: '127.0.0.1' });
    await once(editor, 'listening');
    const address = editor.address();
    const where = typeof address === 'string' || address === null ? pipe : String(address.port);
    const server = start(`--${kind}`, where, '--log-file', path.join(folder, 'log'));
    const [socket] = (await once(editor, 'connection')) as [Socket];
    expect(await firstAnswer(socket, (text) => socket.write(text))).toContain('"capabilities"');
    socket.end();
    await once(server, 'exit');
    expect(existsSync(path.join(folder, 'log'))).toBe(true);
    editor.close();
    remove();
  });

  it('says so when there is nobody to connect to', () => {
    const { code, stderr } = run('--pipe', '/nonexistent/pipe');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^cursorcore-lsp: .*\/nonexistent\/pipe\n$/);
  });

  it('says that it is the log file that cannot be written', () => {
    expect(run('--stdio', '--log-file', '.')).toMatchObject({
      code: 1,
      stderr: 'cursorcore-lsp: the log file . cannot be written: it is a folder\n',
    });
    const { folder, remove } = folderWith({ file: '' });
    const { code, stderr } = run('--stdio', '--log-file', path.join(folder, 'file', 'log'));
    remove();
    expect(code).toBe(1);
    expect(stderr).toMatch(/^cursorcore-lsp: the log file .*\/file\/log cannot be written: [a-z ]+\n$/);
  });

  it.runIf(existsSync('/proc/self'))('does not try forever to make a folder for its log where none can be', () => {
    expect(run('--stdio', '--log-file', '/proc/nothing/log')).toEqual({
      code: 1,
      stdout: '',
      stderr: 'cursorcore-lsp: the log file /proc/nothing/log cannot be written: no such file\n',
    });
  });

  it('says so when what came in was not LSP, and nothing when it was', async () => {
    const notLsp = 'cursorcore-lsp: the input ended and had no LSP message in it\n';
    for (const [input, expected] of [
      ['hello\n', notLsp],
      ['', notLsp],
      [frame(initialize), ''],
    ] as const) {
      const server = start('--stdio');
      let stderr = '';
      server.stderr.on('data', (data: Buffer) => {
        stderr += data.toString();
      });
      server.stdin.end(input);
      const [code] = (await once(server, 'close')) as [number | null];
      expect({ code, stderr }).toEqual({ code: 1, stderr: expected });
    }
  });
});

describe('client-path', () => {
  it('prints a folder that can be put on the runtime path', () => {
    const { code, stdout } = run('client-path', 'neovim');
    expect(code).toBe(0);
    expect(stdout.trimEnd()).toBe(path.join(path.dirname(path.dirname(main)), 'clients', 'neovim'));
    expect(existsSync(path.join(stdout.trimEnd(), 'lua'))).toBe(true);
  });

  it('prints the folder with the settings for Helix', () => {
    const { code, stdout } = run('client-path', 'helix');
    expect(code).toBe(0);
    for (const name of ['languages.toml', 'config.toml']) {
      expect(existsSync(path.join(stdout.trimEnd(), name))).toBe(true);
    }
  });

  it.each(['nano', '..', '.', ''])('names the editors there are for %j', (editor) => {
    const { code, stdout, stderr } = run('client-path', editor);
    expect(code).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('neovim');
  });
});
