import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { cudaProblem } from '../../model-host/cuda.ts';

/** Bytes of memory of the first GPU, where models can run on one at all; undefined where they run on the CPU. */
export async function gpuMemory(): Promise<number | undefined> {
  // The graph does not exist yet; an import makes one for CUDA.
  if (cudaProblem('decoder-cuda.onnx') !== undefined) return undefined;
  try {
    const query = ['--query-gpu=memory.total', '--format=csv,noheader,nounits'];
    const { stdout } = await promisify(execFile)('nvidia-smi', query, { timeout: 5000 });
    const mebibytes = Number.parseInt(stdout, 10);
    return Number.isNaN(mebibytes) ? undefined : mebibytes * 2 ** 20;
  } catch {
    return undefined;
  }
}
