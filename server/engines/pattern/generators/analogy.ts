import type { Candidate, Evidence } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { evidence } from '../evidence.ts';
import { lexedAt } from '../knownLines.ts';
import { isSpace, tokenize } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { similarity, similarityTo } from '../tokenAlignment.ts';
import { isBlank, solidTokens, transfer } from '../transfer.ts';
import { inChange } from './replace.ts';

const maxBlockLines = 30;
const linesAbove = 300;
const linesBelow = 700;
const leastLikeness = 0.4;
const leastLikenessToDelete = 0.35;
const maxPerChange = 12;

interface Target {
  readonly start: number;
  readonly likeness: number;
}

/** A block similar to a changed block, changed in the same way; one similar to a deleted block, deleted. */
export function* analogyGenerator(scene: Scene): Generator<Candidate> {
  for (const [index, change] of scene.changes.entries()) {
    if (change.oldLines.length === 0 || change.oldLines.length > maxBlockLines || isBlank(change.oldLines)) continue;
    scene.signal?.throwIfAborted();
    const targets = findAlike(scene, change);
    const skipped = targets.filter((target) => target.start < scene.latest.start && target.start > change.end).length;
    const common = {
      support: supportOf(scene, change),
      allSites: targets.length,
      skipped,
      oldTokens: solidTokens(change.oldLines),
      newTokens: solidTokens(change.newLines),
    };
    for (const target of targets) yield* transferred(scene, change, index, target, common);
  }
}

function* transferred(
  scene: Scene,
  change: Change,
  index: number,
  target: Target,
  common: Partial<Evidence>,
): Generator<Candidate> {
  const { start, likeness } = target;
  const end = start + change.oldLines.length;
  const old = scene.lines.slice(start, end);
  const deleted = change.newLines.length === 0;
  const known = {
    ...common,
    left: same(change.above[0], scene.lines[start - 1]),
    right: same(change.below[0], scene.lines[end]),
    likeness,
  };
  if (deleted) {
    const reason = `delete ${change.oldLines.length === 1 ? 'the line' : 'the lines'} as above`;
    yield { start, end, lines: [], evidence: evidence('deleteBlock', scene, index, known), reason };
    return;
  }
  const seen = new Set<string>();
  for (const rename of [true, false]) {
    const result = transfer(change.oldLines, change.newLines, old, rename);
    if (!result) continue;
    const text = result.lines.join('\n');
    if (seen.has(text) || text === old.join('\n')) continue;
    seen.add(text);
    const extra = result.differences + (result.adapted > 0 ? 0.5 : 0);
    yield {
      start,
      end,
      lines: result.lines,
      evidence: evidence('analogy', scene, index, { ...known, extra }),
      reason: 'change it as before',
    };
    // With nothing to adapt, the second attempt gives the same.
    if (result.adapted === 0) return;
  }
}

/** Blocks as long as the changed one was, with lines similar to its lines. */
function findAlike(scene: Scene, change: Change): Target[] {
  const { lines } = scene;
  const height = change.oldLines.length;
  const from = Math.max(0, scene.cursorLine - linesAbove);
  const to = Math.min(lines.length - height, scene.cursorLine + linesBelow);
  // The line with the most tokens decides where to look closer.
  const anchor = mostTelling(change.oldLines);
  const anchorLine = change.oldLines[anchor] ?? '';
  const isLike = prefilter(anchorLine);
  const likenesses = change.oldLines.map(similarityTo);
  const least = change.newLines.length === 0 ? leastLikenessToDelete : leastLikeness;
  const targets: Target[] = [];
  for (let start = from; start <= to; start++) {
    const line = lines[start + anchor] ?? '';
    if (!isLike(line, scene.known.trimmedAt(start + anchor))) continue;
    let sum = likenesses[anchor]?.(lexedAt(scene, start + anchor)) ?? 0;
    if (sum < least) continue;
    let weakest = sum;
    for (let i = 0; i < height && weakest >= least; i++) {
      if (i === anchor) continue;
      const likeness = likenesses[i]?.(lexedAt(scene, start + i)) ?? 0;
      weakest = Math.min(weakest, likeness);
      sum += likeness;
    }
    if (weakest < least || touchesChange(scene, start, start + height)) continue;
    targets.push({ start, likeness: sum / height });
  }
  if (targets.length <= maxPerChange) return targets;
  return targets.sort((a, b) => b.likeness - a.likeness).slice(0, maxPerChange);
}

/** A cheap test that lines have to pass before they are compared token by token. */
function prefilter(example: string): (line: string, trimmed: string) => boolean {
  const tokens = tokenize(example.trim());
  const head = tokens[0] ?? '';
  const tail = tokens.at(-1) ?? '';
  const { length } = example.trim();
  const rare = [...tokens].sort((a, b) => b.length - a.length)[0] ?? head;
  return (line, trimmed) => {
    if (line.length < 0.4 * length || line.length > 3 * length + 40) return false;
    return trimmed.startsWith(head) || trimmed.endsWith(tail) || trimmed.includes(rare);
  };
}

function mostTelling(lines: readonly string[]): number {
  let best = 0;
  let most = -1;
  lines.forEach((line, i) => {
    const solid = tokenize(line).filter((token) => !isSpace(token)).length;
    if (solid > most) [best, most] = [i, solid];
  });
  return best;
}

function touchesChange(scene: Scene, start: number, end: number): boolean {
  for (let line = start; line < end; line++) if (inChange(scene, line)) return true;
  return false;
}

/** How many changes replaced the same number of lines by the same number of lines, with a similar beginning. */
export function supportOf(scene: Scene, change: Change): number {
  let count = 0;
  for (const other of scene.changes) {
    if (other.oldLines.length !== change.oldLines.length || other.newLines.length !== change.newLines.length) continue;
    const [a, b] = change.oldLines.length > 0 ? [change.oldLines, other.oldLines] : [change.newLines, other.newLines];
    if (similarity(a.join(' '), b.join(' ')) >= leastLikeness) count++;
  }
  return count;
}

export function same(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 1 : 0;
  return similarity(a, b);
}
