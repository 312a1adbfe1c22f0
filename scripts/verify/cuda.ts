// Checks and measures the decoder on an NVIDIA GPU. Every part ends by itself and prints short lines:
//   tsx scripts/verify/cuda.ts profile MODEL_FOLDER         opens the graph, times single runs, lists what its operators take
//   tsx scripts/verify/cuda.ts same MODEL_FOLDER CODE       the ids on the GPU and on the CPU, with drafts and without
//   tsx scripts/verify/cuda.ts alone MODEL_FOLDER CODE      the ids decoded one by one, and the likeliest ones when the same text is read at once
//   tsx scripts/verify/cuda.ts speed MODEL_FOLDER CODE GBPS tokens a second, of which GBPS (gigabytes a second) are how much
//   tsx scripts/verify/cuda.ts fill MODEL_FOLDER            writes random weights for its graph, to measure without the real ones
// CODE is a text of at least 8,000 tokens. With DEVICE=cpu the parts are tried where there is no GPU.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { GenerationStats } from '../../server/model-host/hostProtocol.ts';
import { ProcessModelHost } from '../../server/model-host/processModelHost.ts';
import { int64Tensor, loadRuntime } from '../../server/model-host/runtime.ts';
import { readTokenizer } from '../../server/model-host/tokenizer.ts';
import type { Device } from '../../server/models/manifest.ts';
import { readManifest } from '../../server/models/store/manifestFile.ts';
import { text as textPart } from '../../shared/conversation/prompt.ts';
import { ms, profile, sessionOptions } from './cudaRuns.ts';
import { fill, storedTensors } from './randomWeights.ts';

const tested: Device = process.env.DEVICE === 'cpu' ? 'cpu' : 'cuda';
const never = new AbortController().signal;
const [part = '', folder = '', codeFile = '', bandwidth = '0'] = process.argv.slice(2);
const name = path.basename(folder);
const { decoder: description } = await readManifest(folder, name);
const { layers, kvHeads, headSize, vocabularySize } = description;
const cudaGraph = path.join(folder, description.files.cuda ?? '');
const print = (line: string) => console.log(`${name}: ${line}`);
const rate = (count: number, time: number) => `${Math.round((10_000 * count) / time) / 10}/s`;

interface Answer {
  readonly ids: number[];
  readonly stats: GenerationStats;
  readonly firstMs: number;
  readonly wholeMs: number;
}

function hostOn(device: Device): ProcessModelHost {
  const setup = { folder: path.resolve(folder), device, deviceId: 0, gpuMemoryLimit: 0, threads: 0 };
  return new ProcessModelHost({
    setup,
    onReady: (ready) => print(`loaded on ${ready.device} in ${ready.loadMs} ms ${ready.notice ?? ''}`),
  });
}

async function answerOf(
  host: ProcessModelHost,
  prompt: string,
  maxTokens: number,
  withDrafts: boolean,
): Promise<Answer> {
  const start = performance.now();
  const ids: number[] = [];
  let firstMs = 0;
  const asked = withDrafts ? [textPart(prompt)] : { raw: prompt };
  const stream = host.generate({ prompt: asked, maxTokens, stop: [] }, never);
  for (;;) {
    const { value, done } = await stream.next();
    if (done) return { ids, stats: value.stats, firstMs, wholeMs: ms(start) };
    firstMs ||= ms(start);
    ids.push(...value.ids);
  }
}

function eightPrompts(): string[] {
  const code = readFileSync(codeFile, 'utf8');
  return Array.from({ length: 8 }, (_, i) => code.slice((i * code.length) / 9, (i * code.length) / 9 + 900));
}

/** How far one device is from itself: what to hold the differences between two devices against. */
async function alone(): Promise<void> {
  const host = hostOn(tested);
  const tokenizer = await readTokenizer(folder, description.beginningOfSequence);
  const logits = await scorer(tested);
  let decoded = 0;
  const gaps: number[] = [];
  for (const prompt of eightPrompts()) {
    const { ids } = await answerOf(host, prompt, 64, false);
    const before = tokenizer.encodeRaw(prompt);
    const rows = await logits([...before, ...ids], ids.length + 1);
    for (const [index, id] of ids.entries()) {
      const row = rows.slice(index * vocabularySize, (index + 1) * vocabularySize);
      const gap = row.reduce((most, logit) => Math.max(most, logit), -Infinity) - (row[id] ?? Number.NaN);
      if (gap !== 0) gaps.push(gap);
    }
    decoded += ids.length;
  }
  await host.dispose();
  const sorted = gaps.sort((one, other) => other - one).map((gap) => gap.toFixed(3));
  print(
    `${gaps.length} of ${decoded} ids are not the likeliest when read at once on ${tested}, by ${sorted.join(' ')}`,
  );
}

