import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { type Message, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { built } from '../built.ts';
import { tinyCursorCore } from '../fixtures/tinyCursorCore.ts';

interface Example {
  readonly from: 'client' | 'server';
  readonly message: Message & { readonly method?: string };
  /** In docs/protocol.md. */
  readonly line: number;
}

const text = readFileSync('docs/protocol.md', 'utf8');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const examples: Example[] = [...text.matchAll(/^```json (client|server)\n([\s\S]*?)^```$/gm)].map(
  ({ 1: from, 2: body, index }) => ({
    from: from === 'client' ? 'client' : 'server',
    message: JSON.parse(body ?? ''),
    line: text.slice(0, index).split('\n').length,
  }),
);
/** Each begins with `initialize`; the last one has a model. */
const sessions = examples.reduce<Example[][]>((all, example) => {
  if (example.message.method === 'initialize') all.push([]);
  all.at(-1)?.push(example);
  return all;
}, []);

const folder = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-protocol-'));
beforeAll(() => {
  const args = [built('main.js'), 'model', 'import', tinyCursorCore, '--name', 'tiny', '--precision', 'fp32'];
  execFileSync(process.execPath, args, { env: { ...process.env, CURSORCORE_CACHE: folder }, stdio: 'pipe' });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('has every block in a session, and a session with a model', () => {
  expect(text.match(/^```json/gm)).toHaveLength(examples.length);
  expect(sessions.flat()).toHaveLength(examples.length);
  expect(sessions).toHaveLength(2);
});

it.each(
  sessions.map((session, index) => [index === sessions.length - 1 ? 'with a model' : 'without a model', session]),
)(
  'says what the server says, message by message, %s',
  async (which, session) => {
    if (typeof session === 'string') throw new Error('unreachable');
    const cache = which === 'with a model' ? folder : path.join(folder, 'none');
    const child = spawn(process.execPath, [built('main.js'), '--stdio'], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, CURSORCORE_CACHE: cache },
    });
    const exited = new Promise((resolve) => child.once('exit', resolve));
    try {
      const unread: Message[] = [];
      new StreamMessageReader(child.stdout).listen((message) => {
        if (!('method' in message && message.method === 'window/logMessage')) unread.push(message);
      });
      const writer = new StreamMessageWriter(child.stdin);
      for (const { from, message, line } of session) {
        if (from === 'client') {
          await writer.write(message);
          continue;
        }
        const expected = withVersion(message);
        // In any order: a notification may overtake an answer.
        const read = () => {
          const at = unread.findIndex((one) => isDeepStrictEqual(one, expected));
          if (at >= 0) unread.splice(at, 1);
          else expect(unread, `docs/protocol.md, line ${line}`).toContainEqual(expected);
        };
        // An engine on a busy machine, or a model that is loaded first, takes its time.
        await vi.waitFor(read, { timeout: 100_000 });
      }
      expect(await exited).toBe(0);
      expect(unread, 'what the document leaves out').toEqual([]);
    } finally {
      child.kill('SIGKILL');
    }
  },
  120_000,
);

/** The document need not change with each release. */
function withVersion<T>(message: T): T {
  return JSON.parse(JSON.stringify(message).replaceAll(/"version":"\d+\.\d+\.\d+"/g, `"version":"${version}"`));
}
