import type { PooledCandidate } from './candidate.ts';
import { isName, linesWith } from './codeNames.ts';
import { indentLength, isIdentifier, isNumber, lex, solidOf, tokenIds, tokenNumbers } from './lexer.ts';
import type { Scene } from './scene.ts';

/** A candidate with what several features need to know about it. */
export interface Look {
  readonly scene: Scene;
  readonly candidate: PooledCandidate;
  readonly pool: Pool;
  readonly old: readonly string[];
  readonly oldText: string;
  readonly newText: string;
  readonly removed: Readonly<Bag>;
  readonly added: Readonly<Bag>;
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
  readonly names: string[];
  tokens: number;
  numbers: number;
  /** The length of the shortest identifier, keywords and single letters included. */
  shortest: number;
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
  const exampleOld = pool.examples.get(example) ?? asOne(example?.oldLines ?? []);
  pool.examples.set(example, exampleOld);
  return {
    scene,
    candidate,
    pool,
    old,
    oldText: asOne(old),
    newText: asOne(candidate.lines),
    removed,
    added,
    example,
    exampleOld,
    gone: presence(scene, candidate, removed.names),
    come: presence(scene, candidate, added.names),
  };
}

/** Lines joined; a single one is most common, and what is cached for it is found sooner if it stays the same string. */
function asOne(lines: readonly string[]): string {
  return lines.length === 1 ? (lines[0] ?? '') : lines.join(' ');
}

/** By tokens' numbers: how much more often each is in the new lines, and whether it has been met; 0 between calls. */
let counts = new Int32Array(4096);
let met = new Uint8Array(4096);

/** What is only in the old lines or only in the new ones. */
function bags(old: readonly string[], now: readonly string[]): [removed: Bag, added: Bag] {
  let numbers = tokenNumbers();
  let lexed = [...now, ...old].map(lex);
  // Lexing may restart the numbering.
  while (numbers !== tokenNumbers()) {
    numbers = tokenNumbers();
    lexed = [...now, ...old].map(lex);
  }
  if (counts.length < tokenIds()) {
    counts = new Int32Array(2 * tokenIds());
    met = new Uint8Array(2 * tokenIds());
  }
  const tokens: string[] = [];
  const ids: number[] = [];
  for (let line = 0; line < lexed.length; line++) {
    const one = lexed[line];
    if (!one) continue;
    const step = line < now.length ? 1 : -1;
    for (let i = 0; i < one.ids.length; i++) {
      const id = one.ids[i] ?? 0;
      counts[id] = (counts[id] ?? 0) + step;
      if (met[id] === 1) continue;
      met[id] = 1;
      tokens.push(solidOf(one)[i] ?? '');
      ids.push(id);
    }
  }
  const [removed, added] = [emptyBag(), emptyBag()];
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] ?? 0;
    const count = counts[id] ?? 0;
    if (count !== 0) putIn(count < 0 ? removed : added, tokens[i] ?? '', Math.abs(count));
    counts[id] = 0;
    met[id] = 0;
  }
  return [removed, added];
}

function emptyBag(): Bag {
  return { names: [], tokens: 0, numbers: 0, shortest: Number.POSITIVE_INFINITY };
}

function putIn(bag: Bag, token: string, times: number): void {
  bag.tokens += times;
  if (isIdentifier(token)) bag.shortest = Math.min(bag.shortest, token.length);
  if (isName(token)) bag.names.push(token);
  else if (isNumber(token)) bag.numbers++;
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
  return { count: candidates.length, below, spans, examples: new Map(), leaves: scopeOf(scene, spans) };
}

export function poolKey(candidate: PooledCandidate): string {
  return `${candidate.evidence.kind}:${candidate.evidence.example}`;
}

const maxScopeLines = 400;

/** How many lines lie between the newest change and the lines of a candidate; 0 where they overlap. */
export function linesBetween(latest: Scene['latest'], start: number, end: number): number {
  return start >= latest.end ? start - latest.end : Math.max(0, latest.start - end);
}

/**
 * How many columns less than the newest change the lines down to each line below it, and up to each above, are indented,
 * as far as the farthest candidate.
 */
function scopeOf(scene: Scene, candidates: readonly PooledCandidate[]): Pool['leaves'] {
  const { latest, lines } = scene;
  const farthest = candidates.reduce((most, { start, end }) => Math.max(most, linesBetween(latest, start, end)), 0);
  const most = Math.min(maxScopeLines, farthest + 1);
  const depth = indentLength(latest.newLines[0] ?? latest.below[0] ?? '');
  const walk = (from: number, step: 1 | -1) => {
    const leaves: number[] = [0];
    let least = depth;
    for (let line = from; line >= 0 && line < lines.length && leaves.length < most; line += step) {
      if (scene.known.trimmedAt(line) !== '') least = Math.min(least, indentLength(lines[line] ?? ''));
      leaves.push(depth - least);
    }
    return leaves;
  };
  return { down: walk(latest.end, 1), up: walk(latest.start - 1, -1) };
}
