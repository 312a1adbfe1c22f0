import type { PooledCandidate } from './candidate.ts';
import { isName, linesWith } from './codeNames.ts';
import { indentOf, isIdentifier, isNumber, isSpace, tokenize } from './lexer.ts';
import type { Scene } from './scene.ts';

/** A candidate with what several features need to know about it. */
export interface Look {
  readonly scene: Scene;
  readonly candidate: PooledCandidate;
  readonly pool: Pool;
  readonly old: readonly string[];
  readonly oldText: string;
  readonly newText: string;
  readonly removed: Bag;
  readonly added: Bag;
  readonly example: Scene['changes'][number] | undefined;
  /** The example's old lines as one. */
  readonly exampleOld: string;
  readonly gone: Presence;
  readonly come: Presence;
}

/** What all candidates of a scene have in common. */
export interface Pool {
  readonly count: number;
  readonly below: Map<string, number[]>;
  /** Starts and ends of all candidates, to count those that overlap. */
  readonly spans: readonly PooledCandidate[];
  /** The old lines of the examples, each as one. */
  readonly examples: Map<Look['example'], string>;
  readonly leaves: { readonly down: readonly number[]; readonly up: readonly number[] };
}

interface Bag {
  readonly names: readonly string[];
  readonly tokens: number;
  readonly numbers: number;
  /** The length of the shortest identifier, keywords and single letters included. */
  readonly shortest: number;
}

/** Where the names that a candidate removes or inserts occur. */
interface Presence {
  readonly names: number;
  readonly rarest: number;
  readonly above: number;
  readonly below: number;
  /** Between the newest change and the candidate. */
  readonly between: number;
  readonly inOld: number;
  readonly inNew: number;
}

export function lookAt(scene: Scene, candidate: PooledCandidate, pool: Pool): Look {
  const old = scene.lines.slice(candidate.start, candidate.end);
  const [removed, added] = bags(old, candidate.lines);
  const example = scene.changes[candidate.evidence.example];
  const exampleOld = pool.examples.get(example) ?? example?.oldLines.join(' ') ?? '';
  pool.examples.set(example, exampleOld);
  return {
    scene,
    candidate,
    pool,
    old,
    oldText: old.join(' '),
    newText: candidate.lines.join(' '),
    removed,
    added,
    example,
    exampleOld,
    gone: presence(scene, candidate, removed.names),
    come: presence(scene, candidate, added.names),
  };
}

/** What is only in the old lines or only in the new ones. */
function bags(old: readonly string[], now: readonly string[]): [Bag, Bag] {
  const counts = new Map<string, number>();
  for (const line of now) for (const t of tokenize(line)) if (!isSpace(t)) counts.set(t, (counts.get(t) ?? 0) + 1);
  for (const line of old) for (const t of tokenize(line)) if (!isSpace(t)) counts.set(t, (counts.get(t) ?? 0) - 1);
  const bag = (sign: 1 | -1): Bag => {
    const names: string[] = [];
    let [tokens, numbers, shortest] = [0, 0, Number.POSITIVE_INFINITY];
    for (const [token, count] of counts) {
      if (count * sign <= 0) continue;
      tokens += Math.abs(count);
      if (isIdentifier(token)) shortest = Math.min(shortest, token.length);
      if (isName(token)) names.push(token);
      else if (isNumber(token)) numbers++;
    }
    return { names, tokens, numbers, shortest };
  };
  return [bag(-1), bag(1)];
}

const maxNamesLookedUp = 4;

function presence(scene: Scene, candidate: PooledCandidate, names: readonly string[]): Presence {
  let [rarest, above, below, between, inOld, inNew] = [99, 0, 0, 0, 0, 0];
  const from = Math.min(scene.latest.end, candidate.end);
  const to = Math.max(scene.latest.start, candidate.start);
  const looked = names.slice(0, maxNamesLookedUp);
  for (const name of looked) {
    const lines = linesWith(scene, name);
    rarest = Math.min(rarest, lines.length);
    const before = countBelow(lines, scene.latest.start);
    above = Math.max(above, before);
    below = Math.max(below, lines.length - before);
    between = Math.max(between, countBelow(lines, to) - countBelow(lines, from));
    if (scene.oldNames.has(name)) inOld++;
    if (scene.newNames.has(name)) inNew++;
  }
  const share = looked.length === 0 ? 1 : looked.length;
  return { names: names.length, rarest, above, below, between, inOld: inOld / share, inNew: inNew / share };
}

/** How many of the ascending numbers are less than `limit`. */
function countBelow(sorted: readonly number[], limit: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function poolOf(scene: Scene, candidates: readonly PooledCandidate[]): Pool {
  const below = new Map<string, number[]>();
  for (const candidate of candidates) {
    if (candidate.start < scene.cursorLine) continue;
    for (const key of [poolKey(candidate), candidate.reason]) {
      const starts = below.get(key);
      if (starts) starts.push(candidate.start);
      else below.set(key, [candidate.start]);
    }
  }
  for (const starts of below.values()) starts.sort((a, b) => a - b);
  const spans = [...candidates].sort((a, b) => a.start - b.start);
  return { count: candidates.length, below, spans, examples: new Map(), leaves: scopeOf(scene) };
}

export function poolKey(candidate: PooledCandidate): string {
  return `${candidate.evidence.kind}:${candidate.evidence.example}`;
}

const maxScopeLines = 400;

/** How many columns less than the newest change the lines down to each line below it, and up to each above, are indented. */
function scopeOf({ latest, lines }: Scene): Pool['leaves'] {
  const depth = indentOf(latest.newLines[0] ?? latest.below[0] ?? '').length;
  const walk = (from: number, step: 1 | -1) => {
    const leaves: number[] = [0];
    let least = depth;
    for (let line = from; line >= 0 && line < lines.length && leaves.length < maxScopeLines; line += step) {
      const text = lines[line] ?? '';
      if (text.trim() !== '') least = Math.min(least, indentOf(text).length);
      leaves.push(depth - least);
    }
    return leaves;
  };
  return { down: walk(latest.end, 1), up: walk(latest.start - 1, -1) };
}