async function same(): Promise<void> {
  const prompts = eightPrompts();
  const asked = async (device: Device, withDrafts: boolean) => {
    const host = hostOn(device);
    const answers: Answer[] = [];
    for (const prompt of prompts) answers.push(await answerOf(host, prompt, 64, withDrafts));
    await host.dispose();
    return answers;
  };
  const cpu = asked('cpu', false);
  const plain = await asked(tested, false);
  const drafted = await asked(tested, true);
  const runs = (answers: readonly Answer[]) => answers.reduce((sum, { stats }) => sum + stats.runs, 0);
  print(`runs without drafts ${runs(plain)}, with ${runs(drafted)}`);
  const tokenizer = await readTokenizer(folder, description.beginningOfSequence);
  const encoded = prompts.map((prompt) => tokenizer.encodeRaw(prompt));
  const parted = [...partings(plain, await cpu, 'cpu'), ...partings(plain, drafted, 'drafts')];
  const logits = { [tested]: await scorer(tested), cpu: await scorer('cpu') };
  const differences: number[] = [];
  for (const ids of encoded) {
    const [here, there] = [await logits[tested]?.(ids), await logits.cpu(ids)];
    differences.push(Math.max(...there.map((logit, id) => Math.abs(logit - (here?.[id] ?? Number.NaN)))));
  }
  print(
    `largest differences of a logit behind the prompts, ${tested} to cpu: ${differences.map((d) => d.toFixed(3)).join(' ')}`,
  );
  for (const { what, index, ids, pair } of parted) {
    const gaps = [];
    for (const device of new Set<Device>([tested, 'cpu'])) {
      const row = await logits[device]?.([...(encoded[index] ?? []), ...ids]);
      gaps.push(`${device} ${((row?.[pair[0]] ?? 0) - (row?.[pair[1]] ?? 0)).toFixed(4)}`);
    }
    print(
      `prompt ${index} parts from ${what} at ${ids.length} (${pair.join(' or ')}); logits apart by ${gaps.join(', ')}`,
    );
  }
}

function partings(plain: readonly Answer[], others: readonly Answer[], what: string) {
  const found = plain.flatMap(({ ids }, index) => {
    const other = others[index]?.ids ?? [];
    const at = ids.findIndex((id, position) => id !== other[position]);
    if (at === -1) return [];
    return { what, index, ids: ids.slice(0, at), pair: [ids[at] ?? 0, other[at] ?? 0] as const };
  });
  print(`the same ids as ${what} for ${plain.length - found.length} of ${plain.length} prompts`);
  return found;
}

/** Logits of the last positions, one after the other, by the graph for scoring. */
async function scorer(device: Device) {
  const runtime = await loadRuntime();
  const session = await runtime.InferenceSession.create(
    path.join(folder, description.scoringFiles?.[device] ?? ''),
    sessionOptions(device),
  );
  const isHalf = session.inputMetadata.some((input) => input.isTensor && input.type === 'float16');
  const none = isHalf
    ? new runtime.Tensor('float16', new Uint16Array(0), [1, kvHeads, 0, headSize])
    : new runtime.Tensor('float32', new Float32Array(0), [1, kvHeads, 0, headSize]);
  const past = session.inputNames.filter((input) => input.startsWith('past')).map((input) => [input, none] as const);
  return async (ids: readonly number[], positions = 1) => {
    const shape = [1, ids.length];
    const { logits } = await session.run({
      input_ids: int64Tensor(runtime, ids, shape),
      attention_mask: int64Tensor(
        runtime,
        ids.map(() => 1),
        shape,
      ),
      ...Object.fromEntries(past),
    });
    return Array.from(logits?.data as Float32Array).slice(-positions * vocabularySize);
  };
}

async function speed(): Promise<void> {
  const host = hostOn(tested);
  const code = readFileSync(codeFile, 'utf8');
  const [tokens = 1] = await host.count([code], never);
  /** About so many tokens of code, others for each `turn`. */
  const taken = (count: number, turn: number) =>
    `${turn}\n${code.slice(turn * 2000, turn * 2000 + Math.round((code.length * count) / tokens))}`;
  for (const [turn, count] of [1000, 1000, 4000, 4000].entries()) {
    const { stats, wholeMs } = await answerOf(host, taken(count, turn), 1, false);
    print(
      `${stats.promptTokens} tokens read at ${rate(stats.promptTokens, stats.prefillMs)} in ${stats.runs} runs, first token after ${wholeMs} ms`,
    );
  }
  const used = storedTensors(cudaGraph).filter(({ name }) => !/^(embedding\.row|rope)/.test(name));
  const weights = used.reduce((sum, { length }) => sum + length, 0);
  for (const turn of [4, 5]) {
    const { stats } = await answerOf(host, taken(1000, turn), 160, false);
    const perSecond = (1000 * (stats.generatedTokens - 1)) / stats.decodeMs;
    const perToken = weights + 2 * 2 * layers * kvHeads * headSize * (stats.promptTokens + 80);
    const share =
      Number(bandwidth) > 0
        ? `, ${((perToken * perSecond) / Number(bandwidth) / 1e7).toFixed(1)} % of the bandwidth`
        : '';
    print(
      `${stats.generatedTokens} tokens decoded at ${perSecond.toFixed(1)}/s in ${stats.runs} runs, ${(perToken / 1e6).toFixed(0)} MB each${share}`,
    );
  }
  for (const [turn, count] of [
    [6, 1000],
    [7, 2000],
  ] as const) {
    const prompt = taken(count, turn);
    const edited = `${prompt.slice(0, -300)}x${prompt.slice(-300)}`;
    for (const [what, asked] of [
      ['new', prompt],
      ['with one more keystroke', edited],
    ] as const) {
      const { stats, firstMs, wholeMs } = await answerOf(host, asked, 40, true);
      print(
        `a prompt of ${stats.promptTokens}, ${what}: first words after ${firstMs} ms, ${stats.generatedTokens} tokens after ${wholeMs} ms, ${stats.runs} runs`,
      );
    }
  }
  await host.dispose();
}

const parts: Record<string, () => void | Promise<void>> = {
  profile: () => profile({ folder, description, device: tested, print }),
  same,
  alone,
  speed,
  fill: () => fill(cudaGraph),
};
if (!parts[part]) throw new Error('usage: cuda.ts profile|same|alone|speed|fill MODEL_FOLDER [CODE [GBPS]]');
await parts[part]();
