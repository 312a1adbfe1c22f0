import { spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { isRecord } from '../../../shared/isRecord.ts';

/** What a solution is tested with: HumanEval's `check`, or the outputs of a right solution for some inputs (EvalPlus). */
export type Tests =
  | { readonly test: string }
  | {
      readonly compare: {
        /** The lists of arguments of each call. */
        readonly inputs: readonly (readonly unknown[])[];
        readonly solution: string;
        /** How far floats may be apart; 0 for the rounding of one operation. */
        readonly tolerance: number;
      };
    };

export interface Job {
  /** Python source that defines `entry` by itself. */
  readonly solution: string;
  readonly entry: string;
  /** The task's own source; tests may use what it defines. */
  readonly prompt: string;
  readonly tests: Tests;
}

export interface HarnessLimits {
  /** Processor time, which does not depend on what else the machine does. */
  readonly cpuSeconds: number;
  /** For those that sleep. */
  readonly wallMs: number;
  readonly memoryBytes: number;
  /** Of standard output and error together. */
  readonly outputBytes: number;
}

export const defaultLimits: HarnessLimits = {
  cpuSeconds: 10,
  wallMs: 60_000,
  memoryBytes: 1024 ** 3,
  outputBytes: 1024 ** 2,
};

export interface TestVerdict {
  readonly passed: boolean;
  /** Why it failed, in a few words. */
  readonly reason?: string;
  /** What held the solution: of `limits`, `guard`, `namespaces`, `filter` (see runSolution.py). */
  readonly layers: readonly string[];
}

/** Python cannot be had; the message says what to do. */
export class NoPython extends Error {
  override readonly name = 'NoPython';
}

/** The command that runs Python 3.8 or later on a POSIX system. Throws `NoPython`. */
export function findPython(): string {
  if (process.platform === 'win32') {
    throw new NoPython('solutions are run on Linux and macOS only: Windows has none of the limits that hold them');
  }
  // The interpreter itself: what is found by name may be a script that looks for it, each time.
  const itself = 'import sys; print(sys.executable) if sys.version_info >= (3, 8) else sys.exit(1)';
  for (const command of ['python3', 'python']) {
    const { status, stdout } = spawnSync(command, ['-c', itself], { encoding: 'utf8', timeout: 20_000 });
    if (status === 0) return stdout.trim() || command;
  }
  throw new NoPython('the solutions are tested with Python 3.8 or later: install it, as `python3`');
}

/** Lies beside this module, as source and as built. */
const script = () => fileURLToPath(new URL('./runSolution.py', import.meta.url));

/**
 * Runs a solution against tests in a Python process of its own, in an empty folder that is removed afterwards. Never
 * rejects for what the solution does; `runSolution.py` says what keeps it from doing harm.
 */
export async function runSolution(
  python: string,
  job: Job,
  limits: HarnessLimits = defaultLimits,
): Promise<TestVerdict> {
  const folder = await mkdtemp(path.join(tmpdir(), 'cursorcore-solution-'));
  try {
    return await runIn(folder, python, job, limits);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function runIn(folder: string, python: string, job: Job, limits: HarnessLimits): Promise<TestVerdict> {
  const nonce = randomBytes(16).toString('hex');
  const child = spawn(python, ['-s', '-B', script()], {
    cwd: folder,
    // A process group of its own, to be ended as a whole.
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH, LANG: 'C.UTF-8', PYTHONHASHSEED: '0', OPENBLAS_NUM_THREADS: '1' },
  });
  let ended: string | undefined;
  const end = (reason: string) => {
    ended ??= reason;
    try {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    } catch {
      // It is gone already.
    }
  };
  let printed = 0;
  const count = (bytes: Buffer) => {
    printed += bytes.length;
    if (printed > limits.outputBytes) end(`printed more than ${inMegabytes(limits.outputBytes)}`);
  };
  child.stdout.on('data', count);
  child.stderr.on('data', count);
  const said: string[] = [];
  const verdicts = child.stdio[3] as Readable;
  verdicts.setEncoding('utf8').on('data', (text: string) => {
    said.push(text);
    if (said.reduce((sum, one) => sum + one.length, 0) > maxSaid) end('wrote over the verdict');
  });
  const timer = setTimeout(() => end(`did not end within ${limits.wallMs / 1000} s`), limits.wallMs);
  try {
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', () => resolve());
      child.stdin.on('error', () => {});
      const { tests, ...rest } = job;
      const { cpuSeconds, memoryBytes } = limits;
      child.stdin.end(JSON.stringify({ ...rest, ...tests, nonce, cpuSeconds, memoryBytes }));
    });
  } finally {
    clearTimeout(timer);
    end('');
  }
  return verdictOf(said.join(''), nonce, ended || undefined, limits);
}

/** More than a verdict can be. */
const maxSaid = 64 * 1024;

/** What the lines with the nonce say. The first verdict counts; without one the process's end is the reason. */
function verdictOf(said: string, nonce: string, ended: string | undefined, limits: HarnessLimits): TestVerdict {
  const lines = said
    .split('\n')
    .map((line) => ownLine(line, nonce))
    .filter((line) => line !== undefined);
  const layers = lines.find(({ layers }) => Array.isArray(layers))?.layers;
  const found = { layers: Array.isArray(layers) ? layers.map(String) : [] };
  if (ended !== undefined) return { passed: false, reason: ended, ...found };
  const verdict = lines.find(({ passed }) => typeof passed === 'boolean');
  if (verdict?.passed === true) return { passed: true, ...found };
  if (verdict) return { passed: false, reason: String(verdict.reason), ...found };
  return { passed: false, reason: endOf(lines.find((line) => line.ended === true) ?? {}, limits), ...found };
}

function endOf({ code, signal, cpuSeconds }: Record<string, unknown>, limits: HarnessLimits): string {
  if (signal === undefined) return 'the test process died';
  // The kernel ends it so, and counts the time that it gives back in another way.
  if (signal === 9 && Number(cpuSeconds) > limits.cpuSeconds / 2)
    return `used ${limits.cpuSeconds} s of processor time`;
  return signal === 0 ? `ended the process (exit code ${code})` : `crashed (signal ${signal})`;
}

function ownLine(line: string, nonce: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) && value.nonce === nonce ? value : undefined;
  } catch {
    return undefined;
  }
}

function inMegabytes(bytes: number): string {
  return `${bytes / 1024 ** 2} MB`;
}
