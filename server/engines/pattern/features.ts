import { balance, quotesOpen } from './brackets.ts';
import { generatorKinds, type PooledCandidate } from './candidate.ts';
import { indentLength, indentOf, isSpace, isWord, tokenize } from './lexer.ts';
import { type Look, linesBetween, lookAt, type Pool, poolKey, poolOf } from './look.ts';
import type { Scene } from './scene.ts';
import { similarity } from './tokenAlignment.ts';
import { isAtCursor, wordBefore } from './typedLine.ts';
import { typingFeatures } from './typing.ts';
import { wholeness } from './wholeWord.ts';

/** One number for each name in `featureNames`, in that order; NaN never. */
export type FeatureVector = Float32Array;

/** `common`: what all candidates, or all with the same example, have in common is computed once. */
type Feature = readonly [name: string, of: (look: Look) => number, common?: 'scene' | 'example'];

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
  ['changes', ({ scene }) => scene.changes.length, 'scene'],
  ['fileLines', ({ scene }) => log(scene.lines.length), 'scene'],
  ['distance', ({ scene, candidate }) => log(Math.abs(candidate.start - scene.cursorLine))],
  ['isBelow', ({ scene, candidate }) => (candidate.start >= scene.cursorLine ? 1 : 0)],
  ['order', ({ candidate, pool }) => orderBelow(pool, candidate, poolKey(candidate))],
  ['orderAlike', ({ candidate, pool }) => orderBelow(pool, candidate, candidate.reason)],
  ['leavesScope', ({ scene, candidate, pool }) => scopeExit(pool, scene, candidate)],
  ['sameHead', (look) => (headOf(firstLine(look)) === headOf(exampleLine(look)) ? 1 : 0)],
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
  ['goneBetween', ({ gone }) => log(gone.between)],
  ['comeBetween', ({ come }) => log(come.between)],
  ['comeRarest', ({ come }) => log(come.rarest)],
  ['comeAbove', ({ come }) => log(come.above)],
  ['comeBelow', ({ come }) => log(come.below)],
  ['comeInOld', ({ come }) => come.inOld],
  ['comeInNew', ({ come }) => come.inNew],
  ['exampleOldLines', ({ example }) => example?.oldLines.length ?? -1],
  ['exampleNewLines', ({ example }) => example?.newLines.length ?? -1],
  ['exampleDistance', ({ example, candidate }) => log(example ? Math.abs(candidate.start - example.end) : 0)],
  ['exampleElsewhere', ({ example }) => (example?.elsewhere ? 1 : 0)],
  ['exampleLikeness', ({ example, exampleOld, oldText }) => (example ? similarity(exampleOld, oldText) : 0)],
  ['aboveLikeness', ({ example, scene, candidate }) => near(example?.above[0], scene.lines[candidate.start - 1])],
  ['belowLikeness', ({ example, scene, candidate }) => near(example?.below[0], scene.lines[candidate.end])],
  ['aboveLikeness2', ({ example, scene, candidate }) => near(example?.above[1], scene.lines[candidate.start - 2])],
  ['belowLikeness2', ({ example, scene, candidate }) => near(example?.below[1], scene.lines[candidate.end + 1])],
  ['sameIndent', (look) => (indentOf(firstLine(look)) === indentOf(exampleLine(look)) ? 1 : 0)],
  ['indent', (look) => indentLength(firstLine(look))],
  ['blankAbove', ({ scene, candidate }) => (isBlankLine(scene.lines[candidate.start - 1]) ? 1 : 0)],
  ['blankBelow', ({ scene, candidate }) => (isBlankLine(scene.lines[candidate.end]) ? 1 : 0)],
  ['cursorMidLine', ({ scene }) => (restOfLine(scene).trim() === '' ? 0 : 1), 'scene'],
  ['cursorInLatest', ({ scene }) => (isAtCursor(scene) ? 1 : 0)],
  ['cursorAfterWord', ({ scene: { text, cursorOffset } }) => (isWord(text[cursorOffset - 1]) ? 1 : 0)],
  ['latestOldLines', ({ scene }) => scene.latest.oldLines.length],
  ['latestNewLines', ({ scene }) => scene.latest.newLines.length],
  [
    'changedLines',
    ({ scene }) => log(scene.changes.reduce((sum, c) => sum + c.oldLines.length + c.newLines.length, 0)),
    'scene',
  ],
  ['pureDeletions', ({ scene }) => scene.changes.filter((c) => c.newLines.length === 0).length, 'scene'],
  ['pureInsertions', ({ scene }) => scene.changes.filter((c) => c.oldLines.length === 0).length, 'scene'],
  ['scope', ({ candidate }) => candidate.evidence.scope],
  ['declared', ({ candidate }) => candidate.evidence.declared],
  ['inString', ({ candidate }) => candidate.evidence.inString],
  ['inComment', ({ candidate }) => candidate.evidence.inComment],
  ['asMember', ({ candidate }) => candidate.evidence.asMember],
  ['asLabel', ({ candidate }) => candidate.evidence.asLabel],
  ['orphaned', ({ candidate }) => (candidate.evidence.orphaned ? 1 : 0)],
  ['typedWhole', typedWhole],
  [
    'exampleOpen',
    ({ example }) => (example ? Math.abs(balance(example.newLines.join()) - balance(example.oldLines.join())) : 0),
    'example',
  ],
  ['exampleQuotes', ({ example }) => (example ? quotesOpen(example.newLines.join()) : 0), 'example'],
  ['exampleInside', inside],
  ['exampleGap', gap],
  ['exampleText', ({ scene, example }) => textOfExample(scene, example), 'example'],
  ['languageKind', ({ scene }) => languageKind(scene.languageId), 'scene'],
  ['addedNumbers', ({ added }) => added.numbers],
  ['oldNameLength', ({ removed }) => (removed.shortest === Number.POSITIVE_INFINITY ? 0 : removed.shortest)],
  ['sameAsExample', ({ example, exampleOld, oldText }) => (example && exampleOld.trim() === oldText.trim() ? 1 : 0)],
  [
    'oneLiners',
    ({ scene }) => scene.changes.filter((c) => c.oldLines.length === 1 && c.newLines.length === 1).length,
    'scene',
  ],
  ...Object.entries(typingFeatures).map(([name, of]): Feature => [name, ({ scene }) => of(scene), 'scene']),
];

