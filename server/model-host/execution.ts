import path from 'node:path';
import type { InferenceSession } from 'onnxruntime-node';
import { EngineError } from '../../shared/errors.ts';
import type { DecoderDescription, Device } from '../models/manifest.ts';
import { type CudaProblem, cudaProblem } from './cuda.ts';
import type { HostSetup } from './hostProtocol.ts';
import type { Runtime } from './runtime.ts';

export interface OpenSession {
  readonly session: InferenceSession;
  readonly device: Device;
  /** Why the session is not on the GPU, if one was requested or exists. */
  readonly notice?: string;
}

/**
 * Opens the decoder's session on the requested device. An unusable GPU is not a failure: the CPU is used, and
 * `notice` says so. `bytes`: the size of the model's files. Throws an EngineError if the CPU cannot run it either.
 */
export async function openSession(
  runtime: Runtime,
  setup: HostSetup,
  { files }: Pick<DecoderDescription, 'files'>,
  bytes: number,
): Promise<OpenSession> {
  if (setup.device === 'cpu') return { session: await openOnCpu(runtime, setup, files.cpu), device: 'cpu' };
  let problem: CudaProblem | undefined = cudaProblem(files.cuda) ?? limitProblem(setup, bytes);
  if (files.cuda !== undefined && !problem) {
    try {
      const file = path.join(setup.folder, files.cuda);
      return { session: await runtime.InferenceSession.create(file, cudaOptions(setup)), device: 'cuda' };
    } catch (error) {
      problem = { kind: 'failed', text: firstLine(error) };
    }
  }
  const session = await openOnCpu(runtime, setup, files.cpu);
  // If the user cannot do anything about it, `auto` means the CPU, without a notice on every start.
  if (setup.device === 'auto' && (problem === undefined || isOfTheMachine(problem))) return { session, device: 'cpu' };
  const notice = `CUDA cannot be used: ${problem?.text}. The model runs on the CPU; \`cursorcore-lsp doctor\` tells what to do.`;
  return { session, device: 'cpu', notice };
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

async function openOnCpu(runtime: Runtime, setup: HostSetup, file: string | undefined): Promise<InferenceSession> {
  if (file === undefined) {
    throw new EngineError(`the model in ${setup.folder} has no graph for the CPU; import it again`);
  }
  try {
    return await runtime.InferenceSession.create(path.join(setup.folder, file), cpuOptions(setup));
  } catch (error) {
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
