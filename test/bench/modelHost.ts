// What a model host costs and gives: `npx tsx test/bench/modelHost.ts FOLDER`, FOLDER being a model's (`cursorcore-lsp model
// path NAME`). Build first (`npm run build`); quote the figures with the machine's load.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { loadavg } from 'node:os';
import path from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { GenerationStats } from '../../server/model-host/hostProtocol.ts';
import { ProcessModelHost } from '../../server/model-host/processModelHost.ts';
import { text } from '../../shared/conversation/prompt.ts';
import { built } from '../built.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('name the folder of a model');
const never = new AbortController().signal;
const setup = { folder, device: 'auto', deviceId: 0, gpuMemoryLimit: 0, threads: 0 } as const;
const script = pathToFileURL(built('modelHost.js'));
const host = new ProcessModelHost({ setup, script, onReady: (ready) => console.log('ready', JSON.stringify(ready)) });

const files = ['generator', 'processModelHost', 'hostProcess'].map((name) =>
  readFileSync(new URL(`../../server/model-host/${name}.ts`, import.meta.url), 'utf8'),
);
const code = files.join('\n').split('\n').slice(0, 300).join('\n');
const middle = code.indexOf('\n', Math.floor(code.length * 0.7));
const edited = `${code.slice(0, middle)} x${code.slice(middle)}`;

await host.count(['x'], never);
report('loaded');
const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
describe('a file of 300 lines', await generate(code, 64));
describe('the same with one more keystroke', await generate(edited, 64));
console.log(
  `event loop delay of this process: p99 ${(delay.percentile(99) / 1e6).toFixed(1)} ms, timer resolution included`,
);
console.log(`from abort to the next answer: ${(await cancellations(8)).join(', ')} ms`);
report('at the end');
console.log(`load average ${loadavg()[0]?.toFixed(1)}`);
await host.dispose();

async function generate(prompt: string, maxTokens: number): Promise<GenerationStats> {
  const stream = host.generate({ prompt: [text(prompt)], maxTokens, stop: [] }, never);
  for (;;) {
    const { value, done } = await stream.next();
    if (done) return value.stats;
  }
}

/** Milliseconds from aborting an answer, somewhere in its prefill, until the host has answered something else. */
async function cancellations(count: number): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const controller = new AbortController();
    const stream = host.generate({ prompt: [text(`${index}\n${code}`)], maxTokens: 200, stop: [] }, controller.signal);
    const pending = stream.next().catch(() => {});
    await setTimeout(400 + 37 * index);
    const start = performance.now();
    controller.abort();
    await pending;
    await host.count(['x'], never);
    times.push(Math.round(performance.now() - start));
  }
  return times;
}

function describe(what: string, stats: GenerationStats): void {
  const { promptTokens, reusedTokens, generatedTokens, prefillMs, decodeMs } = stats;
  const prefilled = promptTokens - reusedTokens;
  const speed = (tokens: number, ms: number) => `${((1000 * tokens) / ms).toFixed(1)} a second`;
  console.log(
    `${what}: ${promptTokens} tokens, ${reusedTokens} reused, ${prefilled} prefilled at ${speed(prefilled, prefillMs)}; ` +
      `${generatedTokens} generated at ${speed(generatedTokens - 1, decodeMs)}`,
  );
}

/** Resident memory of the host, Linux only, against the size of the model's files. */
function report(when: string): void {
  const bytes = readdirSync(setup.folder).reduce((sum, name) => sum + statSync(path.join(setup.folder, name)).size, 0);
  const status = process.platform === 'linux' ? readFileSync(`/proc/${host.pid}/status`, 'utf8') : '';
  const resident = (1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1])) / 1e6;
  console.log(`${when}: ${resident.toFixed(0)} MB resident, model files ${(bytes / 1e6).toFixed(0)} MB`);
}
