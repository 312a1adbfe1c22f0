import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Preference, Process } from '../../server/data/records.ts';
import { runIn } from '../commands/cli.ts';
import { eventually } from '../eventually.ts';
import { EditorDocument, ServerProcess } from './client.ts';
import { eager, source } from './sample.ts';

let home: string;
let folder: string;
let server: ServerProcess | undefined;

beforeEach(() => {
  home = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-record-'));
  folder = path.join(home, 'record');
});
afterEach(() => {
  server?.kill();
  rmSync(home, { recursive: true });
});

async function start(settings: object = { record: { enable: true } }, under: readonly string[] = []) {
  const env = { CURSORCORE_RECORD: folder, XDG_DATA_HOME: path.join(home, 'data') };
  server = new ServerProcess(['--stdio'], path.join(home, 'cache'), { env, under });
  await server.initialize({ settings: { ...eager, ...settings } });
  return server;
}

const command = (...args: string[]) => runIn({ cwd: home, env: { CURSORCORE_RECORD: folder } }, ...args);
const files = () => (existsSync(folder) ? readdirSync(folder) : []);
const recorded = () =>
  files()
    .map((name) => readFileSync(path.join(folder, name), 'utf8'))
    .join('');

/** The server has read all that was sent before. */
const settled = (of: ServerProcess) => of.request('workspace/executeCommand', { command: 'cursorcore.status' });

function exported(...options: string[]): { processes: Process[]; preferences: Preference[] } {
  const out = path.join(home, 'out.jsonl');
  const { code, stderr } = command('record', 'export', '--out', out, '--restart', ...options);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const lines = readFileSync(out, 'utf8').split('\n').filter(Boolean);
  const records: (Process | Preference)[] = lines.map((line) => JSON.parse(line));
  return {
    processes: records.filter((record) => record.kind === 'process'),
    preferences: records.filter((record) => record.kind === 'preference'),
  };
}

/** The sample with these uses of the name renamed, counted from 0, which is its declaration. */
function renamed(...uses: number[]): string {
  let use = 0;
  return source.replaceAll('loadUser', (name) => (uses.includes(use++) ? 'fetchUser' : name));
}

