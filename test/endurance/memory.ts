import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

/** One process at one moment. */
export interface Sample {
  /** How much was done by then, in whatever unit. */
  readonly done: number;
  readonly pid: number;
  /** Resident memory in MB (10^6 bytes). */
  readonly megabytes: number;
}

export interface Trend {
  /** Median of the first and of the last quarter of the samples, in MB. */
  readonly first: number;
  readonly last: number;
  /** Least squares, in MB per 10,000 done, and its standard error. */
  readonly slope: number;
  readonly error: number;
  readonly isFlat: boolean;
}

/** Growth that is as good as none, in MB: a garbage collector leaves more behind on one day than on another. */
const noise = 10;
/** A life of fewer samples tells nothing: what is loaded, compiled and cached first is no leak. */
const fewest = 9;

/**
 * How memory goes, with the samples of each process apart: one that was started again begins anew. What is not collected yet
 * makes it go up and down, so that flat is where the least of the last third of each life is no more than noise above the
 * least of the third before.
 */
export function trendOf(samples: readonly Sample[]): Trend {
  const lives = [...new Set(samples.map(({ pid }) => pid))].map((pid) =>
    samples.filter((sample) => sample.pid === pid),
  );
  const centred = lives.flatMap((life) => {
    const [done, megabytes] = [mean(life.map((one) => one.done)), mean(life.map((one) => one.megabytes))];
    return life.map((one) => [one.done - done, one.megabytes - megabytes] as const);
  });
  const spread = sum(centred.map(([x]) => x * x));
  const slope = spread === 0 ? 0 : sum(centred.map(([x, y]) => x * y)) / spread;
  const residual = sum(centred.map(([x, y]) => (y - slope * x) ** 2));
  const freedom = Math.max(1, centred.length - lives.length - 1);
  const error = spread === 0 ? 0 : Math.sqrt(residual / freedom / spread);
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const median = (some: readonly Sample[]) =>
    some.map(({ megabytes }) => megabytes).sort((a, b) => a - b)[some.length >> 1] ?? Number.NaN;
  return {
    first: median(samples.slice(0, quarter)),
    last: median(samples.slice(-quarter)),
    slope: slope * 10_000,
    error: error * 10_000,
    isFlat: lives.every((life) => life.length < fewest || growthOf(life) < noise),
  };
}

function growthOf(life: readonly Sample[]): number {
  const third = Math.floor(life.length / 3);
  const least = (some: readonly Sample[]) => Math.min(...some.map(({ megabytes }) => megabytes));
  return least(life.slice(-third)) - least(life.slice(-2 * third, -third));
}

export interface ProcessMemory {
  readonly pid: number;
  readonly megabytes: number;
}

/** A process and its children; without what is gone. */
export function memoryOf(pid: number): { readonly own?: ProcessMemory; readonly children: readonly ProcessMemory[] } {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,rss='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .map(([pid = 0, parent = 0, kibibytes = 0]) => ({ pid, parent, megabytes: (kibibytes * 1024) / 1e6 }));
  const own = rows.find((row) => row.pid === pid);
  // `ps` itself is a child of ours, not of the server; one that has ended and is not yet collected has no memory.
  const children = rows.filter((row) => row.parent === pid && row.megabytes > 0);
  return { ...(own ? { own } : {}), children };
}

/** Open files, pipes and sockets; undefined where the system does not say. */
export function descriptorsOf(pid: number): number | undefined {
  try {
    return readdirSync(`/proc/${pid}/fd`).length;
  } catch {
    return undefined;
  }
}

export function describe(name: string, { first, last, slope, error, isFlat }: Trend): string {
  const figures = [first, last].map((megabytes) => megabytes.toFixed(0)).join(' → ');
  return `${name}: ${figures} MB, ${slope.toFixed(2)} ± ${error.toFixed(2)} MB per 10,000: ${isFlat ? 'flat' : 'GROWS'}`;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}
