import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { runtimeManifest } from './runtime.ts';

/** Why CUDA cannot be used, if this is known before a session is opened. */
export interface CudaProblem {
  readonly kind: 'platform' | 'no GPU' | 'no libraries' | 'no graph' | 'memory' | 'failed';
  /** A clause without full stop. */
  readonly text: string;
}

/** What ONNX Runtime loads for CUDA; both are beside its own library and must have its version. */
export const providerLibraries = ['libonnxruntime_providers_shared.so', 'libonnxruntime_providers_cuda.so'] as const;

/** Checks GPU, provider libraries and graph, in this order; cheap enough for every start. */
export function cudaProblem(graph: string | undefined): CudaProblem | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return {
      kind: 'platform',
      text: `onnxruntime-node has CUDA on linux/x64 only, this is ${process.platform}/${process.arch}`,
    };
  }
  if (gpuNames().length === 0) return { kind: 'no GPU', text: 'there is no NVIDIA GPU, or its driver is not loaded' };
  const folder = runtimeFolder();
  const missing = providerLibraries.filter((name) => folder === undefined || !existsSync(path.join(folder, name)));
  if (missing.length > 0)
    return { kind: 'no libraries', text: `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing` };
  return graph === undefined
    ? { kind: 'no graph', text: 'the model was imported without a graph for CUDA' }
    : undefined;
}

/**
 * Models of the GPUs that the NVIDIA driver knows, e.g. `NVIDIA GeForce RTX 4090`. Some kernels, gVisor's among them, and
 * some containers hide what the driver says in `folder`; the GPUs are then known by their devices alone.
 */
export function gpuNames(folder = '/proc/driver/nvidia/gpus', devices = '/dev'): string[] {
  const known = entries(folder).map((gpu) => modelOf(path.join(folder, gpu)) ?? gpu);
  if (known.length > 0) return known;
  const numbers = entries(devices).flatMap((name) => /^nvidia(\d+)$/.exec(name)?.[1] ?? []);
  return numbers
    .sort((one, other) => Number(one) - Number(other))
    .map((number) => `unknown model (${path.join(devices, `nvidia${number}`)})`);
}

function modelOf(gpu: string): string | undefined {
  try {
    return /^Model:\s*(.+)$/m.exec(readFileSync(path.join(gpu, 'information'), 'utf8'))?.[1]?.trim();
  } catch {
    return undefined;
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** The folder of ONNX Runtime's native libraries for this platform. */
export function runtimeFolder(): string | undefined {
  const manifest = runtimeManifest();
  return manifest && path.join(path.dirname(manifest), 'bin/napi-v6', process.platform, process.arch);
}
