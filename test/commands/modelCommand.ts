import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { main, type Run } from './cli.ts';

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Run>;
}

/** Starts `model` with a cache folder of its own; unlike `run`, without blocking a server in the test. */
export function startModelCommand(cache: string, env: NodeJS.ProcessEnv, ...args: string[]): Started {
  return started(cache, { env }, ...args);
}

function started(cache: string, { env, ...options }: SpawnOptions, ...args: string[]): Started {
  const child = spawn(process.execPath, [main, 'model', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, CURSORCORE_CACHE: cache },
    ...options,
  });
  const outcome = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      outcome[name] += text;
    });
  }
  const ended = new Promise<Run>((resolve, reject) => {
    child.on('error', reject).on('close', (code) => resolve({ code, ...outcome }));
  });
  return { process: child, ended };
}

export function modelCommand(cache: string, ...args: string[]): Promise<Run> {
  return startModelCommand(cache, {}, ...args).ended;
}

/** Runs `model` as somebody whom permissions bind, which root is not. `readable` is opened to that user. */
export function unprivileged(cache: string, readable: string, ...args: string[]): Promise<Run> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chmodSync(readable, 0o755);
  return started(cache, isRoot ? { env: { HOME: '/nonexistent' }, uid: 65_534, gid: 65_534 } : {}, ...args).ended;
}

/** Whether a shell may mount file systems of its own here. */
export const hasSandbox =
  process.platform === 'linux' &&
  spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt'], { timeout: 10_000 }).status === 0;

/**
 * Runs a shell script in which `model` is the command, and in which file systems can be mounted that nobody else sees.
 */
export function inSandbox(script: string, cache: string): Run {
  const define = `model() { "${process.execPath}" "${main}" model "$@"; };`;
  const { status, stdout, stderr } = spawnSync('unshare', ['-rm', 'sh', '-c', `${define} ${script}`], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, FORCE_COLOR: undefined, CURSORCORE_CACHE: cache },
  });
  return { code: status, stdout, stderr };
}
