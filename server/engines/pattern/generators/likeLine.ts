import type { Candidate } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { isName } from '../codeNames.ts';
import { evidence } from '../evidence.ts';
import { indentOf, isSpace, isWord, tokenize } from '../lexer.ts';
import { pairsOf } from '../pairs.ts';
import type { Scene } from '../scene.ts';
import { diffTokens, similarity } from '../tokenAlignment.ts';
import { isBlank, reindent, solidTokens, Wording } from '../transfer.ts';
import { substitute } from '../wordForms.ts';
import { inChange } from './replace.ts';

const maxInserted = 3;
const maxDeleted = 4;
const maxTargets = 12;
const maxStatement = 12;
const maxTail = 6;
const linesAbove = 300;
const linesBelow = 700;

interface Example {
  readonly change: Change;
  readonly index: number;
}

/**
 * A line inserted above or below two similar lines is proposed at the other lines that begin like these. If lines with
 * similar beginnings were deleted, delete the others that begin so, whatever follows: `console.log(`…, `@Ignore`….
 */
export function* likeLineGenerator(scene: Scene): Generator<Candidate> {
  const own = scene.changes.map((change, index) => ({ change, index })).filter(({ change }) => !change.elsewhere);
  const inserted = own.filter(({ change }) => change.oldLines.length === 0 && change.newLines.length <= maxInserted);
  const deleted = own.filter(({ change }) => change.newLines.length === 0 && change.oldLines.length <= maxDeleted);
  yield* insertedAgain(scene, newestFirst(inserted));
  scene.signal?.throwIfAborted();
  yield* deletedAgain(scene, newestFirst(deleted));
}

function newestFirst(examples: readonly Example[]): Example[] {
  return [...examples].sort((a, b) => a.change.age - b.change.age || b.index - a.index);
}

function* insertedAgain(scene: Scene, examples: readonly Example[]): Generator<Candidate> {
  const [one, ...others] = examples;
  if (!one) return;
  const two = others.find(
    ({ change }) => change.newLines.length === one.change.newLines.length && isAlike(one.change, change),
  );
  if (!two) return;
  // The side on which the two have more in common is the one the line was placed beside.
  const below = inCommon(one.change.below[0], two.change.below[0]);
  const above = inCommon(one.change.above[0], two.change.above[0]);
  const isBefore = (below?.score ?? -1) >= (above?.score ?? -1);
  const common = isBefore ? below : above;
  if (!common) return;
  const anchorOf = ({ change }: Example) => (isBefore ? change.below[0] : change.above[0]) ?? '';
  const [anchor, other] = [anchorOf(one), anchorOf(two)];
  // What one example writes in its anchor's words, the other must write in its own anchor's words.
  const isSame = adapted(one.change.newLines, anchor, other).join('\n') === two.change.newLines.join('\n');
  if (!isSame) return;
  const support = examples.filter((example) => fits(anchorOf(example), common)).length;
  const targets = targetsOf(scene, (line) => fits(line, common)).filter((line) => {
    const at = isBefore ? line : line + 1;
    const rows = adapted(one.change.newLines, anchor, scene.lines[line] ?? '').map((row) => row.trim());
    const there = isBefore ? scene.lines.slice(at - rows.length, at) : scene.lines.slice(at, at + rows.length);
    return there.map((row) => row.trim()).join('\n') !== rows.join('\n');
  });
  for (const line of nearest(scene, targets)) {
    const text = scene.lines[line] ?? '';
    const lines = adapted(one.change.newLines, anchor, text);
    const at = isBefore ? line : line + 1;
    yield {
      start: at,
      end: at,
      lines,
      evidence: evidence('likeLine', scene, one.index, {
        support,
        left: common.head.length,
        right: common.tail.length,
        allSites: targets.length,
        skipped: targets.filter((place) => place < scene.latest.start && place > two.change.end).length,
        newTokens: solidTokens(lines),
        likeness: similarity(anchor, text),
        extra: (isBefore ? 0 : 1) + (lines.join('\n') === one.change.newLines.join('\n') ? 0 : 0.5),
      }),
      reason: 'insert it at each of these',
    };
  }
}

function isAlike(a: Change, b: Change): boolean {
  if (isBlank(a.newLines) || isBlank(b.newLines)) return isBlank(a.newLines) && isBlank(b.newLines);
  return similarity(a.newLines.join(' '), b.newLines.join(' ')) >= 0.5;
}

/** The lines adapted from one anchor to another: its indentation and its names. */
function adapted(lines: readonly string[], from: string, to: string): string[] {
  const [a, b] = [tokenize(from.trim()), tokenize(to.trim())];
  const { names } = new Wording(a, b, diffTokens(a, b));
  return reindent(
    lines.map((line) => substitute(line, names)),
    indentOf(from),
    indentOf(to),
  );
}

interface Common {
  readonly head: readonly string[];
  readonly tail: readonly string[];
  readonly indents: ReadonlySet<string>;
  /** Words and marks in order, if the lines begin with nothing specific. */
  readonly shape: string | undefined;
  readonly score: number;
}

