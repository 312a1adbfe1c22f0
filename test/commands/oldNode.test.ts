import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { frame, initialize, main } from './cli.ts';

/** The options of Node that make the program take it for another version, and that version. */
const version = '18.20.8';
const old = ['--import', `data:text/javascript,Object.defineProperty(process.versions,'node',{value:'${version}'})`];
const complaint = `cursorcore-lsp needs Node 20 or later; this is ${version}`;

it('says in one line that Node is too old, and ends', () => {
  for (const args of [['--version'], ['predict', 'a.ts'], ['model', 'list'], ['serve', '--completions']]) {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...old, main, ...args], {
      encoding: 'utf8',
      input: '',
    });
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(complaint)]);
  }
});

it.each([[['--stdio']], [['serve']], [[]]])(
  'says so as a language server that then does nothing, started with %j',
  async (args) => {
    const child = spawn(process.execPath, [...old, main, ...args], { stdio: ['pipe', 'pipe', 'ignore'] });
    let said = '';
    child.stdout.on('data', (data: Buffer) => {
      said += data.toString();
    });
    const gone = once(child, 'exit');
    const request = { jsonrpc: '2.0', id: 2, method: 'textDocument/copilotInlineEdit', params: { text: 'ü' } };
    const bytes = Buffer.from(
      [initialize, { jsonrpc: '2.0', method: 'initialized', params: {} }, request].map(frame).join(''),
    );
    // In pieces, as pipes give them.
    for (let start = 0; start < bytes.length; start += 50) child.stdin.write(bytes.subarray(start, start + 50));
    while (!said.includes('"id":2')) await once(child.stdout, 'data');
    expect(said).toContain('"id":1,"result":{"capabilities":{}');
    expect(said).toContain(`"method":"window/showMessage","params":{"type":1,"message":"${complaint}`);
    expect(said).toContain('"id":2,"result":null');
    expect(child.exitCode).toBeNull();
    child.stdin.write(frame({ jsonrpc: '2.0', method: 'exit' }));
    expect(await gone).toEqual([1, null]);
  },
);
