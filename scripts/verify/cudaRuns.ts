import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cpuOptions, cudaOptions } from '../../server/model-host/execution.ts';
import { LoopDecoder } from '../../server/model-host/loopDecoder.ts';
import { loadRuntime } from '../../server/model-host/runtime.ts';
import type { DecoderDescription, Device } from '../../server/models/manifest.ts';

export interface Profiled {
  readonly folder: string;
  readonly description: DecoderDescription;
  readonly device: Device;
  readonly print: (line: string) => void;
}

export const ms = (since: number) => Math.round((performance.now() - since) * 10) / 10;

export function sessionOptions(device: Device) {
  return device === 'cpu' ? cpuOptions({ threads: 0 }) : cudaOptions({ threads: 0, deviceId: 0 });
}

/** Single runs of the loop, then what each kind of operator takes in one of them. */
export async function profile(profiled: Profiled): Promise<void> {
  const { folder, description, device, print } = profiled;
  const runtime = await loadRuntime();
  const prompt = Array.from({ length: 1000 }, (_, i) => 300 + ((i * 7919) % 20_000));
  const open = async (options: object) => {
    const graph = path.join(folder, description.files[device] ?? '');
    const session = await runtime.InferenceSession.create(graph, { ...sessionOptions(device), ...options });
    return { session, decoder: new LoopDecoder(runtime, session, description) };
  };
  const begun = performance.now();
  const { decoder } = await open({});
  print(`session of ${device} opened in ${ms(begun)} ms`);
  for (const length of [1000, 200]) {
    const sequence = decoder.begin();
    const timed = async (what: string, count: number, decode: number, verify = 1) => {
      const start = performance.now();
      const tokens = prompt.slice(length - count, length);
      await sequence.run({ tokens, past: length - count, decode, verify, stop: [] });
      print(`${length} tokens, ${what}: ${ms(start)} ms`);
    };
    await timed('all read, first run', length, 1);
    await timed('all read', length, 1);
    for (const decode of [1, 1, 8, 32, 32]) await timed(`${decode} decoded`, 1, decode);
    for (const draft of [8, 8, 32, 64]) await timed(`${draft} verified`, draft, 1, draft);
    sequence.release();
  }
  await decoder.dispose();

  const prefix = `${path.basename(folder)}-${process.pid}`;
  const profiling = await open({ enableProfiling: true, profileFilePrefix: path.join(tmpdir(), prefix) });
  const sequence = profiling.decoder.begin();
  await sequence.run({ tokens: prompt, past: 0, decode: 1, stop: [] });
  await sequence.run({ tokens: prompt.slice(-1), past: 999, decode: 9, stop: [] });
  const start = performance.now();
  await sequence.run({ tokens: prompt.slice(-1), past: 999, decode: 9, stop: [] });
  print(`9 decoded, profiled: ${ms(start)} ms, of which`);
  profiling.session.endProfiling();
  await profiling.decoder.dispose();
  const file = readdirSync(tmpdir()).find((entry) => entry.startsWith(prefix));
  if (file !== undefined) operators(path.join(tmpdir(), file), print);
}

interface ProfileEvent {
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

/** Sums of the last run. On a GPU an operator is only begun where it is counted, and waited for where something is copied back. */
function operators(file: string, print: Profiled['print']): void {
  const events: ProfileEvent[] = JSON.parse(readFileSync(file, 'utf8'));
  rmSync(file);
  const run = events.findLast(({ name }) => name === 'model_run');
  if (run) print(`  the whole run: ${run.dur / 1000} ms`);
  const sums = new Map<string, { count: number; us: number }>();
  for (const { name, ts, dur, args } of events) {
    if (!name.endsWith('_kernel_time') || ts < (run?.ts ?? 0)) continue;
    const key = `${args?.op_name} on ${args?.provider?.replace('ExecutionProvider', '')}`;
    const { count, us } = sums.get(key) ?? { count: 0, us: 0 };
    sums.set(key, { count: count + 1, us: us + dur });
  }
  const sorted = [...sums].sort(([, a], [, b]) => b.us - a.us).slice(0, 24);
  for (const [key, { count, us }] of sorted) print(`  ${key}: ${count} times, ${us / 1000} ms`);
}
