import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import * as v from 'valibot';
import { codeOf } from './storeError.ts';

const ownerSchema = v.object({
  host: v.string(),
  pid: v.pipe(v.number(), v.integer(), v.minValue(1)),
  /** When the process was started, in the system's own unit; empty where the system does not tell. */
  started: v.string(),
  /** The model it installs. */
  name: v.string(),
});

/** The process that a lock or a staging folder belongs to. */
export type Owner = v.InferOutput<typeof ownerSchema>;

export function thisProcess(name: string): Owner {
  return { host: hostname(), pid: process.pid, started: startOf(process.pid), name };
}

/** The owner that a file's text tells of, or undefined for anything else. */
export function parseOwner(text: string): Owner | undefined {
  try {
    const { success, output } = v.safeParse(ownerSchema, JSON.parse(text));
    return success ? output : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether the process still runs: `unknown` for one of another machine that shares the folder. Process ids are used
 * again, so where the system tells when a process was started, that must agree too.
 */
export function liveness({ host, pid, started }: Owner): 'alive' | 'dead' | 'unknown' {
  if (host !== hostname()) return 'unknown';
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it runs, as another user.
    if (codeOf(error) !== 'EPERM') return 'dead';
  }
  return started === '' || started === startOf(pid) ? 'alive' : 'dead';
}

/**
 * proc(5): field 22 of /proc/PID/stat is the start time; the second, the command's name, may hold spaces and brackets.
 */
function startOf(pid: number): string {
  if (process.platform !== 'linux') return '';
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
