import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { CancellationTokenSource } from 'vscode-jsonrpc';
import type { Status } from '../../shared/protocol.ts';
import { eventually } from '../eventually.ts';
import { type TinyModel, tinyConfig, tinyModel } from '../model-host/tinyModel.ts';
import { EditorDocument, ServerProcess } from './client.ts';

/** What holds for any model, with one of random weights, whose answers are as long as they may be. */
let model: TinyModel;
let server: ServerProcess;
let document: EditorDocument;

const text = `${Array.from({ length: 12 }, (_, i) => `  const value${i} = compute(${i}, 'some text');`).join('\n')}\n`;

beforeAll(async () => {
  model = await tinyModel(
    'loop',
    { ...tinyConfig, hiddenSize: 128, intermediateSize: 256, layers: 8 },
    { endless: true },
  );
});
afterAll(() => model.remove());

/** Off where nothing but what was asked about shall be read. */
let readAhead: 'on' | 'off' = 'off';
const start = async () => {
  server = new ServerProcess();
  const options = { name: model.folder, debounceMs: 0, maxNewTokens: 800, threads: 1, readAhead };
  await server.initialize({ settings: { engine: 'cursorcore', debounceMs: 0, model: options } });
  server.notify('$/setTrace', { value: 'verbose' });
  document = new EditorDocument(server, 'file:///work/a.ts', text);
};
const stop = async () => {
  const hosts = hostPids();
  expect(await server.stop()).toBe(0);
  // A process that has ended may still be in the table for a moment.
  await eventually(() => expect(hosts.filter(isAlive)).toEqual([]));
};
beforeEach(start);
afterEach(stop);

const logged = (pattern: RegExp) =>
  server.logged.map(({ message }) => message).filter((message) => pattern.test(message));
const status = () => server.request<Status>('workspace/executeCommand', { command: 'cursorcore.status' });

interface Asked {
  readonly answer: Promise<unknown>;
  readonly cancel: () => void;
  isAnswered(): boolean;
}

/** Asks for the next edit, and waits until the model generates. */
async function generating(cursor: number): Promise<Asked> {
  const before = logged(/asked about/).length;
  const source = new CancellationTokenSource();
  const params = { textDocument: document.identifier, position: document.position(cursor) };
  let isAnswered = false;
  const answer = server.connection
    .sendRequest('textDocument/copilotInlineEdit', params, source.token)
    .catch((error: unknown) => error)
    .finally(() => {
      isAnswered = true;
    });
  await eventually(() => expect(logged(/asked about/).length).toBeGreaterThan(before));
  return { answer, cancel: () => source.cancel(), isAnswered: () => isAnswered };
}

it('answers everything else while the model generates, and frees it when the request is cancelled', async () => {
  const other = new EditorDocument(server, 'file:///work/b.ts', text);
  const asked = await generating(10);
  for (let at = 0; at < 20; at++) other.type(at, 'x');
  expect(await status()).toMatchObject({ engine: 'model', openDocuments: 2, model: { device: 'cpu' } });
  expect(asked.isAnswered()).toBe(false);
  asked.cancel();
  expect(await asked.answer).toMatchObject({ code: -32800 });
  await eventually(() => expect(logged(/wrote .*\(cancelled\)/)).toHaveLength(1));
});

it('ends a generation when the text changes, and reads only what follows the edit anew', async () => {
  const line = 9;
  const at = text.indexOf(`value${line}`);
  const superseded = await generating(at);
  let end = document.type(at, 'a');
  expect(await superseded.answer).toEqual({ edits: [] });
  const finished = /read (\d+) of (\d+) tokens .* wrote [1-9]\d* .*\((?:length|stop)\)/;
  for (const key of ['b', 'c']) {
    end = document.type(end, key);
    await document.nextEdit(end);
  }
  await eventually(() => expect(logged(finished)).toHaveLength(2));
  const [read = 0, prompt = 0] = (finished.exec(logged(finished)[1] ?? '') ?? []).slice(1).map(Number);
  // Of this model a token is a byte or a little more: of the prompt only its end, behind the line before, is read.
  const behind = text.length - text.indexOf('\n', text.indexOf(`value${line - 1}`));
  expect(read).toBeLessThan(behind + 60);
  expect(read).toBeLessThan(prompt / 2);
});

