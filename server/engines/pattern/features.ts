import { similarity } from './alignment.ts';
import { generatorKinds, type PooledCandidate } from './candidate.ts';
import { indentOf, isNumber, isSpace, tokenize } from './lexer.ts';
import { isName, linesWith } from './names.ts';
import type { Scene } from './scene.ts';

/** One number for each name in `featureNames`, in that order; NaN never. */
export type FeatureVector = Float32Array;

type Feature = readonly [name: string, of: (look: Look) => number];

/** A candidate with what several features need to know about it. */
interface Look {
  readonly scene: Scene;
  readonly candidate: PooledCandidate;
  readonly pool: Pool;
  readonly old: readonly string[];
  readonly oldText: string;
  readonly newText: string;
  readonly removed: Bag;
  readonly added: Bag;
  readonly example: Scene['changes'][number] | undefined;
  readonly gone: Presence;
  readonly come: Presence;
}

/** What all candidates of a scene have in common. */
interface Pool {
  readonly count: number;
  readonly below: Map<string, number[]>;
  /** Starts and ends of all candidates, to count those that overlap. */
  readonly spans: readonly PooledCandidate[];
}

interface Bag {
  readonly names: readonly string[];
  readonly tokens: number;
  readonly numbers: number;
}

/** Where the names that a candidate takes out or puts in occur. */
interface Presence {
  readonly names: number;
  readonly rarest: number;
  readonly above: number;
  readonly below: number;
  readonly inOld: number;
  readonly inNew: number;
}

const log = (value: number) => Math.log2(1 + Math.max(0, value));

