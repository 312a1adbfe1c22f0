import { OutOfTime, withinTime } from '../models/timeLimit.ts';

/** Time limit per try, in milliseconds; on a loaded machine the first try may time out before anything was computed. */
const limitsMs = [250, 500, 1000, 2000, 4000, 8000];
/**
 * A try with this much processor time, in milliseconds, was not delayed by other programs; a match that ends needs
 * less.
 */
const enoughMs = 125;

/**
 * Whether matching gitignore patterns is sure to end soon: none has enough wildcards for heavy backtracking in a
 * regular expression.
 */
export function isSimple(patterns: string): boolean {
  return patterns.split('\n').every((pattern) => (pattern.match(/\*+/g)?.length ?? 0) <= 2);
}

/** The result of `match`, or undefined when it takes too long; without a limit where the patterns are simple. */
export function boundedMatch<T>(simple: boolean, match: () => T): T | undefined {
  if (simple) return match();
  for (const limitMs of limitsMs) {
    const before = process.cpuUsage();
    try {
      return withinTime(limitMs, match);
    } catch (error) {
      if (!(error instanceof OutOfTime)) throw error;
      const { user, system } = process.cpuUsage(before);
      if ((user + system) / 1000 > enoughMs) return undefined;
    }
  }
  return undefined;
}
