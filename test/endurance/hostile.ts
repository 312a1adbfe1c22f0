/**
 * Very many hostile messages, as test/e2e/fuzz.test.ts sends a few. After each thousand the server has to predict in a
 * document opened then, and its memory is read.
 *
 *     npm run build && npm run endure:hostile -- [--messages 100000] [--seed 1]
 *
 * Ends with 1 when the server did not answer, did not predict, or grows.
 */
import { parseArgs } from 'node:util';
import type { Status } from '../../shared/protocol.ts';
import { EditorDocument, ServerProcess } from '../e2e/client.ts';
import { hostileInputs, write } from '../e2e/hostileMessages.ts';
import { eager, source } from '../e2e/sample.ts';
import { describe, descriptorsOf, memoryOf, type Sample, trendOf } from './memory.ts';

const { values } = parseArgs({
  options: { messages: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
const [messages, seed] = [Number(values.messages), Number(values.seed)];
const batch = 1_000;
/** No answer for so long, in milliseconds, and the server counts as hanging. */
const patienceMs = 60_000;

const server = new ServerProcess();
server.child.once('exit', (code, signal) => {
  if (!isOver) fail(`the server ended (${signal ?? code})`);
});
let isOver = false;
await server.initialize({ settings: eager });
const pid = server.child.pid ?? 0;
const samples: Sample[] = [];
let [sent, slowestMs, id] = [0, 0, 1_000_000];
const begun = performance.now();

for (let round = 0; sent < messages; round++) {
  for (const input of hostileInputs(seed * 1_000_003 + round, Math.min(batch, messages - sent))) {
    write(server, input, id++);
    sent++;
  }
  const start = performance.now();
  await stillServes(round);
  slowestMs = Math.max(slowestMs, performance.now() - start);
  const { own } = memoryOf(pid);
  if (own) samples.push({ done: sent, ...own });
  if (round % 10 === 9) {
    console.log(`${sent} messages, ${own?.megabytes.toFixed(0)} MB, ${descriptorsOf(pid) ?? '?'} descriptors`);
  }
}

isOver = true;
const seconds = (performance.now() - begun) / 1000;
console.log(
  `${sent} messages of seed ${seed} in ${seconds.toFixed(0)} s, the longest wait behind a thousand ${(slowestMs / 1000).toFixed(1)} s`,
);
console.log(
  `shown ${server.shown.length} messages, of them ${new Set(server.shown.map(({ message }) => message)).size} different`,
);
// What the first round loads and compiles is no leak.
const trend = trendOf(samples.slice(Math.floor(samples.length / 5)));
console.log(describe('server', trend));
const code = await answered('shutdown', server.stop());
console.log(`exit code ${code}`);
process.exit(code === 0 && trend.isFlat ? 0 : 1);

/** Settings as they were, and a document of its own. */
async function stillServes(round: number): Promise<void> {
  // Noise without a line's end would be part of the next message's header.
  server.writeRaw('\r\n\r\n');
  server.notify('workspace/didChangeConfiguration', {
    settings: { cursorcore: { ...eager, enable: true, engine: 'pattern' } },
  });
  const document = new EditorDocument(server, `file:///work/after${round}.ts`, source);
  const cursor = document.replace('loadUser', 'fetchUser');
  if (!(await answered('a prediction', document.nextEdit(cursor)))) fail('nothing is predicted any more');
  await answered('status', server.request<Status>('workspace/executeCommand', { command: 'cursorcore.status' }));
  server.notify('textDocument/didClose', { textDocument: { uri: document.uri } });
}

async function answered<T>(what: string, answer: Promise<T>): Promise<T> {
  const timer = setTimeout(() => fail(`no answer for ${patienceMs / 1000} s: ${what}`), patienceMs);
  try {
    return await answer;
  } finally {
    clearTimeout(timer);
  }
}

function fail(why: string): never {
  console.error(`after ${sent} messages of seed ${seed}: ${why}`);
  server.kill();
  process.exit(1);
}
