import type { Change } from './changes.ts';
import { lex } from './lexer.ts';
import { oldTexts } from './oldTexts.ts';
import type { Scene } from './scene.ts';
import { similarity } from './tokenAlignment.ts';

/** Lines `start` to `end` are a copy of the lines `delta` lines further up (or down, if negative). */
export interface Copy {
  readonly start: number;
  readonly end: number;
  readonly delta: number;
  /** How similar copy and original are, line by line, 0 to 1. */
  readonly likeness: number;
  /** How many lines are still exactly the same, blank ones not counted. */
  readonly exact: number;
  /** Whether the copy was inserted as a block; else it is only known that both were the same before the edits. */
  readonly inserted: boolean;
}

const maxCopyLines = 150;
const maxSearched = 600;
const minLikeness = 0.55;
/** If the copying itself was not seen, this much must be the same: three short lines or two longer ones. */
const minExactWeight = 12;
const minSolid = 2;

/** The copies in which the newest change was made, the likeliest first. */
export function findCopies(scene: Scene): Copy[] {
  const copies: Copy[] = [];
  for (const change of scene.changes) {
    const copy = holdsLatest(change, scene) ? insertedCopy(scene, change) : undefined;
    if (copy) copies.push(copy);
  }
  if (copies.length > 0) return copies;
  const twin = twinBlock(scene);
  return twin ? [twin] : [];
}

function holdsLatest(change: Change, { latest }: Scene): boolean {
  if (change.elsewhere || change.oldLines.length > 0 || change.end - change.start > maxCopyLines) return false;
  return change === latest || (change.start <= latest.start && latest.end <= change.end);
}

/** The block that an inserted one is a copy of. */
function insertedCopy(scene: Scene, change: Change): Copy | undefined {
  let { start, end } = change;
  while (start < end && isBlankAt(scene, start)) start++;
  while (end > start && isBlankAt(scene, end - 1)) end--;
  if (end - start < minSolid) return undefined;
  const votes = new Map<number, number>();
  const index = linesAround(scene, start, end);
  for (let line = start; line < end; line++) {
    const text = scene.lines[line] ?? '';
    const { weight } = lex(text);
    for (const other of index.get(text.trim()) ?? []) {
      const delta = line - other;
      if (Math.abs(delta) >= end - start) votes.set(delta, (votes.get(delta) ?? 0) + weight);
    }
  }
  let [best, most] = [0, 0];
  for (const [delta, weight] of votes) {
    if (weight > most || (weight === most && Math.abs(delta) < Math.abs(best))) [best, most] = [delta, weight];
  }
  return most === 0 ? undefined : compared(scene, start, end, best, true);
}

/** Where the lines with each text are around the copy, the copy itself left out. */
function linesAround({ lines }: Scene, start: number, end: number): Map<string, number[]> {
  const index = new Map<string, number[]>();
  const to = Math.min(lines.length, end + maxSearched);
  for (let line = Math.max(0, start - maxSearched); line < to; line++) {
    if (line === start) line = end;
    const text = (lines[line] ?? '').trim();
    if (text === '') continue;
    const found = index.get(text);
    if (!found) index.set(text, [line]);
    else if (found.length < 20) found.push(line);
  }
  return index;
}

function compared(scene: Scene, start: number, end: number, delta: number, inserted: boolean): Copy | undefined {
  const { lines } = scene;
  if (start - delta < 0 || end - delta > lines.length) return undefined;
  let [sum, solid, exact] = [0, 0, 0];
  for (let line = start; line < end; line++) {
    const [text, original] = [lines[line] ?? '', lines[line - delta] ?? ''];
    if (text.trim() === '' || original.trim() === '') continue;
    solid++;
    if (text.trim() === original.trim()) exact++;
    sum += similarity(text, original);
  }
  const likeness = solid === 0 ? 0 : sum / solid;
  if (solid < minSolid || exact === 0 || likeness < minLikeness) return undefined;
  return { start, end, delta, likeness, exact, inserted };
}

/** The newest change was made in one of two blocks that were the same until then. */
function twinBlock(scene: Scene): Copy | undefined {
  const { latest, lines } = scene;
  if (latest.elsewhere || latest.oldLines.length !== latest.newLines.length || latest.newLines.length > 3)
    return undefined;
  const old = oldTexts(scene);
  const is = (line: number, delta: number) => {
    const original = lines[line - delta];
    return original !== undefined && (original === lines[line] || old.get(line)?.has(original) === true);
  };
  let best: { start: number; end: number; delta: number; weight: number } | undefined;
  for (const other of nearestLike(scene, old.get(latest.start))) {
    const delta = latest.start - other;
    let [start, end] = [latest.start, latest.start + 1];
    const longest = Math.min(Math.abs(delta), maxCopyLines);
    while (end - start < longest && end < lines.length && is(end, delta)) end++;
    while (end - start < longest && start > 0 && is(start - 1, delta)) start--;
    while (end > start && isBlankAt(scene, end - 1)) end--;
    while (start < end && isBlankAt(scene, start)) start++;
    let weight = 0;
    for (let line = start; line < end; line++) if (!old.has(line)) weight += lex(lines[line] ?? '').weight;
    const nearer = best && weight === best.weight && Math.abs(delta) < Math.abs(best.delta);
    if (weight >= minExactWeight && (!best || weight > best.weight || nearer)) best = { start, end, delta, weight };
  }
  const copy = best && compared(scene, best.start, best.end, best.delta, false);
  return copy && copy.exact >= minSolid ? copy : undefined;
}

const maxTwins = 12;

/** Lines around the newest change with one of these texts; empty if they are too many to mean anything. */
function nearestLike({ lines, latest }: Scene, texts: ReadonlySet<string> | undefined): number[] {
  const found: number[] = [];
  const to = Math.min(lines.length, latest.end + maxSearched);
  for (let line = Math.max(0, latest.start - maxSearched); line < to; line++) {
    const text = lines[line] ?? '';
    if (line === latest.start || text.trim() === '' || !texts?.has(text)) continue;
    if (found.length === maxTwins) return [];
    found.push(line);
  }
  return found;
}

const maxAway = 80;
const minSiblingLikeness = 0.6;

/** A block above the original, equally long and similar: what differs between the two differs in each copy. */
export function blockBefore({ lines }: Scene, start: number, end: number): number | undefined {
  const height = end - start;
  const head = lines[start] ?? '';
  for (let at = start - height; at >= Math.max(0, start - height - maxAway); at--) {
    if (similarity(lines[at] ?? '', head) < minSiblingLikeness) continue;
    let sum = 0;
    for (let i = 0; i < height; i++) sum += similarity(lines[at + i] ?? '', lines[start + i] ?? '');
    if (sum / height >= minSiblingLikeness) return at;
  }
  return undefined;
}

function isBlankAt({ lines }: Scene, line: number): boolean {
  return (lines[line] ?? '').trim() === '';
}
