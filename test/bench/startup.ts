/**
 * How long the built server takes from being started to answering `initialize`, as a ratio to an empty Node script, and
 * how much memory it holds when idle. Alternates the two, so that a busy machine slows both.
 *
 *     npm run build && npm run bench:startup [RUNS]
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { EditorDocument, ServerProcess } from '../e2e/client.ts';
import { eager, source } from '../e2e/sample.ts';

/** How long the server is left alone before its memory is read, in milliseconds. */
const idleMs = 2000;

async function emptyScript(): Promise<number> {
  const start = performance.now();
  await once(spawn(process.execPath, ['-e', ''], { stdio: 'ignore' }), 'exit');
  return performance.now() - start;
}

async function initializeAnswered(): Promise<number> {
  const start = performance.now();
  const server = new ServerProcess();
  await server.initialize();
  const took = performance.now() - start;
  await server.stop();
  return took;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Resident memory in MB (10^6 bytes), from the kernel's account; Linux only. */
function residentMB(pid: number | undefined): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kibibytes) * 1024) / 1e6;
}

const runs = Number(process.argv[2] ?? 20);
const [empty, answered]: [number[], number[]] = [[], []];
await emptyScript();
await initializeAnswered();
for (let run = 0; run < runs; run++) {
  empty.push(await emptyScript());
  answered.push(await initializeAnswered());
}
console.log(`runs                       ${runs}, alternating`);
console.log(`node -e ""                 ${median(empty).toFixed(0)} ms (median)`);
console.log(`initialize answered        ${median(answered).toFixed(0)} ms (median)`);
console.log(`ratio                      ${(median(answered) / median(empty)).toFixed(2)}`);

if (process.platform === 'linux') {
  const server = new ServerProcess();
  await server.initialize({ settings: eager });
  await sleep(idleMs);
  console.log(`resident after initialize  ${residentMB(server.child.pid).toFixed(1)} MB`);
  const document = new EditorDocument(server, 'file:///work/users.ts', source);
  const predicted = await document.nextEdit(document.replace('loadUser', 'fetchUser'));
  await sleep(idleMs);
  console.log(
    `resident after ${predicted ? 'predicting ' : 'keeping still'} ${residentMB(server.child.pid).toFixed(1)} MB`,
  );
  await server.stop();
}
