/**
 * What the built server's client feels while a model generates: how long one `textDocument/didChange` keeps the next
 * answer waiting, how soon a cancelled request comes back, and how much of the prompt one more keystroke in a file of 300
 * lines has read anew. The same is measured with the model at rest, and beside each keystroke a bare process is sent a
 * message that it sends back: what that takes is the machine's share, which the model's threads keep busy.
 *
 *     npm run build && npm run bench:model [MODEL]
 *
 * MODEL is a name that `model list` shows; without it the first one is taken. CURSORCORE_CACHE says where models lie.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Status } from '../../shared/protocol.ts';
import { EditorDocument, ServerProcess } from '../e2e/client.ts';

const lineCount = 300;
const rounds = Number(process.env.ROUNDS ?? 200);
const text = `${Array.from({ length: lineCount }, (_, i) => `  const value${i} = compute(${i}, 'some text');`).join('\n')}\n`;
const model = process.argv[2] ?? '';

const server = new ServerProcess(['--stdio'], process.env.CURSORCORE_CACHE);
await server.initialize({
  settings: {
    engine: 'cursorcore',
    model: { name: model, debounceMs: 0, minConfidence: 0, maxPromptTokens: 2048, maxNewTokens: 1024 },
  },
});
const document = new EditorDocument(server, 'file:///bench/file.ts', text);
let at = text.indexOf('value150') + 'value150'.length;

/** A process that does nothing but send back what it is sent. */
const echo = spawn(process.execPath, ['-e', "process.on('message', (message) => process.send(message))"], {
  stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
});
const echoes: number[] = [];

async function echoed(): Promise<void> {
  const start = performance.now();
  echo.send('x');
  await once(echo, 'message');
  echoes.push(performance.now() - start);
}

/** Milliseconds from a keystroke to the answer of a request behind it, which has nothing to do but wait its turn. */
async function keystroke(): Promise<number> {
  await echoed();
  const start = performance.now();
  at = document.type(at, 'x');
  await server.request('bench/nothing').catch(() => {});
  return performance.now() - start;
}

/** Asks for a prediction, and resolves when the model has begun to write. */
async function generating(): Promise<{ cancel: () => void; answer: Promise<unknown> }> {
  const { CancellationTokenSource } = await import('vscode-jsonrpc');
  const source = new CancellationTokenSource();
  const params = { textDocument: document.identifier, position: document.position(at) };
  const answer = server.connection
    .sendRequest('textDocument/copilotInlineEdit', params, source.token)
    .catch((error: unknown) => error);
  await sleep(30);
  return { cancel: () => source.cancel(), answer };
}

async function cancelled(): Promise<number> {
  at = document.type(at, 'y');
  const { cancel, answer } = await generating();
  const start = performance.now();
  cancel();
  await answer;
  return performance.now() - start;
}

function report(what: string, values: readonly number[]): void {
  const sorted = [...values].sort((a, b) => a - b);
  const quantile = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN;
  const [p50, p99] = [quantile(0.5), quantile(0.99)].map((value) => value.toFixed(2).padStart(8));
  console.log(`${what.padEnd(44)} ${p50} ${p99}   (${values.length})`);
}

async function repeat(measure: () => Promise<number>, count = rounds): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(await measure());
  return values;
}

async function whileGenerating(): Promise<number[]> {
  const values: number[] = [];
  while (values.length < rounds) {
    const { cancel, answer } = await generating();
    // The first keystroke supersedes the request; the model is busy until its run ends.
    for (let i = 0; i < 5; i++) {
      values.push(await keystroke());
      await sleep(5);
    }
    cancel();
    await answer;
  }
  return values;
}

const begun = performance.now();
await document.nextEdit(at);
const status = await server.request<Status>('workspace/executeCommand', { command: 'cursorcore.status' });
console.log(
  `${status.engine}, ${status.model?.name} on ${status.model?.device}, first answer after ${((performance.now() - begun) / 1000).toFixed(1)} s`,
);
console.log(`${'milliseconds'.padEnd(44)} ${'p50'.padStart(8)} ${'p99'.padStart(8)}`);
await echoed();
echoes.length = 0;
report('didChange and an answer, model at rest', await repeat(keystroke));
report('a bare process beside it', echoes.splice(0));
report('didChange and an answer, model generating', await whileGenerating());
report('a bare process beside it', echoes.splice(0));
report('a cancelled request comes back', await repeat(cancelled, Math.ceil(rounds / 4)));

server.notify('$/setTrace', { value: 'verbose' });
// What a keystroke costs: the prompt of the last two predictions, as the log has it.
const counters = () => server.logged.map(({ message }) => message).filter((message) => message.includes('reused'));
for (let i = 0; i < 3; i++) {
  const known = counters().length;
  at = document.type(at, 'z');
  await document.nextEdit(at);
  while (counters().length === known) await sleep(10);
  console.log(counters().at(-1));
}
await server.stop();
echo.disconnect();
