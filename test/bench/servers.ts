/**
 * The language server alone, without a model, beside GitHub's: from the start to the answer of `initialize`, resident memory
 * with a file of 1,000 lines open, and what one `didChange` in it costs. Both take turns. Linux only.
 *
 *     npm run build && npm run bench:servers [-- [--runs 10] [--keys 300] [--copilot FOLDER] [--json FILE]]
 *
 * `@github/copilot-language-server` is installed with npm into a temporary folder, or found in FOLDER, where
 * `npm install --prefix FOLDER` has put it. It gets an empty home, so that it is signed in nowhere: what it does with an account is
 * not measured, and neither server is asked for a prediction.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { built } from '../built.ts';
import { EditorDocument, ServerProcess } from '../e2e/client.ts';
import { again, cpuSeconds, processTree, residentMegabytes } from './typing/processes.ts';
import { table } from './typing/report.ts';
import { type Quartiles, quartiles } from './typing/statistics.ts';

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '10' },
    keys: { type: 'string', default: '300' },
    copilot: { type: 'string' },
    json: { type: 'string' },
  },
});
const [runs, keys] = [Number(values.runs), Number(values.keys)];
const packageName = '@github/copilot-language-server';
/** How long a server is left alone before its memory is read, in milliseconds. */
const idleMs = 5000;
/** So long may one take to answer. */
const patienceMs = 60_000;
const lineCount = 1000;
const text = `${Array.from({ length: lineCount }, (_, i) => `export const value${i} = compute(${i}, 'some text');`).join('\n')}\n`;

const scratch = mkdtempSync(path.join(tmpdir(), 'cursorcore-servers-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));

interface Candidate {
  readonly name: string;
  readonly main: string;
  readonly settings: object;
  readonly initializeMs: number[];
  /** From a `didChange` to the answer of a request behind it. */
  readonly changeMs: number[];
  changeCpuMs?: number;
  megabytes?: number;
  processes?: number;
  problem?: string;
}

const ours = candidate('cursorcore-lsp, engine pattern', built('main.js'), { engine: 'pattern' });
const theirs = copilot();
const candidates = theirs ? [ours, theirs] : [ours];

// The first start reads everything from the disk.
for (const each of candidates) await attempt(each, startOnce);
for (const each of candidates) each.initializeMs.length = 0;
for (let run = 0; run < runs; run++) for (const each of candidates) await attempt(each, startOnce);
for (const each of candidates) await attempt(each, openAndType);

const rows = candidates.map((each) => [
  each.name,
  milliseconds(quartiles(each.initializeMs), 0),
  each.megabytes?.toFixed(0) ?? '',
  each.processes?.toFixed(0) ?? '',
  milliseconds(quartiles(each.changeMs), 2),
  each.changeCpuMs?.toFixed(2) ?? '',
]);
const head = ['server', 'ms to initialize', 'MB', 'processes', 'ms a didChange', 'CPU ms a didChange'];
console.log(
  `${cpus()[0]?.model}, load ${loadavg()[0]?.toFixed(1)}; Node ${process.version}; ${runs} starts, ${keys} keys\n`,
);
console.log(table(head, rows));
for (const { name, problem } of candidates) if (problem !== undefined) console.log(`\n${name}: ${problem}`);
if (values.json !== undefined) {
  const results = candidates.map(({ main: _, settings: _1, ...result }) => result);
  writeFileSync(values.json, `${JSON.stringify(results, undefined, 1)}\n`);
}

function candidate(name: string, main: string, settings: object): Candidate {
  return { name, main, settings, initializeMs: [], changeMs: [] };
}

/** Undefined where it cannot be had, of which the user is told. */
function copilot(): Candidate | undefined {
  const folder = values.copilot ?? path.join(scratch, 'npm');
  try {
    if (values.copilot === undefined) {
      const install = ['install', '--prefix', folder, '--ignore-scripts', '--no-audit', '--no-fund', packageName];
      execFileSync('npm', install, { stdio: ['ignore', 'ignore', 'pipe'] });
    }
    const installed = path.join(folder, 'node_modules', packageName);
    const { version } = JSON.parse(readFileSync(path.join(installed, 'package.json'), 'utf8'));
    const plugin = { name: 'cursorcore-bench', version: '0.0.0' };
    const settings = { editorInfo: plugin, editorPluginInfo: plugin };
    return candidate(`${packageName} ${version}`, path.join(installed, 'dist/language-server.js'), settings);
  } catch (error) {
    console.log(`${packageName} cannot be had: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

/** Notes what went wrong; the candidate is then left alone. */
async function attempt(
  each: Candidate,
  work: (each: Candidate, server: ServerProcess) => Promise<void>,
): Promise<void> {
  if (each.problem !== undefined) return;
  const home = path.join(scratch, 'home');
  mkdirSync(home, { recursive: true });
  const env = { HOME: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home, XDG_STATE_HOME: home };
  const server = new ServerProcess(['--stdio'], scratch, { main: each.main, env });
  let hangs = false;
  const timer = setTimeout(() => {
    hangs = true;
    server.kill();
  }, patienceMs);
  try {
    await work(each, server);
  } catch (error) {
    const what = hangs ? `gave no answer for ${patienceMs / 1000} s` : error instanceof Error ? error.message : error;
    each.problem = `${work === startOnce ? 'started' : 'edited in'}: ${what}`;
  } finally {
    clearTimeout(timer);
    // Programs that it has started are not its children any more once it is gone.
    for (const { pid } of processTree(server.child.pid ?? 0)) end(pid);
    server.kill();
    await server.exited();
  }
}

async function startOnce(each: Candidate, server: ServerProcess): Promise<void> {
  const start = performance.now();
  await server.initialize({ settings: each.settings });
  each.initializeMs.push(performance.now() - start);
}

async function openAndType(each: Candidate, server: ServerProcess): Promise<void> {
  await server.initialize({ settings: each.settings });
  const telemetry = { telemetry: { telemetryLevel: 'off' } };
  server.notify('workspace/didChangeConfiguration', {
    settings: each === ours ? { cursorcore: each.settings } : telemetry,
  });
  const document = new EditorDocument(server, 'file:///bench/values.ts', text);
  await sleep(idleMs);
  const tree = processTree(server.child.pid ?? 0);
  each.megabytes = residentMegabytes(tree);
  each.processes = tree.length;
  const before = cpuSeconds(again(tree));
  let at = text.indexOf('value500') + 'value500'.length;
  for (let key = 0; key < keys; key++) {
    at = document.type(at, 'x');
    const start = performance.now();
    // Nobody knows this request: it has nothing to do but wait its turn.
    await server.request('bench/nothing').catch(() => {});
    each.changeMs.push(performance.now() - start);
    await sleep(20);
  }
  // What is put off to a quiet moment is a change's cost, too.
  await sleep(1000);
  each.changeCpuMs = (1000 * (cpuSeconds(again(tree)) - before)) / keys;
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

function milliseconds(value: Quartiles | undefined, digits: number): string {
  return value ? `${value.median.toFixed(digits)} (${value.q1.toFixed(digits)} to ${value.q3.toFixed(digits)})` : '';
}