describe('a session', () => {
  it('is exported as what came of its offers, and as the process it was', async () => {
    const of = await start();
    const document = new EditorDocument(of, 'file:///work/users.ts', source);
    const reject = (argument: unknown) =>
      of.request('workspace/executeCommand', { command: 'cursorcore.reject', arguments: [argument] });

    const first = await document.nextEdit(document.replace('loadUser', 'fetchUser'));
    if (!first) throw new Error('nothing is offered');
    of.notify('textDocument/didShowInlineEdit', { item: { command: first.command } });
    await document.accept(first);
    const second = await document.nextEdit(0);
    if (!second) throw new Error('nothing is offered');
    await document.accept(second);
    // Undone, and something else is written there.
    document.replace('user = fetchUser', 'user = loadUser');
    document.replace('user = loadUser(3)', 'user = other(3)');
    const third = await document.nextEdit(0);
    if (!third) throw new Error('nothing is offered');
    await reject(third.command.arguments?.[0]);
    await of.stop();

    const { processes, preferences } = exported();
    const other = renamed(0, 1).replace('loadUser(3)', 'other(3)');
    const kept = preferences.map(({ outcome, current, chosen, rejected }) => ({ outcome, current, chosen, rejected }));
    expect(kept).toEqual([
      { outcome: 'accepted', current: renamed(0), chosen: renamed(0, 1), rejected: renamed(0) },
      { outcome: 'undone', current: renamed(0, 1), chosen: other, rejected: renamed(0, 1, 2) },
      {
        outcome: 'rejected',
        current: other,
        chosen: other,
        rejected: other.replaceAll(/loadUser(?=\([56])/g, 'fetchUser'),
      },
    ]);
    expect(preferences.map(({ history }) => history)).toEqual([
      [source],
      [source, renamed(0)],
      [source, renamed(0), renamed(0, 1)],
    ]);
    expect(preferences[0]?.target).toEqual({
      kind: 'cursor',
      offset: source.indexOf('loadUser') + 'fetchUser'.length,
      placed: 'near',
    });
    expect(preferences[0]?.shownMs).toBeGreaterThanOrEqual(0);
    expect(preferences[1]?.shownMs).toBeNull();
    expect(processes).toMatchObject([
      {
        source: 'sessions',
        language: 'typescript',
        path: 'users.ts',
        snippets: [source, renamed(0), renamed(0, 1), other],
      },
    ]);

    // It is what `data` goes on with.
    const collected = command(
      'data',
      'collect',
      'sessions',
      'out.jsonl',
      '--licence',
      'MIT',
      '--out',
      'processes.jsonl',
    );
    expect(collected).toMatchObject({ code: 0, stderr: '' });
    const made = JSON.parse(readFileSync(path.join(home, 'processes.jsonl'), 'utf8'));
    expect(made).toEqual({ ...processes[0], licence: 'MIT' });
    expect(command('data', 'process', 'processes.jsonl', '--out', 'samples.jsonl')).toMatchObject({ code: 0 });
    const pairs = command('data', 'export', 'out.jsonl', '--format', 'locationAndChange', '--out', 'pairs.jsonl');
    expect(pairs).toMatchObject({ code: 0, stdout: expect.stringMatching(/3 {2}preferences\n3 {2}pairs\n/) });
    const [good, ...others] = readFileSync(path.join(home, 'pairs.jsonl'), 'utf8')
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line));
    expect(others).toHaveLength(2);
    expect(good).toMatchObject({ type: 'H,C', silence: false });
    expect(JSON.stringify(good.answer)).toContain('return fetchUser(1) + 2;');
    expect(JSON.stringify(good.rejected)).not.toContain('fetchUser');
    expect(JSON.stringify(good.prompt)).toContain('<|target|>');
    expect(command('data', 'inspect', 'out.jsonl', '--at', '3').stdout).toContain('offer undone');
  });

  it('is said to be recorded when the server starts, or when it begins later', async () => {
    const of = await start();
    await eventually(() => expect(of.shown).toHaveLength(1));
    expect(of.shown[0]).toMatchObject({
      type: 3,
      message: expect.stringContaining(`in ${folder}, and sends them nowhere`),
    });
    const document = new EditorDocument(of, 'file:///work/a.ts', 'one\n');
    of.notify('workspace/didChangeConfiguration', { settings: { cursorcore: { record: { enable: false } } } });
    document.replace('one', 'two');
    of.notify('workspace/didChangeConfiguration', { settings: { cursorcore: { record: { enable: true } } } });
    document.replace('two', 'three');
    await eventually(() => expect(of.shown).toHaveLength(2));
    await of.stop();
    // What was edited meanwhile is not in it.
    expect(exported().processes.map(({ snippets }) => snippets)).toEqual([['two\n', 'three\n']]);
  });

  it('loses no more than a second when the server is killed', async () => {
    const of = await start();
    const document = new EditorDocument(of, 'file:///work/a.ts', 'one\n');
    document.replace('one', 'first');
    await settled(of);
    await sleep(1000);
    // A busy machine may have kept the server from running; once it answers, what was due before is done.
    await settled(of);
    await settled(of);
    document.replace('first', 'lost');
    of.kill();
    const [process] = exported().processes;
    expect(process?.snippets.slice(0, 2)).toEqual(['one\n', 'first\n']);
  });

  it('holds no secret, also none that is only known to be one when it is whole, and nothing of files that are kept out', async () => {
    const of = await start();
    const token = `ghp_${'Ab1'.repeat(12)}`;
    const document = new EditorDocument(of, 'file:///work/a.ts', "const token = '';\nconst a = 1;\n");
    document.replace('a = 1', 'a = 2');
    let at = document.text.indexOf("''") + 1;
    for (const character of token) {
      at = document.type(at, character);
      // Each letter is written before the next one is typed.
      if (at % 12 === 0) await eventually(() => expect(recorded().length).toBeGreaterThan(0));
    }
    await settled(of);
    await sleep(600);
    document.replace('a = 2', 'a = 3');
    const secret = new EditorDocument(of, 'file:///work/.env', 'PASSWORD=hunter2\n');
    secret.replace('hunter2', 'hunter3');
    const key = new EditorDocument(of, 'file:///work/b.ts', 'const b = 1;\n');
    key.replace('b = 1', 'b = 2');
    await settled(of);
    await eventually(() => expect(recorded()).toContain('b = 1'));
    const top = key.position(0);
    key.change({ start: top, end: top }, `-----BEGIN RSA PRIVATE KEY-----\n${'A1b2C3d4'.repeat(40)}\n`);
    new EditorDocument(of, 'untitled:Untitled-1', 'what shall become of it\n').replace('shall', 'may');
    await of.stop();
    const all = recorded();
    expect(all).toContain("const token = 'x");
    expect(all).not.toContain('ghp_');
    expect(all).not.toContain('hunter');
    expect(all).not.toContain('const b');
    expect(all).not.toContain('what shall');
    expect(JSON.stringify(exported())).not.toMatch(/ghp_|hunter/);
  });
});

