import { printable } from '../../shared/printable.ts';
import { findModel } from '../engines/model/findModel.ts';
import { type CudaReport, driverLibrary, inspectCuda } from '../model-host/cudaLibraries.ts';
import { devices } from '../models/manifest.ts';
import { StoreError } from '../models/store/storeError.ts';
import { ModelStore, type StoreEntry } from '../models/store.ts';
import type { Settings } from '../settings/settings.ts';
import { type Measurement, measure } from './doctor/measure.ts';
import type { RemoteCheck } from './doctor/remoteCheck.ts';
import { checkRuntime, type RuntimeCheck } from './doctor/runtimeCheck.ts';
import { failure } from './failure.ts';
import { givenSettings } from './givenSettings.ts';
import { jsonText } from './jsonText.ts';
import { summary } from './model/describe.ts';
import { interruptible } from './model/interruptible.ts';
import { locateModel } from './model/run.ts';
import { outputColors as colors } from './showDiff.ts';

export interface DoctorOptions {
  readonly device: string;
  /** Settings, each as `NAME=VALUE`. */
  readonly setting?: readonly string[];
  readonly json?: boolean;
}

interface Report {
  readonly node: string;
  readonly runtime: RuntimeCheck;
  readonly cuda: CudaReport;
  readonly storeFolder: string;
  readonly models: readonly StoreEntry[];
  readonly measured?: Measurement;
  /** The server that `remote.url` names, where that is set. */
  readonly remote?: RemoteCheck;
  /** Why no model can make predictions. */
  readonly problem?: string;
}

/**
 * `doctor`: whether a model can make predictions here, on what and how fast, and what to do where it cannot. Measures
 * the model `name`, or the one that the server takes when none is named. With `remote.url` set the model on that server
 * is checked instead, or as well as one that is named. Returns the exit code: 0 when all that were asked for can, 1 when
 * one cannot, 2 for an option that cannot be understood.
 */
export async function doctor(name: string | undefined, options: DoctorOptions): Promise<number> {
  const device = (['auto', ...devices] as const).find((known) => known === options.device);
  if (!device) {
    process.stderr.write(
      `cursorcore-lsp doctor: --device: should be auto, ${devices.join(' or ')}, not "${options.device}"\n`,
    );
    return 2;
  }
  const given = givenSettings(options.setting);
  if (!given.settings) return failure('doctor', given.problem, 2);
  const { settings } = given;
  const store = new ModelStore();
  const examined = {
    node: process.versions.node,
    runtime: checkRuntime(),
    cuda: inspectCuda(),
    storeFolder: store.folder,
    models: await store.list(),
  };
  const isRemote = settings['remote.url'] !== '';
  const report: Report = {
    ...examined,
    ...(isRemote && name === undefined ? {} : await tryModel(store, examined.runtime, name, device)),
    ...(isRemote ? { remote: await tryRemote(settings) } : {}),
  };
  process.stdout.write(options.json ? jsonText(report) : describe(report));
  return report.problem === undefined && report.remote?.problem === undefined ? 0 : 1;
}

/** What the server engine needs is loaded only where it is wanted. */
async function tryRemote(settings: Settings): Promise<RemoteCheck> {
  const { checkRemote } = await import('./doctor/remoteCheck.ts');
  return await interruptible('interrupted', (signal) => checkRemote(settings, signal));
}

