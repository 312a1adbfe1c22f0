/**
 * A day of typing, compressed: documents of real code are opened, typed in key by key, edited in all the ways that
 * test/e2e/restlessEditor.ts knows, and closed; offers are asked for, taken, refused and undone; settings change; the model's
 * process is killed now and then. All over standard input and output, against the built server with the tiny CursorCore.
 *
 *     npm run build && npm run endure:typing -- [--keystrokes 100000] [--seed 1] [--kill-every 5000]
 *
 * Ends with 1 when the server does not answer, offers what cannot be applied, grows, or leaves its model's process behind.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import fc from 'fast-check';
import { CancellationTokenSource } from 'vscode-jsonrpc/node';
import type { Status } from '../../shared/protocol.ts';
import { built } from '../built.ts';
import { ServerProcess } from '../e2e/client.ts';
import { RestlessEditor, step } from '../e2e/restlessEditor.ts';
import { source } from '../e2e/sample.ts';
import { tinyCases, tinyCursorCore } from '../fixtures/tinyCursorCore.ts';
import { describe, descriptorsOf, memoryOf, type Sample, trendOf } from './memory.ts';

const { values } = parseArgs({
  options: {
    keystrokes: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    'kill-every': { type: 'string', default: '5000' },
  },
});
const [keystrokes, seed, killEvery] = [values.keystrokes, values.seed, values['kill-every']].map(Number) as [
  number,
  number,
  number,
];
/** No answer for so long, in milliseconds, and the server counts as hanging. */
const patienceMs = 60_000;
const sampleEvery = 500;
const openAtOnce = 4;
/** Descriptors that a worker thread and a model's process take. */
const mostForHost = 16;

/** What is typed: lines of real code. */
const typed = ['../../server/lsp/documents.ts', '../../server/history/documentHistory.ts', '../../shared/edits/diff.ts']
  .flatMap((file) => readFileSync(new URL(file, import.meta.url), 'utf8').split('\n'))
  .filter((line) => line.trim() !== '');
const texts = [source, ...tinyCases().map(({ conversation }) => conversation.current)];

/** One stretch of work in a document. */
const stretch = fc.record({
  document: fc.nat(openAtOnce - 1),
  at: fc.double({ min: 0, max: 1, noNaN: true }),
  line: fc.nat(typed.length - 1),
  text: fc.nat(texts.length - 1),
  steps: fc.array(step, { maxLength: 3 }),
  closes: fc.integer({ min: 0, max: 9 }),
  settings: fc.oneof(
    { weight: 60, arbitrary: fc.constant(undefined) },
    {
      weight: 1,
      arbitrary: fc.record({
        engine: fc.constantFrom('auto', 'auto', 'cursorcore', 'pattern'),
        debounceMs: fc.constantFrom(0, 5),
        pattern: fc.record({ minConfidence: fc.constantFrom(0.05, 0.3) }),
        model: fc.record({ threads: fc.constantFrom(1, 2) }),
      }),
    },
  ),
});

type Stretch = typeof stretch extends fc.Arbitrary<infer T> ? T : never;

const cache = mkdtempSync(path.join(realpathSync(tmpdir()), 'cursorcore-typing-'));
process.on('exit', () => rmSync(cache, { recursive: true, force: true }));
const importing = [built('main.js'), 'model', 'import', tinyCursorCore, '--name', 'tiny', '--precision', 'fp32'];
execFileSync(process.execPath, importing, { env: { ...process.env, CURSORCORE_CACHE: cache }, stdio: 'pipe' });

const model = { name: 'tiny', minConfidence: 0, debounceMs: 0, threads: 1 };
const initial = { engine: 'auto', debounceMs: 0, pattern: { minConfidence: 0.3 }, model };
const server = new ServerProcess(['--stdio'], cache);
let isOver = false;
server.child.once('exit', (code, signal) => {
  if (!isOver) fail(`the server ended (${signal ?? code})`);
});
await server.initialize({ settings: initial });
const pid = server.child.pid ?? 0;

const editors = new Map<number, RestlessEditor>();
const [ofServer, ofHost]: [Sample[], Sample[]] = [[], []];
let [keys, opened, applied, kills, settingsChanged, nextKill, nextSample] = [0, 0, 0, 0, 0, killEvery, 0];
const descriptors: number[] = [];
const begun = performance.now();

for (let round = 0; keys < keystrokes; round++) {
  for (const each of fc.sample(stretch, { seed: seed * 1_000_003 + round, numRuns: 200 })) {
    if (keys >= keystrokes) break;
    await answered('a stretch of work', work(each));
    if (killEvery > 0 && keys >= nextKill) killHost();
    if (keys >= nextSample) await sample();
  }
}
await finish();

