/**
 * How long a user who types waits for the model's first hunk, and what that costs, on traces of real editing: this build of the
 * server, another one, and llama.cpp on the same weights and prompts, in turn. docs/performance.md says how to read it.
 *
 *     npm run build && npm run bench:typing -- --model FOLDER [--gguf FILE] [--before CHECKOUT [--before-model FOLDER]]
 *         [--setting model.NAME=VALUE] [--traces 12] [--only TEXT] [--json FILE] [--plot FILE.svg]
 *     npm run build && npm run bench:typing -- --model FOLDER --keys 60 [--even] [--json FILE]
 *
 * FOLDER is a model's, as `cursorcore-lsp model path NAME` prints it; FILE the GGUF file that it was imported from. Linux only.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { readEverydayCases } from '../../server/eval/everyday/caseFile.ts';
import { built } from '../built.ts';
import { measureKeys, renderKeys } from './typing/keys.ts';
import { plot } from './typing/plot.ts';
import { groupsOf, renderGroups } from './typing/report.ts';
import type { Measurement } from './typing/session.ts';
import { allTraces } from './typing/traces.ts';
import { llamaVariant, ourVariant, Runner, type Variant } from './typing/variants.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    before: { type: 'string' },
    'before-model': { type: 'string' },
    gguf: { type: 'string' },
    lookup: {
      type: 'string',
      default: '--spec-type ngram-simple --spec-ngram-simple-size-n 3 --spec-ngram-simple-size-m 32',
    },
    traces: { type: 'string', default: '12' },
    only: { type: 'string', default: '' },
    keys: { type: 'string' },
    even: { type: 'boolean', default: false },
    threads: { type: 'string', default: '2' },
    rate: { type: 'string', default: '8' },
    reading: { type: 'string', default: '1000' },
    debounce: { type: 'string', default: '150' },
    setting: { type: 'string', multiple: true, default: [] },
    json: { type: 'string' },
    plot: { type: 'string' },
  },
});

if (process.platform !== 'linux') fail('processor time is read from /proc: run this on Linux');
const model = folderOf('model', values.model);
const threads = number('threads');
const rhythm = { keysPerSecond: number('rate'), readingMs: number('reading') };
const root = path.resolve(import.meta.dirname, '../..');
const settings = Object.fromEntries(
  values.setting.map((each) => {
    const [name = '', value = ''] = each.split('=', 2);
    return [name, /^[\d.]+$/.test(value) ? Number(value) : value];
  }),
);
const ours = { main: built('main.js'), model, threads, settings };
const machine = {
  processor: cpus()[0]?.model ?? 'unknown',
  cores: availableParallelism(),
  node: process.version,
  model: path.basename(model),
  threads,
  ...rhythm,
  settings,
};
const loadAtFirst = loadavg()[0] ?? 0;
if (loadAtFirst > 0.5)
  console.error(`others use this machine (load ${loadAtFirst.toFixed(1)}): these figures are not for quoting`);

if (values.keys === undefined) await measureTraces();
else await measureTyping(number('keys'));

async function measureTyping(seconds: number): Promise<void> {
  const result = await measureKeys(ours, { ...rhythm, isEven: values.even }, seconds, (line) => console.error(line));
  console.log(`${describeMachine()}\n\n${renderKeys(result)}`);
  write(values.json, jsonOf({ machine, keys: result }));
}

async function measureTraces(): Promise<void> {
  const all = allTraces(await readEverydayCases(path.join(root, 'test/everyday')), root);
  const traces = all.filter(({ name }) => name.includes(values.only)).slice(0, number('traces'));
  if (traces.length === 0)
    fail(`no trace has "${values.only}" in its name; there are:\n${all.map(({ name }) => name).join('\n')}`);
  const variants = variantsOf();
  const names = variants.map(({ name }) => name);
  const runner = await Runner.create(variants, model, (variant, error) => {
    process.exitCode = 1;
    console.error(`${variant} failed: ${error instanceof Error ? error.message : error}`);
  });
  const measurements: Measurement[] = [];
  for (const [i, trace] of traces.entries()) {
    const lines = trace.before.split('\n').length;
    console.error(`${i + 1} of ${traces.length}: ${trace.name} (${trace.languageId}, ${lines} lines)`);
    measurements.push(...(await runner.run(trace, i)));
    // After each trace: whoever breaks off has something.
    write(values.json, jsonOf({ machine, load: [loadAtFirst, loadavg()[0]], variants: names, measurements }));
  }
  const groups = groupsOf(measurements, names);
  console.log(`${describeMachine()}; ${traces.length} traces\n\n${renderGroups(groups)}`);
  write(values.plot, plot(groups, `Typing with ${machine.model}, ${threads} threads`));
}

function variantsOf(): Variant[] {
  const variants = [ourVariant('now', ours, rhythm)];
  if (values.before !== undefined) {
    const main = path.resolve(values.before, 'dist/main.js');
    if (!existsSync(main)) fail(`there is no ${main}: run \`npm run build\` in that checkout`);
    const beforeModel = folderOf('before-model', values['before-model'] ?? model);
    variants.push(ourVariant('before', { main, model: beforeModel, threads }, rhythm));
  }
  if (values.gguf === undefined) return variants;
  if (!existsSync(values.gguf)) fail(`there is no ${values.gguf}`);
  const llama = { gguf: values.gguf, threads, options: [], debounceMs: number('debounce') };
  const options = values.lookup.split(' ').filter((option) => option !== '');
  return [
    ...variants,
    llamaVariant('llama.cpp', llama, rhythm),
    llamaVariant('llama.cpp, lookup', { ...llama, options }, rhythm),
  ];
}

function describeMachine(): string {
  const load = [loadAtFirst, loadavg()[0]].map((one) => one?.toFixed(1)).join(' to ');
  return `${machine.processor}, ${machine.cores} cores, load ${load}; Node ${machine.node}; ${machine.model} on ${threads} threads`;
}

function folderOf(option: string, folder: string | undefined): string {
  if (folder === undefined)
    fail(`--${option} wants the folder of a model: \`cursorcore-lsp model path NAME\` prints it`);
  if (!existsSync(path.join(folder, 'model.json'))) fail(`--${option}: ${folder} holds no model`);
  return path.resolve(folder);
}

function number(option: 'traces' | 'keys' | 'threads' | 'rate' | 'reading' | 'debounce'): number {
  const value = Number(values[option]);
  if (!(value > 0)) fail(`--${option} wants a number above 0, not "${values[option]}"`);
  return value;
}

function jsonOf(value: object): string {
  return `${JSON.stringify(value, undefined, 1)}\n`;
}

function write(file: string | undefined, content: string): void {
  if (file !== undefined) writeFileSync(file, content);
}

function fail(why: string): never {
  console.error(why);
  process.exit(2);
}
