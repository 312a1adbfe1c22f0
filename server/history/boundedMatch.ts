import { OutOfTime, withinTime } from '../models/timeLimit.ts';

/** How long a try may take, in milliseconds; on a loaded machine the first may be over before anything was computed. */
const limitsMs = [250, 500, 1000, 2000, 4000, 8000];
/** A try that had so many milliseconds on a processor was no victim of other programs; a match that ends takes few. */
const enoughMs = 125;

/** Whether matching gitignore patterns surely ends soon: none has so many wildcards that a regular expression may go through them over and over. */
export function isSimple(patterns: string): boolean {
  return patterns.split('\n').every((pattern) => (pattern.match(/\*+/g)?.length ?? 0) <= 2);
}

/** What `match` gives, or undefined when it takes too long; without a limit where the patterns are simple. */
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