async function tryModel(
  store: ModelStore,
  runtime: RuntimeCheck,
  name: string | undefined,
  device: Parameters<typeof measure>[1],
): Promise<Pick<Report, 'measured' | 'problem'>> {
  if (runtime.problem !== undefined) return { problem: runtime.problem };
  try {
    const model = name === undefined ? await defaultModel(store) : await locateModel(name);
    return { measured: await interruptible('interrupted', (signal) => measure(model, device, signal)) };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The model that the server takes when the settings name none. Throws a StoreError. */
async function defaultModel(store: ModelStore): Promise<{ name: string; folder: string }> {
  const found = await findModel('', store);
  if (found.model) return { name: found.model.manifest.name, folder: found.model.folder };
  const none = 'no model is installed: `cursorcore-lsp model pull` lists what can be downloaded';
  throw new StoreError(found.missing ? none : found.problem.replace(/\.$/, ''));
}

function describe(report: Report): string {
  const remote = report.remote ? describeRemote(report.remote) : [];
  return [...describeRuntime(report), ...describeCuda(report.cuda), ...describeModels(report), ...remote]
    .join('\n')
    .concat('\n');
}

const good = (line: string) => `${colors.green('✓')} ${printable(line)}`;
const bad = (line: string) => `${colors.red('✗')} ${printable(line)}`;
const note = (line: string) => `${colors.dim('-')} ${printable(line)}`;
const more = (line: string) => `    ${printable(line)}`;

function describeRuntime({ node, runtime }: Report): string[] {
  const lines = [good(`Node ${node}, ${process.platform}/${process.arch}`)];
  if (runtime.problem === undefined) lines.push(good(`onnxruntime-node ${runtime.version} is installed and loads`));
  else lines.push(bad(runtime.problem));
  return lines;
}

function describeCuda({ gpus, driver, providers, dependencies, commands }: CudaReport): string[] {
  if (gpus.length === 0) return [note('no NVIDIA GPU is seen: models run on the CPU')];
  const states = [...providers, ...dependencies];
  const lines = [good(`GPU: ${gpus.join(', ')}; driver ${driver ?? 'unknown'}`)];
  for (const { name, path, isDamaged } of states) {
    if (path !== undefined) lines.push(isDamaged ? bad(`${path} is damaged`) : good(`${name}: ${path}`));
  }
  for (const { name, path } of states) {
    if (path === undefined)
      lines.push(bad(`${name}${name === driverLibrary ? ", of NVIDIA's driver," : ''} is missing`));
  }
  if (commands.length > 0) {
    lines.push(note('To run models on the GPU:'), ...commands.map(more));
    if (commands.some((command) => command.includes('apt-get'))) {
      lines.push(more("(with NVIDIA's package repository set up: https://developer.nvidia.com/cuda-downloads)"));
    }
  }
  return lines;
}

function describeModels({ storeFolder, models, measured, problem }: Report): string[] {
  const lines = [note(`models are kept in ${storeFolder}`)];
  for (const entry of models) {
    lines.push('manifest' in entry ? good(`${entry.name}: ${summary(entry.manifest)}`) : bad(entry.problem));
  }
  if (measured) {
    const { model, device, loadMs, prefillTokensPerSecond, decodeTokensPerSecond, notice } = measured;
    if (notice !== undefined) lines.push(bad(notice));
    const speed = `reads ${prefillTokensPerSecond ?? '-'} and writes ${decodeTokensPerSecond ?? '-'} tokens a second`;
    lines.push(good(`${model} runs on ${device === 'cuda' ? 'the GPU' : 'the CPU'}: ${speed}, loaded in ${loadMs} ms`));
  } else if (problem !== undefined) lines.push(bad(`no model can predict: ${problem}`));
  return lines;
}

function describeRemote(check: RemoteCheck): string[] {
  const { host, api, server, model, models = [], contextLength, promptFormat, problem } = check;
  const lines: string[] = [];
  if (server !== undefined) {
    const kind = server === 'other' ? 'an OpenAI-compatible server' : server;
    lines.push(good(`${kind} at ${host} serves ${models.join(', ') || 'models that it does not list'}`));
    if (models.length > 0 && model !== undefined && !models.includes(model)) {
      lines.push(note(`${model}, which remote.model names, is not listed`));
    }
    const room =
      contextLength === undefined
        ? 'it does not say how many tokens it has room for'
        : `room for ${contextLength} tokens`;
    lines.push(
      note(
        `asked by /v1/${api === 'chat' ? 'chat/completions' : 'completions'}, in the format ${promptFormat}; ${room}`,
      ),
    );
  }
  if (problem !== undefined) return [...lines, bad(`no model can predict there: ${problem.replace(/\.$/, '')}`)];
  const speed = `first token after ${check.firstTokenMs} ms, then ${check.tokensPerSecond ?? '-'} tokens a second`;
  const sure = check.hasProbabilities
    ? ''
    : '; it gives no probabilities, so that no edit is held back for being unlikely';
  return [...lines, good(`${model} answers: ${speed}${sure}`)];
}