const features: readonly Feature[] = [
  ...generatorKinds.map((kind, i): Feature => [`kind:${kind}`, ({ candidate }) => (candidate.kinds >> i) & 1]),
  ['support', ({ candidate }) => candidate.evidence.support],
  ['age', ({ candidate }) => candidate.evidence.age],
  ['left', ({ candidate }) => candidate.evidence.left],
  ['right', ({ candidate }) => candidate.evidence.right],
  ['context', ({ candidate }) => candidate.evidence.left + candidate.evidence.right],
  ['sites', ({ candidate }) => candidate.evidence.sites],
  ['allSites', ({ candidate }) => log(candidate.evidence.allSites)],
  ['skipped', ({ candidate }) => candidate.evidence.skipped],
  ['oldTokens', ({ candidate }) => candidate.evidence.oldTokens],
  ['newTokens', ({ candidate }) => candidate.evidence.newTokens],
  ['likeness', ({ candidate }) => candidate.evidence.likeness],
  ['extra', ({ candidate }) => candidate.evidence.extra],
  ['changes', ({ scene }) => scene.changes.length],
  ['fileLines', ({ scene }) => log(scene.lines.length)],
  ['distance', ({ scene, candidate }) => log(Math.abs(candidate.start - scene.cursorLine))],
  ['isBelow', ({ scene, candidate }) => (candidate.start >= scene.cursorLine ? 1 : 0)],
  ['order', ({ candidate, pool }) => orderBelow(pool, candidate)],
  ['pool', ({ pool }) => log(pool.count)],
  ['rivals', ({ candidate, pool }) => rivals(pool, candidate)],
  ['oldLines', ({ old }) => old.length],
  ['newLines', ({ candidate }) => candidate.lines.length],
  ['oldLength', ({ oldText }) => log(oldText.trim().length)],
  ['newLength', ({ newText }) => log(newText.trim().length)],
  ['selfLikeness', ({ oldText, newText }) => similarity(oldText, newText)],
  ['removedTokens', ({ removed }) => removed.tokens],
  ['addedTokens', ({ added }) => added.tokens],
  ['removedNames', ({ removed }) => removed.names.length],
  ['addedNames', ({ added }) => added.names.length],
  ['removedNumbers', ({ removed }) => removed.numbers],
  ['longestRemoved', ({ removed }) => Math.max(0, ...removed.names.map((name) => name.length))],
  ['balance', ({ oldText, newText }) => balance(newText) - balance(oldText)],
  ['isComment', ({ oldText, newText }) => (isComment(oldText) || isComment(newText) ? 1 : 0)],
  ['hasQuote', ({ oldText, newText }) => (/["'`]/.test(oldText + newText) ? 1 : 0)],
  ['goneRarest', ({ gone }) => log(gone.rarest)],
  ['goneAbove', ({ gone }) => log(gone.above)],
  ['goneBelow', ({ gone }) => log(gone.below)],
  ['goneInOld', ({ gone }) => gone.inOld],
  ['goneInNew', ({ gone }) => gone.inNew],
  ['comeRarest', ({ come }) => log(come.rarest)],
  ['comeAbove', ({ come }) => log(come.above)],
  ['comeBelow', ({ come }) => log(come.below)],
  ['comeInOld', ({ come }) => come.inOld],
  ['comeInNew', ({ come }) => come.inNew],
  ['exampleOldLines', ({ example }) => example?.oldLines.length ?? -1],
  ['exampleNewLines', ({ example }) => example?.newLines.length ?? -1],
  ['exampleDistance', ({ example, candidate }) => log(example ? Math.abs(candidate.start - example.end) : 0)],
  ['exampleElsewhere', ({ example }) => (example?.elsewhere ? 1 : 0)],
  ['exampleLikeness', ({ example, oldText }) => (example ? similarity(example.oldLines.join(' '), oldText) : 0)],
  ['aboveLikeness', ({ example, scene, candidate }) => near(example?.above[0], scene.lines[candidate.start - 1])],
  ['belowLikeness', ({ example, scene, candidate }) => near(example?.below[0], scene.lines[candidate.end])],
  ['aboveLikeness2', ({ example, scene, candidate }) => near(example?.above[1], scene.lines[candidate.start - 2])],
  ['belowLikeness2', ({ example, scene, candidate }) => near(example?.below[1], scene.lines[candidate.end + 1])],
  ['sameIndent', (look) => (indentOf(firstLine(look)) === exampleIndent(look) ? 1 : 0)],
  ['indent', (look) => indentOf(firstLine(look)).length],
  ['blankAbove', ({ scene, candidate }) => (isBlankLine(scene.lines[candidate.start - 1]) ? 1 : 0)],
  ['blankBelow', ({ scene, candidate }) => (isBlankLine(scene.lines[candidate.end]) ? 1 : 0)],
  ['latestOldLines', ({ scene }) => scene.latest.oldLines.length],
  ['latestNewLines', ({ scene }) => scene.latest.newLines.length],
  [
    'changedLines',
    ({ scene }) => log(scene.changes.reduce((sum, c) => sum + c.oldLines.length + c.newLines.length, 0)),
  ],
  ['pureDeletions', ({ scene }) => scene.changes.filter((c) => c.newLines.length === 0).length],
  ['pureInsertions', ({ scene }) => scene.changes.filter((c) => c.oldLines.length === 0).length],
  ['oneLiners', ({ scene }) => scene.changes.filter((c) => c.oldLines.length === 1 && c.newLines.length === 1).length],
];

export const featureNames: readonly string[] = features.map(([name]) => name);

/** The features of every candidate, in the candidates' order. */
export function describeAll(scene: Scene, candidates: readonly PooledCandidate[]): FeatureVector[] {
  const pool = poolOf(scene, candidates);
  return candidates.map((candidate) => {
    const look = lookAt(scene, candidate, pool);
    return Float32Array.from(features, ([, of]) => of(look));
  });
}

function lookAt(scene: Scene, candidate: PooledCandidate, pool: Pool): Look {
  const old = scene.lines.slice(candidate.start, candidate.end);
  const [removed, added] = bags(old, candidate.lines);
  return {
    scene,
    candidate,
    pool,
    old,
    oldText: old.join(' '),
    newText: candidate.lines.join(' '),
    removed,
    added,
    example: scene.changes[candidate.evidence.example],
    gone: presence(scene, removed.names),
    come: presence(scene, added.names),
  };
}

/** What is only in the old lines and only in the new ones. */
function bags(old: readonly string[], now: readonly string[]): [Bag, Bag] {
  const counts = new Map<string, number>();
  for (const line of now) for (const t of tokenize(line)) if (!isSpace(t)) counts.set(t, (counts.get(t) ?? 0) + 1);
  for (const line of old) for (const t of tokenize(line)) if (!isSpace(t)) counts.set(t, (counts.get(t) ?? 0) - 1);
  const bag = (sign: 1 | -1): Bag => {
    const names: string[] = [];
    let [tokens, numbers] = [0, 0];
    for (const [token, count] of counts) {
      if (count * sign <= 0) continue;
      tokens += Math.abs(count);
      if (isName(token)) names.push(token);
      else if (isNumber(token)) numbers++;
    }
    return { names, tokens, numbers };
  };
  return [bag(-1), bag(1)];
}

const maxNamesLookedUp = 4;

function presence(scene: Scene, names: readonly string[]): Presence {
  let [rarest, above, below, inOld, inNew] = [99, 0, 0, 0, 0];
  const looked = names.slice(0, maxNamesLookedUp);
  for (const name of looked) {
    const lines = linesWith(scene, name);
    rarest = Math.min(rarest, lines.length);
    const before = lines.filter((line) => line < scene.latest.start).length;
    above = Math.max(above, before);
    below = Math.max(below, lines.length - before);
    if (scene.oldNames.has(name)) inOld++;
    if (scene.newNames.has(name)) inNew++;
  }
  const share = looked.length === 0 ? 1 : looked.length;
  return { names: names.length, rarest, above, below, inOld: inOld / share, inNew: inNew / share };
}

function poolOf(scene: Scene, candidates: readonly PooledCandidate[]): Pool {
  const below = new Map<string, number[]>();
  for (const candidate of candidates) {
    if (candidate.start < scene.cursorLine) continue;
    const key = poolKey(candidate);
    const starts = below.get(key);
    if (starts) starts.push(candidate.start);
    else below.set(key, [candidate.start]);
  }
  for (const starts of below.values()) starts.sort((a, b) => a - b);
  return { count: candidates.length, below, spans: [...candidates].sort((a, b) => a.start - b.start) };
}

function poolKey(candidate: PooledCandidate): string {
  return `${candidate.evidence.kind}:${candidate.evidence.example}`;
}

/** How many candidates of the same kind and example come first on the way down; -1 above the cursor. */
function orderBelow(pool: Pool, candidate: PooledCandidate): number {
  const starts = pool.below.get(poolKey(candidate)) ?? [];
  return Math.min(20, starts.indexOf(candidate.start));
}

/** How many other candidates change the same lines in another way. */
function rivals(pool: Pool, candidate: PooledCandidate): number {
  let count = 0;
  let [low, high] = [0, pool.spans.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((pool.spans[middle]?.start ?? 0) < candidate.start - 30) low = middle + 1;
    else high = middle;
  }
  for (let i = low; i < pool.spans.length; i++) {
    const other = pool.spans[i];
    if (!other || other.start > candidate.end) break;
    if (other !== candidate && other.end >= candidate.start) count++;
  }
  return Math.min(count, 20);
}

function balance(text: string): number {
  let depth = 0;
  for (const char of text) {
    if (char === '(' || char === '[' || char === '{') depth++;
    else if (char === ')' || char === ']' || char === '}') depth--;
  }
  return depth;
}

function isComment(text: string): boolean {
  return /^\s*(\/\/|\/?\*|#|--|;|"""|''')/.test(text);
}

function isBlankLine(line: string | undefined): boolean {
  return line === undefined || line.trim() === '';
}

function near(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 1 : 0;
  return similarity(a, b);
}

function firstLine({ old, candidate }: Look): string {
  return old[0] ?? candidate.lines[0] ?? '';
}

function exampleIndent({ example }: Look): string {
  return indentOf(example?.oldLines[0] ?? example?.newLines[0] ?? '');
}
