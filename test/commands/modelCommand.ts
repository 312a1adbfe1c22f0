import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { main, type Run } from './cli.ts';

export interface Started {
  readonly process: ChildProcess;
  readonly ended: Promise<Run>;
}

/** Starts `model` with a cache folder of its own; unlike `run`, without blocking a server in the test. */
export function startModelCommand(cache: string, env: NodeJS.ProcessEnv, ...args: string[]): Started {
  return startedBy([process.execPath], cache, env, args);
}

/** The same of a copy of the built program. */
export function startModelCommandOf(
  program: string,
  cache: string,
  env: NodeJS.ProcessEnv,
  ...args: string[]
): Started {
  return startedBy([process.execPath], cache, env, args, program);
}

function startedBy(
  [command = '', ...before]: readonly string[],
  cache: string,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
  program = main,
): Started {
  const child = spawn(command, [...before, program, 'model', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env, CURSORCORE_CACHE: cache },
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

const isRoot = process.getuid?.() === 0;
/** Takes from root what lets it write where permissions forbid it. A user of another id could not read root's Node. */
const withoutPrivilege = ['--bounding-set=-dac_override', '--inh-caps=-dac_override'];

/** Whether permissions can be made to bind whoever runs the tests. */
export const hasPermissions =
  process.platform !== 'win32' && (!isRoot || spawnSync('setpriv', [...withoutPrivilege, 'true']).status === 0);

/** Runs `model` as somebody whom permissions bind, which root is not. */
export function unprivileged(cache: string, ...args: string[]): Promise<Run> {
  return isRoot
    ? startedBy(['setpriv', ...withoutPrivilege, process.execPath], cache, {}, args).ended
    : modelCommand(cache, ...args);
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
