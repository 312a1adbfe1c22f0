import type { Candidate, Evidence } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { evidence } from '../evidence.ts';
import { lexedAt } from '../knownLines.ts';
import { indentOf } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { diffTokens, similarityTo } from '../tokenAlignment.ts';
import { blockTokens, isBlank, reindent, solidTokens, Wording } from '../transfer.ts';
import { substitute } from '../wordForms.ts';
import { same, supportOf } from './analogy.ts';
import { inChange } from './replace.ts';

const maxBlockLines = 30;
const linesAbove = 300;
const linesBelow = 700;
const maxPerChange = 12;

interface Place {
  readonly line: number;
  readonly above: number;
  readonly below: number;
}

/** An inserted block inserted again where the surrounding lines are similar. */
export function* insertBlockGenerator(scene: Scene): Generator<Candidate> {
  for (const [index, change] of scene.changes.entries()) {
    if (change.oldLines.length > 0 || change.newLines.length > maxBlockLines || isBlank(change.newLines)) continue;
    scene.signal?.throwIfAborted();
    const places = findPlaces(scene, change);
    const skipped = places.filter((place) => place.line < scene.latest.start && place.line > change.end).length;
    const common = {
      support: supportOf(scene, change),
      allSites: places.length,
      skipped,
      newTokens: solidTokens(change.newLines),
    };
    for (const place of places) yield* inserted(scene, change, index, place, common);
  }
}

function* inserted(
  scene: Scene,
  change: Change,
  index: number,
  place: Place,
  common: Partial<Evidence>,
): Generator<Candidate> {
  const { line } = place;
  const known = {
    ...common,
    left: place.above,
    right: place.below,
    likeness: (place.above + place.below) / 2,
  };
  const example = [...change.above].reverse().slice(-2).concat(change.below.slice(0, 2));
  const here = scene.lines.slice(Math.max(0, line - Math.min(2, change.above.length)), line + 2);
  const [a, b] = [blockTokens(example), blockTokens(here)];
  const names = new Wording(a, b, diffTokens(a, b)).names;
  const seen = new Set<string>();
  for (const substitutes of [names, new Map<string, string>()]) {
    const lines = reindent(
      change.newLines.map((text) => substitute(text, substitutes)),
      indentAround(change.above, change.below),
      indentAround(scene.lines.slice(Math.max(0, line - 4), line).reverse(), scene.lines.slice(line, line + 4)),
    );
    const text = lines.join('\n');
    if (seen.has(text) || alreadyThere(scene, line, lines)) continue;
    seen.add(text);
    yield {
      start: line,
      end: line,
      lines,
      evidence: evidence('insertBlock', scene, index, { ...known, extra: substitutes.size }),
      reason: `insert ${lines.length === 1 ? 'the line' : 'the lines'} here too`,
    };
  }
}

function findPlaces(scene: Scene, change: Change): Place[] {
  const { lines } = scene;
  const from = Math.max(0, scene.cursorLine - linesAbove);
  const to = Math.min(lines.length, scene.cursorLine + linesBelow);
  const above = change.above[0] ?? '';
  const below = change.below[0] ?? '';
  const [aboveAlike, belowAlike] = [aliker(above), aliker(below)];
  const [similarAbove, similarBelow] = [similarityTo(above), similarityTo(below)];
  const places: Place[] = [];
  for (let line = from; line <= to; line++) {
    const before = lines[line - 1] ?? '';
    const after = lines[line] ?? '';
    if (!aboveAlike(before, scene.known.trimmedAt(line - 1)) && !belowAlike(after, scene.known.trimmedAt(line)))
      continue;
    const up = similarAbove(lexedAt(scene, line - 1));
    const down = similarBelow(lexedAt(scene, line));
    // Blank lines are everywhere: the lines next to them have to agree as well.
    const told = (above.trim() === '' ? 0 : up) + (below.trim() === '' ? 0 : down);
    const further = told < 1 && up + down === 2;
    const beyond = further ? same(change.above[1], lines[line - 2]) + same(change.below[1], lines[line + 1]) : 0;
    if (told + beyond < 0.9) continue;
    if (inChange(scene, line) || inChange(scene, line - 1)) continue;
    places.push({ line, above: up, below: down });
  }
  if (places.length <= maxPerChange) return places;
  return places.sort((a, b) => b.above + b.below - a.above - a.below || a.line - b.line).slice(0, maxPerChange);
}

/** A cheap test that lines have to pass before they are compared: the same at the beginning or at the end. */
function aliker(example: string): (line: string, trimmed: string) => boolean {
  const text = example.trim();
  const [head, tail] = [text.slice(0, 3), text.length > 3 ? text.slice(-4) : undefined];
  const begins = (trimmed: string) => (head.length < 3 ? trimmed === head : trimmed.startsWith(head));
  return (line, trimmed) => line === example || begins(trimmed) || (tail !== undefined && trimmed.endsWith(tail));
}

/** Whether a block to be inserted at a line is there already, above or below. */
export function alreadyThere(scene: Scene, line: number, block: readonly string[]): boolean {
  return standsAt(scene, line, block) || standsAt(scene, line - block.length, block);
}

function standsAt(scene: Scene, start: number, block: readonly string[]): boolean {
  for (let i = 0; i < block.length; i++) if (block[i]?.trim() !== scene.known.trimmedAt(start + i)) return false;
  return true;
}

export function indentAround(above: readonly string[], below: readonly string[]): string {
  const line = above.find((text) => text.trim() !== '') ?? below.find((text) => text.trim() !== '') ?? '';
  return indentOf(line);
}
