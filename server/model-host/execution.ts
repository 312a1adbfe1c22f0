import path from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { EngineError } from '../../shared/errors.ts';
import type { DecoderDescription, Device } from '../models/manifest.ts';
import { type CudaProblem, cudaProblem } from './cuda.ts';
import type { Decoder } from './decoder.ts';
import type { HostSetup } from './hostProtocol.ts';
import { InPlaceDecoder } from './inPlaceDecoder.ts';
import { LoopDecoder } from './loopDecoder.ts';
import { NativeRuntime } from './nativeRuntime.ts';
import { loadRuntime, type Runtime } from './runtime.ts';
import { StepDecoder } from './stepDecoder.ts';

export interface OpenDecoder {
  readonly decoder: Decoder;
  readonly device: Device;
  /** Why the decoder is not on the GPU, if one was requested or exists. */
  readonly notice?: string;
}

/**
 * Opens the decoder on the requested device. An unusable GPU is not a failure: the CPU is used, and
 * `notice` says so. `bytes`: the size of the model's files. Throws an EngineError if the CPU cannot run it either.
 */
export async function openDecoder(
  setup: HostSetup,
  description: DecoderDescription,
  bytes: number,
): Promise<OpenDecoder> {
  const { files } = description;
  if (setup.device === 'cpu') return { decoder: await openOnCpu(setup, description), device: 'cpu' };
  let problem: CudaProblem | undefined = cudaProblem(files.cuda) ?? limitProblem(setup, bytes);
  if (files.cuda !== undefined && !problem) {
    const runtime = await loadRuntime();
    try {
      const session = await runtime.InferenceSession.create(path.join(setup.folder, files.cuda), cudaOptions(setup));
      return { decoder: decoderOver(runtime, session, description), device: 'cuda' };
    } catch (error) {
      problem = { kind: 'failed', text: firstLine(error) };
    }
  }
  const decoder = await openOnCpu(setup, description);
  // If the user cannot do anything about it, `auto` means the CPU, without a notice on every start.
  if (setup.device === 'auto' && (problem === undefined || isOfTheMachine(problem))) return { decoder, device: 'cpu' };
  const notice = `CUDA cannot be used: ${problem?.text}. The model runs on the CPU; \`cursorcore-lsp doctor\` tells what to do.`;
  return { decoder, device: 'cpu', notice };
}

function decoderOver(runtime: Runtime, session: InferenceSession, description: DecoderDescription): Decoder {
  return description.layout === 'loop'
    ? new LoopDecoder(runtime, session, description)
    : new StepDecoder(runtime, session, description);
}

/** Whether the machine cannot have CUDA, as opposed to an incomplete setup. */
function isOfTheMachine({ kind }: CudaProblem): boolean {
  return kind === 'platform' || kind === 'no GPU';
}

/**
 * A model that does not fit into its share of GPU memory. ONNX Runtime's Node binding passes no limit on to CUDA, so
 * the only way is not to use the GPU.
 */
export function limitProblem(
  { gpuMemoryLimit }: Pick<HostSetup, 'gpuMemoryLimit'>,
  bytes: number,
): CudaProblem | undefined {
  if (gpuMemoryLimit === 0 || bytes <= gpuMemoryLimit) return undefined;
  const inMebibytes = (size: number) => `${Math.round(size / 2 ** 20)} MiB`;
  return {
    kind: 'memory',
    text: `the model has ${inMebibytes(bytes)} and it may take ${inMebibytes(gpuMemoryLimit)} of the GPU`,
  };
}

async function openOnCpu(setup: HostSetup, description: DecoderDescription): Promise<Decoder> {
  const { files, inPlaceFiles } = description;
  const native = inPlaceFiles?.cpu === undefined ? undefined : await NativeRuntime.load();
  const file = native ? inPlaceFiles?.cpu : files.cpu;
  if (file === undefined) {
    throw new EngineError(`the model in ${setup.folder} has no graph for the CPU; import it again`);
  }
  const runtime = native ?? (await loadRuntime());
  try {
    const graph = path.join(setup.folder, file);
    if (runtime instanceof NativeRuntime) {
      return new InPlaceDecoder(runtime, await runtime.open(graph, setup.threads), description);
    }
    return decoderOver(runtime, await runtime.InferenceSession.create(graph, cpuOptions(setup)), description);
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw new EngineError(`ONNX Runtime cannot open ${file} (${firstLine(error)}); import the model again`);
  }
}

/** Session options for the CPU. */
export function cpuOptions({ threads }: Pick<HostSetup, 'threads'>): InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    // An arena keeps its maximum size; the memory that a run needs beside the cache is small.
    enableCpuMemArena: false,
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Threads that wait in a loop take twice the processor time, which the editor needs.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    // Without a number ONNX Runtime uses one thread for each physical core.
    ...(threads > 0 ? { intraOpNumThreads: threads } : {}),
  };
}

/** Session options for the GPU; operators without a CUDA kernel run on the CPU. */
export function cudaOptions(setup: Pick<HostSetup, 'threads' | 'deviceId'>): InferenceSession.SessionOptions {
  return { ...cpuOptions(setup), executionProviders: [{ name: 'cuda', deviceId: setup.deviceId }, 'cpu'] };
}

function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.split('\n', 1)[0] ?? '';
}