describe('record', () => {
  it('says what there is, exports nothing of nothing, and clears all of it, under a server that goes on', async () => {
    expect(command('record', 'status')).toMatchObject({ code: 0, stdout: `Nothing is recorded in ${folder}.\n` });
    expect(command('record', 'export', '--out', 'x.jsonl')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`nothing is recorded in ${folder}; set record.enable`),
    });
    const of = await start();
    const document = new EditorDocument(of, 'file:///work/a.ts', 'one\n');
    document.replace('one', 'two');
    await eventually(() => expect(recorded()).toContain('two'));
    expect(JSON.parse(command('record', 'status', '--json').stdout)).toMatchObject({ folder, recordings: 1 });
    expect(command('record', 'clear')).toMatchObject({ code: 0, stdout: `Removed 1 recording from ${folder}.\n` });
    expect(existsSync(folder)).toBe(false);
    document.replace('two', 'three');
    await eventually(() => expect(recorded()).toContain('three'));
    document.replace('three', 'four');
    await of.stop();
    expect(recorded()).not.toContain('one');
    // What stood there when it was cleared is where it begins anew.
    expect(exported().processes.map(({ snippets }) => snippets)).toEqual([['three\n', 'four\n']]);
  });

  it('refuses outcomes that there are not', () => {
    expect(command('record', 'export', '--out', 'x.jsonl', '--outcomes', 'kept')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--outcomes: should be some of accepted,typed,rejected,undone,ignored'),
    });
  });
});

const hasTracer = spawnSync('strace', ['-f', '-o', '/dev/null', process.execPath, '--version']).status === 0;

it.runIf(process.platform === 'linux')('touches no file where it is off', async () => {
  const trace = path.join(home, 'trace');
  const under = hasTracer ? ['strace', '-f', '-qq', '-e', 'trace=%file', '-o', trace] : [];
  const of = await start({}, under);
  const document = new EditorDocument(of, 'file:///work/users.ts', source);
  const offer = await document.nextEdit(document.replace('loadUser', 'fetchUser'));
  if (!offer) throw new Error('nothing is offered');
  await document.accept(offer);
  await sleep(600);
  expect(await of.stop()).toBe(0);
  expect(readdirSync(home).filter((name) => name !== 'trace')).toEqual([]);
  if (!hasTracer) return;
  const calls = readFileSync(trace, 'utf8').split('\n');
  expect(calls.length).toBeGreaterThan(100);
  expect(calls.filter((call) => call.includes(home) && !call.includes('/cache'))).toEqual([]);
  const writes = calls.filter((call) => /O_(?:WRONLY|RDWR|CREAT)/.test(call) && !/"\/(?:dev|proc)\//.test(call));
  expect(writes).toEqual([]);
  expect(calls.filter((call) => /\b(?:mkdir|unlink|rename)(?:at2?)?\(/.test(call))).toEqual([]);
});