async function work({ document, at, line, text, steps, closes, settings }: Stretch): Promise<void> {
  if (settings) {
    const changed = { ...initial, ...settings, model: { ...model, ...settings.model } };
    server.notify('workspace/didChangeConfiguration', { settings: { cursorcore: changed } });
    settingsChanged++;
  }
  const editor = editors.get(document) ?? open(document, texts[text] ?? source);
  await type(editor, Math.floor(at * editor.document.text.length), `${typed[line]}\n`);
  for (const each of steps) {
    await editor.take(each);
    keys++;
  }
  // A file that has become long is put away, as everything is once in a while.
  if (closes > 0 && editor.document.text.length < 20_000) return;
  server.notify('textDocument/didClose', { textDocument: { uri: editor.document.uri } });
  applied += editor.applied;
  editors.delete(document);
}

function open(slot: number, text: string): RestlessEditor {
  const editor = new RestlessEditor(server, `file:///work/${++opened}.ts`, text, 'utf-16');
  editors.set(slot, editor);
  return editor;
}

/** Key by key, each with the question that an editor asks and leaves with the next key; the last one is waited for. */
async function type({ document }: RestlessEditor, offset: number, text: string): Promise<void> {
  let last: Promise<unknown> = Promise.resolve();
  let leave = () => {};
  for (const key of text) {
    leave();
    offset = document.type(Math.min(offset, document.text.length), key);
    keys++;
    const token = new CancellationTokenSource();
    leave = () => token.cancel();
    const params = {
      textDocument: document.identifier,
      position: document.position(offset),
      context: { triggerKind: 1 },
    };
    last = server.connection.sendRequest('textDocument/inlineCompletion', params, token.token).catch(() => {});
  }
  await last;
}

function killHost(): void {
  nextKill += killEvery;
  const [host] = memoryOf(pid).children;
  if (!host) return;
  process.kill(host.pid, 'SIGKILL');
  kills++;
}

async function sample(): Promise<void> {
  nextSample += sampleEvery;
  const { lastError } = await server.request<Status>('workspace/executeCommand', { command: 'cursorcore.status' });
  const { own, children } = memoryOf(pid);
  if (children.length > 1) fail(`the server has ${children.length} child processes`);
  if (own) ofServer.push({ done: keys, ...own });
  for (const child of children) ofHost.push({ done: keys, ...child });
  const open = descriptorsOf(pid);
  if (open !== undefined) descriptors.push(open);
  if (ofServer.length % 2 === 1) {
    const host = children[0]?.megabytes.toFixed(0) ?? '-';
    console.log(
      `${keys} keys, server ${own?.megabytes.toFixed(0)} MB, host ${host} MB, ${open ?? '?'} descriptors${lastError === undefined ? '' : `; ${lastError}`}`,
    );
  }
}

async function finish(): Promise<void> {
  for (const { applied: some } of editors.values()) applied += some;
  const hosts = memoryOf(pid).children;
  isOver = true;
  const code = await answered('shutdown', server.stop());
  const seconds = (performance.now() - begun) / 1000;
  console.log(
    `${keys} keystrokes of seed ${seed} in ${seconds.toFixed(0)} s; ${opened} documents, ${applied} offers taken, settings changed ${settingsChanged} times, host killed ${kills} times`,
  );
  for (const message of new Set(server.shown.map(({ message }) => message))) console.log(`shown: ${message}`);
  // What is loaded and compiled first is no leak.
  const warm = <T>(samples: readonly T[]) => samples.slice(Math.floor(samples.length / 5));
  const trends = [
    ['server', trendOf(warm(ofServer))],
    ['model host', trendOf(warm(ofHost))],
  ] as const;
  for (const [name, trend] of trends) console.log(describe(name, trend));
  const settled = warm(descriptors);
  const [least, most] = [Math.min(...settled), Math.max(...settled)];
  const leaks = (settled.at(-1) ?? 0) > (settled[0] ?? 0) + mostForHost;
  console.log(`descriptors of the server: ${least} to ${most}: ${leaks ? 'GROWS' : 'flat'}`);
  const left = hosts.filter(({ pid }) => memoryOf(pid).own);
  console.log(`exit code ${code}; model hosts left behind: ${left.length}`);
  const isSound = code === 0 && left.length === 0 && !leaks && trends.every(([, { isFlat }]) => isFlat);
  process.exit(isSound ? 0 : 1);
}

async function answered<T>(what: string, answer: Promise<T>): Promise<T> {
  const timer = setTimeout(() => fail(`no answer for ${patienceMs / 1000} s: ${what}`), patienceMs);
  try {
    return await answer;
  } catch (error) {
    return fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
  } finally {
    clearTimeout(timer);
  }
}

function fail(why: string): never {
  console.error(`after ${keys} keystrokes of seed ${seed}: ${why}`);
  server.kill();
  process.exit(1);
}
