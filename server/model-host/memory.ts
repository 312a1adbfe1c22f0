import os from 'node:os';
import { EngineError } from '../../shared/errors.ts';
import type { ModelManifest } from '../models/manifest.ts';
import { memoryLoaded } from '../models/needs.ts';

const gigabyte = 1e9;

/** Bytes that a process can still take without displacing others. */
function availableMemory(): number {
  // macOS counts only never-used memory as free, so the machine's total is used there.
  if (process.platform === 'darwin') return os.totalmem();
  return process.availableMemory?.() ?? os.freemem();
}

/** Throws an EngineError with figures when the model is larger than the memory there is. */
export function checkMemory(
  manifest: Pick<ModelManifest, 'name' | 'precision' | 'files'>,
  available = availableMemory(),
): void {
  const needed = memoryLoaded(filesSize(manifest), manifest.precision);
  if (needed <= available) return;
  throw new EngineError(
    `${manifest.name} needs about ${inGigabytes(needed)} of memory and ${inGigabytes(available)} are free: ` +
      'close other programs, or install a smaller model or one of lower precision',
    // The amount of free memory differs each time.
    { topic: 'memory for the model' },
  );
}

/** Bytes of all of a model's files. */
export function filesSize({ files }: Pick<ModelManifest, 'files'>): number {
  return files.reduce((sum, { size }) => sum + size, 0);
}

function inGigabytes(bytes: number): string {
  return `${(bytes / gigabyte).toFixed(1)} GB`;
}
