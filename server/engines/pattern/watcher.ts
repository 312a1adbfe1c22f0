import type { Candidate, Ranked } from './candidate.ts';
import type { FeatureVector } from './features.ts';

/** Gets what happens to candidates; see `explain.ts`. */
export interface Watcher {
  /** The ranker's input for a candidate, and its judgement. */
  judged(candidate: Ranked, features: FeatureVector): void;
  /** Why a candidate is not ranked: the end of a sentence about it. */
  unfit(candidate: Candidate, why: string): void;
  /** Why a candidate that was ranked is not shown: the end of a sentence about it. */
  refused(candidate: Ranked, why: string): void;
  shown(candidate: Ranked): void;
}

/** Tells a watcher which candidates a step leaves out. */
export function tellRefused(
  watcher: Watcher | undefined,
  before: readonly Ranked[],
  after: readonly Ranked[],
  why: string,
): void {
  if (!watcher) return;
  const kept = new Set(after);
  for (const one of before) if (!kept.has(one)) watcher.refused(one, why);
}
