import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What Linux accounts to one process; the same at any time until it ends. */
export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Processor time of all its threads, in clock ticks. */
  readonly ticks: number;
  /** That of its children which have ended and been waited for, and theirs. */
  readonly reapedTicks: number;
  readonly residentPages: number;
}

/** Parses the content of `/proc/PID/stat`; undefined where it is something else. */
export function parseStat(content: string): ProcessStat | undefined {
  // The name stands in parentheses and may itself hold blanks and parentheses.
  const end = content.lastIndexOf(')');
  const pid = Number.parseInt(content, 10);
  const fields = content
    .slice(end + 1)
    .trim()
    .split(' ');
  // Fields are numbered from 1 in proc(5), the state is the third.
  const field = (number: number) => Number(fields[number - 3]);
  const stat = {
    pid,
    parent: field(4),
    ticks: field(14) + field(15),
    reapedTicks: field(16) + field(17),
    residentPages: field(24),
  };
  return end >= 0 && Object.values(stat).every(Number.isInteger) ? stat : undefined;
}

/** A process and all below it, in any order. */
export function descendants(all: readonly ProcessStat[], root: number): ProcessStat[] {
  const found = all.filter(({ pid }) => pid === root);
  for (const above of found) found.push(...all.filter(({ parent }) => parent === above.pid));
  return found;
}

/** A process and all below it, as they are now. Linux only. */
export function processTree(root: number): ProcessStat[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return descendants(
    pids.flatMap((pid) => statOf(pid) ?? []),
    root,
  );
}

/** The same processes a moment later; those that ended are left out. Cheaper than looking for them again. */
export function again(tree: readonly ProcessStat[]): ProcessStat[] {
  return tree.flatMap(({ pid }) => statOf(pid) ?? []);
}

function statOf(pid: number | string): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // It ended.
    return undefined;
  }
}

/** Processor seconds that the processes and their ended children have taken since they started. */
export function cpuSeconds(tree: readonly ProcessStat[]): number {
  return tree.reduce((sum, { ticks, reapedTicks }) => sum + ticks + reapedTicks, 0) / ticksPerSecond();
}

/** In MB (10^6 bytes). */
export function residentMegabytes(tree: readonly ProcessStat[]): number {
  return (tree.reduce((sum, { residentPages }) => sum + residentPages, 0) * pageSize()) / 1e6;
}

const ticksPerSecond = once(() => getconf('CLK_TCK'));
const pageSize = once(() => getconf('PAGESIZE'));

function getconf(name: string): number {
  return Number(execFileSync('getconf', [name], { encoding: 'utf8' }));
}

function once<T>(compute: () => T): () => T {
  let value: { readonly of: T } | undefined;
  return () => {
    value ??= { of: compute() };
    return value.of;
  };
}

/** Processor seconds used up to a moment, which is in milliseconds. */
export interface CpuSample {
  readonly atMs: number;
  readonly cpuSeconds: number;
}

/**
 * When the processor time of samples, the oldest first, stops to grow for at least `forMs`: the time of the first sample of
 * that stretch, or undefined where there is none. A hundredth of a core counts as none: timers of idle programs.
 */
export function quietFrom(samples: readonly CpuSample[], forMs: number): number | undefined {
  const idleShare = 0.01;
  /** The kernel's clock may tick at any time, for whatever little was done. */
  const tick = 0.01;
  for (const [i, { atMs, cpuSeconds: used }] of samples.entries()) {
    const end = samples.slice(i).find((later) => later.atMs - atMs >= forMs);
    if (!end) return undefined;
    if (end.cpuSeconds - used <= tick + (idleShare * (end.atMs - atMs)) / 1000 + 1e-9) return atMs;
  }
  return undefined;
}
