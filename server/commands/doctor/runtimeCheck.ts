import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { noTelemetry, runtimeManifest, runtimeProblem } from '../../model-host/runtime.ts';

export interface RuntimeCheck {
  readonly installed: boolean;
  readonly version?: string;
  /** Why it does not load, and what to do. */
  readonly problem?: string;
}

/** Loads its first argument and prints why it could not. */
const loader = `try { require(process.argv[1]) } catch ({ code, message }) { console.log(JSON.stringify({ code, message })) }`;

/** Whether onnxruntime-node is there and loads; tried in a process of its own, since native code may end it. */
export function checkRuntime(): RuntimeCheck {
  const manifest = runtimeManifest();
  if (manifest === undefined) {
    const missing = Object.assign(new Error("Cannot find package 'onnxruntime-node'"), { code: 'MODULE_NOT_FOUND' });
    return { installed: false, problem: runtimeProblem(missing) };
  }
  const { version }: { version: string } = JSON.parse(readFileSync(manifest, 'utf8'));
  const { stdout, signal } = spawnSync(process.execPath, ['-e', loader, path.dirname(manifest)], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...noTelemetry },
  });
  if (signal !== null)
    return { installed: true, version, problem: runtimeProblem(new Error(`it ended with ${signal}`)) };
  if (stdout === '') return { installed: true, version };
  const { code, message }: { code?: string; message: string } = JSON.parse(stdout);
  return { installed: true, version, problem: runtimeProblem(Object.assign(new Error(message), { code })) };
}