/** How two lines begin and end alike; undefined where they do not. */
function inCommon(one: string | undefined, two: string | undefined): Common | undefined {
  if (one === undefined || two === undefined || one.trim() === '' || two.trim() === '') return undefined;
  const [a, b] = [solid(one), solid(two)];
  let [head, tail] = [0, 0];
  const shorter = Math.min(a.length, b.length);
  while (head < shorter && a[head] === b[head]) head++;
  while (tail < shorter - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
  const shape = shapeOf(one);
  const isShaped = shape === shapeOf(two);
  const words = a.slice(0, head).filter((token) => isWord(token)).length;
  if (words === 0 && !isShaped) return undefined;
  return {
    head: a.slice(0, head),
    tail: a.slice(a.length - Math.min(tail, isShaped ? maxTail : 1)),
    indents: new Set([indentOf(one), indentOf(two)]),
    // A keyword in front is too common: whatever else the examples share must be there too.
    shape: isShaped && !a.slice(0, head).some(isName) ? shape : undefined,
    score: 2 * words + head + tail / 2 + (isShaped ? 1 : 0),
  };
}

function fits(line: string, { head, tail, indents, shape }: Common): boolean {
  if (!indents.has(indentOf(line))) return false;
  if (shape !== undefined && shape !== shapeOf(line)) return false;
  const tokens = solid(line);
  return startsWith(tokens, head) && startsWith(tokens.slice(Math.max(head.length, tokens.length - tail.length)), tail);
}

function solid(line: string): string[] {
  return tokenize(line).filter((token) => !isSpace(token));
}

function startsWith(tokens: readonly string[], head: readonly string[]): boolean {
  return head.length <= tokens.length && head.every((token, i) => token === tokens[i]);
}

function shapeOf(line: string): string {
  return solid(line)
    .map((token) => (isWord(token) ? 'w' : token))
    .join(' ');
}

function targetsOf(scene: Scene, isTarget: (line: string) => boolean): number[] {
  const found: number[] = [];
  const to = Math.min(scene.lines.length, scene.cursorLine + linesBelow);
  for (let line = Math.max(0, scene.cursorLine - linesAbove); line < to; line++) {
    if (isTarget(scene.lines[line] ?? '') && !inChange(scene, line) && !besideChange(scene, line)) found.push(line);
  }
  return found;
}

/** Lines beside an inserted block are done already. */
function besideChange(scene: Scene, line: number): boolean {
  return scene.changes.some(
    ({ elsewhere, oldLines, newLines, start, end }) =>
      !elsewhere && oldLines.length === 0 && newLines.length > 0 && (line === end || line === start - 1),
  );
}

function nearest(scene: Scene, lines: readonly number[]): number[] {
  const below = lines.filter((line) => line >= scene.cursorLine);
  const above = lines.filter((line) => line < scene.cursorLine).reverse();
  return below.concat(above).slice(0, maxTargets);
}

function* deletedAgain(scene: Scene, examples: readonly Example[]): Generator<Candidate> {
  const texts = examples.flatMap(({ change, index }) => change.oldLines.map((text) => ({ change, index, text })));
  const [one, ...others] = texts;
  if (!one) return;
  let head = solid(one.text);
  let support = 1;
  for (const { text, change } of others) {
    const tokens = solid(text);
    let n = 0;
    while (n < Math.min(head.length, tokens.length) && head[n] === tokens[n]) n++;
    if (isTelling(head.slice(0, n))) {
      head = head.slice(0, n);
      support++;
    } else if (change === one.change) return;
  }
  // One example shows only which call it was.
  if (support === 1) head = head.slice(0, head.indexOf('(') + 1);
  if (!isTelling(head)) return;
  const targets = targetsOf(scene, (line) => startsWith(solid(line), head));
  for (const line of nearest(scene, targets)) {
    const end = statementEnd(scene.lines, line);
    if (end === undefined) continue;
    yield {
      start: line,
      end,
      lines: [],
      evidence: evidence('likeLine', scene, one.index, {
        support,
        left: head.length,
        allSites: targets.length,
        skipped: targets.filter((place) => place < scene.latest.start && place > one.change.end).length,
        oldTokens: solidTokens(scene.lines.slice(line, end)),
        likeness: similarity(one.text, scene.lines[line] ?? ''),
        extra: 2,
      }),
      reason: 'delete these lines',
    };
  }
}

/** Whether a beginning shows what the line does: it names something, not only the target of an assignment. */
function isTelling(head: readonly string[]): boolean {
  return head.some(isName) && (head.length > 1 || !isName(head[0])) && !head.includes('=') && head[0] !== 'import';
}

/** Where the statement that begins on `line` ends: on the line that closes its brackets. */
function statementEnd(lines: readonly string[], line: number): number | undefined {
  let depth = 0;
  for (let at = line; at < Math.min(lines.length, line + maxStatement); at++) {
    const tokens = tokenize(lines[at] ?? '');
    const { string } = pairsOf(tokens);
    for (const [i, token] of tokens.entries()) {
      if ((string[i] ?? -1) >= 0) continue;
      if (token === '(' || token === '[' || token === '{') depth++;
      else if (token === ')' || token === ']' || token === '}') depth--;
    }
    if (depth <= 0) return depth < 0 ? undefined : at + 1;
  }
  return undefined;
}
