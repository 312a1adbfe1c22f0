import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { EngineError, systemErrorWords } from '../../../shared/errors.ts';
import { printable, printableText } from '../../../shared/printable.ts';
import type { GenerationEnd } from '../../model-host/modelHost.ts';
import { ProcessModelHost, type ReadyResponse } from '../../model-host/processModelHost.ts';
import { devices } from '../../models/manifest.ts';
import { manifestName } from '../../models/store/manifestFile.ts';
import { StoreError, UsageError } from '../../models/store/storeError.ts';
import { ModelStore } from '../../models/store.ts';
import { jsonText } from '../jsonText.ts';
import { interruptible, reported } from './interruptible.ts';

/** As the setting `model.threads` has it; ONNX Runtime would try to start any number. */
const mostThreads = 512;

export interface RunModelOptions {
  readonly promptFile: string;
  readonly maxTokens: string;
  readonly device: string;
  readonly threads: string;
  readonly json?: boolean;
}

/**
 * `model run`: goes on with raw text greedily, to check a model. Control tokens spelled in the text are recognised. Prints
 * the text as it comes, made harmless on a terminal, and the speed on standard error, or JSON with the token ids. Returns
 * the exit code.
 */
export function runModel(name: string, options: RunModelOptions): Promise<number> {
  return reported('run', async () => {
    const maxTokens = wholeNumber('--max-tokens', options.maxTokens, 1, Number.MAX_SAFE_INTEGER);
    const threads = wholeNumber('--threads', options.threads, 0, mostThreads);
    const device = (['auto', ...devices] as const).find((known) => known === options.device);
    if (!device) throw new UsageError(`--device: should be auto, ${devices.join(' or ')}, not "${options.device}"`);
    const raw = readPrompt(options.promptFile);
    const { name: model, folder } = await locateModel(name);
    let ready: ReadyResponse | undefined;
    const onReady = (response: ReadyResponse) => {
      ready = response;
      if (response.notice !== undefined) process.stderr.write(`${printable(response.notice)}\n`);
    };
    const setup = { folder, device, deviceId: 0, gpuMemoryLimit: 0, threads };
    const host = new ProcessModelHost({ setup, onReady });
    try {
      const show = options.json
        ? () => {}
        : (text: string) => process.stdout.write(process.stdout.isTTY ? printableText(text) : text);
      const answer = await interruptible('interrupted', (signal) => generate(host, raw, maxTokens, show, signal));
      const report = { model, device: ready?.device, loadMs: ready?.loadMs, ...describe(answer) };
      if (options.json) process.stdout.write(jsonText(report, 0));
      else process.stderr.write(`\n${summary(report)}\n`);
      return 0;
    } catch (error) {
      throw error instanceof EngineError ? new StoreError(error.message) : error;
    } finally {
      await host.dispose();
    }
  });
}

/** The folder of a model of the store, or of one named by its path. Throws a StoreError. */
export async function locateModel(name: string): Promise<{ name: string; folder: string }> {
  const folder = path.resolve(name);
  if (/[\\/]/.test(name) && existsSync(path.join(folder, manifestName))) return { name, folder };
  const found = await new ModelStore().open(name);
  return { name: found.manifest.name, folder: found.folder };
}

interface Answer {
  readonly ids: readonly number[];
  readonly logProbabilities: readonly number[];
  readonly text: string;
  readonly end: GenerationEnd;
}

async function generate(
  host: ProcessModelHost,
  raw: string,
  maxTokens: number,
  show: (text: string) => void,
  signal: AbortSignal,
): Promise<Answer> {
  const ids: number[] = [];
  const logProbabilities: number[] = [];
  let text = '';
  const stream = host.generate({ prompt: { raw }, maxTokens, stop: [] }, signal);
  for (;;) {
    const { value, done } = await stream.next();
    if (done) return { ids, logProbabilities, text, end: value };
    ids.push(...value.ids);
    logProbabilities.push(...value.logProbabilities);
    text += value.text;
    show(value.text);
  }
}

function describe({ ids, logProbabilities, text, end }: Answer) {
  const { promptTokens, reusedTokens, generatedTokens, prefillMs, decodeMs } = end.stats;
  return {
    ids,
    text,
    logProbabilities,
    reason: end.reason,
    promptTokens,
    reusedTokens,
    generatedTokens,
    prefillTokensPerSecond: perSecond(promptTokens - reusedTokens, prefillMs),
    // The first token comes out of the prefill.
    decodeTokensPerSecond: perSecond(generatedTokens - 1, decodeMs),
  };
}

function summary(report: ReturnType<typeof describe> & { readonly device: string | undefined }): string {
  const { device, promptTokens, reusedTokens, generatedTokens, reason } = report;
  return (
    `${device}: ${promptTokens} prompt tokens (${reusedTokens} reused) at ${report.prefillTokensPerSecond ?? '-'} a second, ` +
    `${generatedTokens} decoded at ${report.decodeTokensPerSecond ?? '-'} a second, ended by ${reason}`
  );
}

/** Rounded to a tenth; nothing where there is nothing to measure. */
export function perSecond(count: number, ms: number): number | undefined {
  return count > 0 && ms > 0 ? Math.round((10_000 * count) / ms) / 10 : undefined;
}

function wholeNumber(option: string, value: string, least: number, most: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= least && number <= most) return number;
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
  throw new UsageError(`${option}: should be a whole number ${range}, not "${value}"`);
}

function readPrompt(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file === '-' ? 0 : file));
  } catch (error) {
    const why = error instanceof TypeError ? 'it is not UTF-8' : systemErrorWords(error);
    throw new UsageError(`--prompt-file: ${file} cannot be read: ${why}`);
  }
}
