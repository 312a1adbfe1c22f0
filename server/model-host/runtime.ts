import { createRequire } from 'node:module';
import type { Tensor } from 'onnxruntime-node';
import { EngineError } from '../../shared/errors.ts';

/** ONNX Runtime's Node binding: an optional dependency with a native part, loaded only in the model host. */
export type Runtime = typeof import('onnxruntime-node');

/**
 * Keeps ONNX Runtime's telemetry off. Since 1.29 its builds for Linux and macOS have it on: they keep a device id and send
 * events about models and runs to Microsoft. On Windows it has no effect: events go to the system's own tracing there.
 */
export const noTelemetry = { ORT_DISABLE_TELEMETRY: '1' };

/** Loads ONNX Runtime, or throws an EngineError that says why this is impossible and what to do. */
export async function loadRuntime(): Promise<Runtime> {
  Object.assign(process.env, noTelemetry);
  try {
    return await import('onnxruntime-node');
  } catch (error) {
    throw new EngineError(runtimeProblem(error), { cause: error });
  }
}

/** A tensor of int64 numbers, as the decoders' graphs take ids, lengths and counts. */
export function int64Tensor(runtime: Runtime, values: readonly number[], dims: readonly number[]): Tensor {
  return new runtime.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
}

/** The path of onnxruntime-node's package.json, or undefined when it is not installed. */
export function runtimeManifest(): string | undefined {
  try {
    // Its package.json is not hidden by an `exports` map.
    return createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  } catch {
    return undefined;
  }
}

/** Why ONNX Runtime did not load, in a sentence for the user. */
export function runtimeProblem(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const platform = `${process.platform}/${process.arch}`;
  if (/(ERR_)?MODULE_NOT_FOUND/.test(code)) {
    if (/Cannot find (package|module) '?onnxruntime-node/.test(message)) {
      return (
        'onnxruntime-node, which runs models, is not installed; npm leaves it out where its download of CUDA libraries fails: ' +
        'install cursorcore-lsp again with ONNXRUNTIME_NODE_INSTALL=skip in the environment, which leaves that download out'
      );
    }
    return `onnxruntime-node has no build for ${platform}: models cannot run on this machine; set \`engine\` to "pattern"`;
  }
  const glibc = /GLIBC(?:XX)?_([\d.]+)/.exec(message)?.[0];
  if (glibc !== undefined) {
    return `ONNX Runtime needs ${glibc}, which this system's C library is too old for: update the system or set \`engine\` to "pattern"`;
  }
  return `ONNX Runtime does not load on ${platform} (${firstLine(message)}): install cursorcore-lsp again or set \`engine\` to "pattern"`;
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? '';
}