export const featureNames: readonly string[] = features.map(([name]) => name);

/** The indexes of the features that candidates have in common, and of those that each has for itself. */
const indexesOf = (wanted: Feature[2]) => [...features.keys()].filter((i) => features[i]?.[2] === wanted);
const [ofScene, ofExample, ofCandidate] = [indexesOf('scene'), indexesOf('example'), indexesOf(undefined)];

/** The features of every candidate, in the candidates' order. */
export function describeAll(scene: Scene, candidates: readonly PooledCandidate[]): FeatureVector[] {
  const pool = poolOf(scene, candidates);
  /** The first vector, and the first of each example: those that follow begin as copies. */
  let first: FeatureVector | undefined;
  const firstOf = new Map<Look['example'], FeatureVector>();
  return candidates.map((candidate) => {
    const look = lookAt(scene, candidate, pool);
    const alike = firstOf.get(look.example);
    const vector = (alike ?? first)?.slice() ?? new Float32Array(features.length);
    if (!first) fill(vector, ofScene, look);
    if (!alike) fill(vector, ofExample, look);
    fill(vector, ofCandidate, look);
    first ??= vector;
    if (!alike) firstOf.set(look.example, vector);
    return vector;
  });
}

function fill(vector: FeatureVector, indexes: readonly number[], look: Look): void {
  for (const i of indexes) vector[i] = features[i]?.[1](look) ?? 0;
}