it('reads ahead while someone types, so that a pause finds all but the end of the prompt read', async () => {
  await stop();
  readAhead = 'on';
  await start();
  readAhead = 'off';
  const line = 9;
  let end = document.type(text.indexOf(`value${line}`), 'a');
  // Nobody has asked.
  const ahead = /read ahead (\d+) of \d+ tokens/;
  await eventually(() => expect(logged(ahead)).toHaveLength(1));
  for (const key of ['b', 'c']) end = document.type(end, key);
  await document.nextEdit(end);
  const finished = /read (\d+) of (\d+) tokens .* wrote [1-9]/;
  await eventually(() => expect(logged(finished)).toHaveLength(1));
  const [read = 0, prompt = 0] = (finished.exec(logged(finished)[0] ?? '') ?? []).slice(1).map(Number);
  expect(read).toBeLessThan(prompt / 2);
});

describe.runIf(process.platform === 'linux')('a host that stops answering', () => {
  it('is replaced, and the request goes on', async () => {
    const asked = await generating(10);
    const [host = 0] = hostPids();
    process.kill(host, 'SIGSTOP');
    await vi.waitFor(() => expect(logged(/model loaded/)).toHaveLength(2), { timeout: 100_000 });
    await asked.answer;
    expect(hostPids()).not.toContain(host);
    expect(logged(/once more, for the model host gave no sign of life/)).toHaveLength(1);
    expect(server.shown).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('settings that change while engines are being chosen', () => {
  it('leave one host, that of the settings in force', async () => {
    const position = document.position(10);
    const answers: Promise<unknown>[] = [];
    for (let threads = 1; threads <= 4; threads++) {
      document.type(10, 'x');
      answers.push(server.request('textDocument/copilotInlineEdit', { textDocument: document.identifier, position }));
      server.notify('workspace/didChangeConfiguration', { settings: { cursorcore: { model: { threads } } } });
    }
    await Promise.all(answers);
    document.type(10, 'x');
    await document.nextEdit(11);
    expect(hostPids()).toHaveLength(1);
    // One for each host that loaded, also one that has left again.
    expect(logged(/model loaded/)).toHaveLength(1);
    expect(server.shown).toEqual([]);
  });
});

describe.runIf(process.platform === 'linux')('a host that is killed while it generates', () => {
  it('is replaced, and the request goes on', async () => {
    const asked = await generating(10);
    const [host] = hostPids();
    if (host === undefined) throw new Error('there is no host');
    process.kill(host, 'SIGKILL');
    await eventually(() => expect(logged(/model loaded/)).toHaveLength(2));
    await asked.answer;
    expect(hostPids()).not.toContain(host);
    expect(logged(/once more, for the model host died/)).toHaveLength(1);
    expect(server.shown).toEqual([]);
    expect((await status()).lastError).toBeUndefined();
  });

  it('again is told to the user; the server lives, and serves what comes next', async () => {
    const asked = await generating(10);
    for (let kills = 1; kills <= 2; kills++) {
      await eventually(() => expect(logged(/asked about/)).toHaveLength(kills));
      for (const host of hostPids()) process.kill(host, 'SIGKILL');
    }
    expect(await asked.answer).toEqual({ edits: [] });
    expect(server.shown).toMatchObject([{ message: expect.stringMatching(/the model host died \(SIGKILL\)/) }]);
    // The host is left alone for a moment after two deaths in a row.
    await eventually(async () => {
      document.type(10, 'x');
      await document.nextEdit(11);
      expect((await status()).lastError).toBeUndefined();
    });
    expect(logged(/model loaded/).length).toBeGreaterThan(2);
  });
});

describe.runIf(process.platform === 'linux')('a host that dies of every question', () => {
  it('is said once, and left alone; status says why and for how long, and names no device', async () => {
    const reported: string[] = [];
    for (let questions = 0; questions < 6; questions++) {
      const before = logged(/asked about/).length;
      document.type(10, 'x');
      const answer = document.nextEdit(11);
      // Twice where the server asks once more.
      for (let kills = 1; kills <= 2; kills++) {
        const isAsked = () => logged(/asked about/).length >= before + kills;
        await Promise.race([answer, eventually(() => expect(isAsked()).toBe(true)).catch(() => {})]);
        if (isAsked()) for (const host of hostPids()) process.kill(host, 'SIGKILL');
      }
      expect(await answer).toBeUndefined();
      const { lastError, model: used } = await status();
      reported.push(lastError ?? '');
      expect(used).toEqual({ name: expect.any(String) });
    }
    expect(server.shown).toHaveLength(1);
    expect(reported.at(-1)).toMatch(/the model host died \(SIGKILL\).*It is tried again in \d+ s/);
    expect(logged(/model loaded/).length).toBeLessThan(6);
  });
});

/** The server's child processes. */
function hostPids(): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === server.child.pid);
}

function parentOf(pid: number): number | undefined {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