/** How many candidates of the same kind and example come before it, going down; -1 above the cursor. */
function orderBelow(pool: Pool, candidate: PooledCandidate, key: string): number {
  const starts = pool.below.get(key) ?? [];
  return Math.min(20, starts.indexOf(candidate.start));
}

/** How many other candidates change the same lines in another way. */
function rivals(pool: Pool, candidate: PooledCandidate): number {
  let count = 0;
  let first = pool.spans.length;
  while (first > 0 && (pool.spans[first - 1]?.start ?? 0) >= candidate.start - 30) first--;
  for (let i = first; i < pool.spans.length; i++) {
    const other = pool.spans[i];
    if (!other || other.start > candidate.end) break;
    if (other !== candidate && other.end >= candidate.start) count++;
  }
  return Math.min(count, 20);
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

function exampleLine({ example }: Look): string {
  return example?.oldLines[0] ?? example?.newLines[0] ?? '';
}

function restOfLine({ lines, lineStarts, cursorLine, cursorOffset }: Scene): string {
  return (lines[cursorLine] ?? '').slice(cursorOffset - (lineStarts[cursorLine] ?? 0));
}

/** Longer lines are one token, indentation included. */
const maxPlain = 2000;

function headOf(line: string): string {
  const token = line.length > maxPlain ? undefined : tokenize(line).find((one) => !isSpace(one));
  // Other white space that `trimStart` removes is not a white-space token.
  if (token !== undefined && token.charCodeAt(0) < 0x80) return token;
  return tokenize(line.trimStart())[0] ?? '';
}

/** By how many columns the lines between the newest change and the candidate are indented less than the change. */
function scopeExit({ leaves }: Pool, { latest }: Scene, { start, end }: PooledCandidate): number {
  const side = start >= latest.end ? leaves.down : leaves.up;
  return side[Math.min(linesBetween(latest, start, end), side.length - 1)] ?? 0;
}

/**
 * Whether the word at the cursor is complete, see `wholeness`, if the example has just been typed there; 2 if the
 * candidate does not depend on text that is being typed.
 */
function typedWhole({ scene, candidate, example }: Look): number {
  if (example !== scene.latest || !isAtCursor(scene) || candidate.evidence.support > 1) return 2;
  const word = wordBefore(scene);
  return word === '' ? 2 : wholeness(word);
}

/** Whether the example was made inside a text inserted as one piece: 1 for candidates in that piece, -1 outside. */
function inside({ example, candidate }: Look): number {
  if (!example?.inside) return 0;
  return candidate.start >= example.inside.start && candidate.end <= example.inside.end ? 1 : -1;
}

/** How many lines lie between the example and the candidate, negative above it; 99 for one in another document. */
function gap({ example, candidate }: Look): number {
  if (!example || example.elsewhere) return 99;
  if (candidate.start >= example.end) return Math.min(30, candidate.start - example.end);
  return Math.max(-30, Math.min(-1, candidate.end - example.start - 1));
}

/** What the example changed first: code, a string or a comment. */
function textOfExample({ kinds }: Scene, example: Look['example']): number {
  const now = example?.newLines[0];
  if (!example || now === undefined || example.elsewhere) return -1;
  const old = example.oldLines[0] ?? '';
  let column = example.oldLines.length === 0 ? indentOf(now).length : 0;
  while (column < now.length - 1 && example.oldLines.length > 0 && now[column] === old[column]) column++;
  return kinds.at(example.start, column);
}

const languageKinds = new Map(
  [
    'json jsonc yaml toml ini properties dockerfile csv',
    'html xml css scss less vue svelte',
    'markdown plaintext latex restructuredtext asciidoc',
  ].flatMap((names, i) => names.split(' ').map((name) => [name, i + 1] as const)),
);

/** 0 for code, 1 for data, 2 for markup and style, 3 for prose. */
function languageKind(languageId: string): number {
  return languageKinds.get(languageId) ?? 0;
}
