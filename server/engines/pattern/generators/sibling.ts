import type { Candidate } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { isName, linesWith } from '../codeNames.ts';
import { evidence } from '../evidence.ts';
import { indentOf, isSpace, tokenize } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { diffTokens, similarity } from '../tokenAlignment.ts';
import { Wording } from '../transfer.ts';
import { nameForms, substitute } from '../wordForms.ts';
import { inChange } from './replace.ts';

const maxInserted = 12;
const maxNeighbours = 3;
const maxPlaces = 8;
const maxDefinition = 60;
const maxSearched = 80;

interface Sibling {
  /** The name that was there, and the new one that was put beside it in the same way. */
  readonly known: string;
  readonly added: string;
  readonly names: ReadonlyMap<string, string>;
  readonly after: boolean;
  readonly likeness: number;
}

/** A line was copied from its neighbour with another name: do the same elsewhere for the neighbour's name. */
export function* siblingGenerator(scene: Scene): Generator<Candidate> {
  for (const [index, change] of scene.changes.entries()) {
    scene.signal?.throwIfAborted();
    const seen = new Set<string>();
    const siblings = [...siblingsIn(change), ...definitionSiblings(scene, change)];
    for (const sibling of siblings) {
      const key = `${sibling.known}\0${sibling.added}\0${sibling.after}`;
      if (seen.has(key)) continue;
      seen.add(key);
      yield* besides(scene, index, sibling);
    }
    yield* together(scene, index, siblings);
  }
}

function* siblingsIn(change: Change): Generator<Sibling> {
  const { newLines, above, below } = change;
  if (newLines.length === 0 || newLines.length > maxInserted) return;
  const around = [...above].reverse().concat(newLines, below);
  const first = above.length;
  const old = new Set(change.oldLines.map((line) => line.trim()));
  for (let i = 0; i < newLines.length; i++) {
    const line = newLines[i] ?? '';
    if (old.has(line.trim())) continue;
    for (let step = 1; step <= maxNeighbours; step++) {
      for (const at of [first + i - step, first + i + step]) {
        const neighbour = around[at];
        // If both lines are new, neither is the model.
        const isNew = at >= first && at < first + newLines.length && !old.has((neighbour ?? '').trim());
        if (neighbour === undefined || isNew) continue;
        const found = compare(neighbour, line, at < first + i);
        if (found) yield found;
      }
    }
  }
  yield* inlineSiblings(change);
}

/** The definitions of an inserted block beside the nearest ones of the same kind above and below it. */
function* definitionSiblings(scene: Scene, change: Change): Generator<Sibling> {
  if (change.elsewhere || change.newLines.length < 2 || change.newLines.length > maxDefinition) return;
  const depth = Math.min(...change.newLines.filter((line) => line.trim() !== '').map((line) => indentOf(line).length));
  const heads = change.newLines.filter((line) => indentOf(line).length === depth && /^\s*[\w@(`'"]/.test(line));
  for (const head of heads.slice(0, maxNeighbours)) {
    for (const step of [-1, 1]) {
      let at = step < 0 ? change.start - 1 : change.end;
      for (let n = 0; n < maxSearched; n++, at += step) {
        const line = scene.lines[at];
        if (line === undefined) break;
        if (indentOf(line).length !== depth || similarity(line, head) < 0.45) continue;
        const found = compare(line, head, step < 0);
        if (found) yield found;
        break;
      }
    }
  }
}

function compare(neighbour: string, line: string, after: boolean): Sibling | undefined {
  const likeness = similarity(neighbour, line);
  if (neighbour.trim() === line.trim()) return undefined;
  const a = tokenize(neighbour.trim());
  const b = tokenize(line.trim());
  const differences = diffTokens(a, b);
  const names = new Wording(a, b, differences).names;
  const single = differences.find(
    ({ aStart, aEnd, bStart, bEnd }) =>
      aEnd - aStart === 1 && bEnd - bStart === 1 && isName(a[aStart]) && isName(b[bStart]),
  );
  const known = single && a[single.aStart];
  const added = single && b[single.bStart];
  if (!isName(known) || !isName(added)) return undefined;
  // Items of a list of bare names have little else in common.
  const solid = a.filter((token) => !isSpace(token)).length;
  if (likeness < 0.3 && solid > 2) return undefined;
  return { known, added, names, after, likeness };
}

/** `a, b` became `a, x, b`. */
function* inlineSiblings(change: Change): Generator<Sibling> {
  if (change.oldLines.length !== 1 || change.newLines.length !== 1) return;
  const a = tokenize(change.oldLines[0] ?? '');
  const b = tokenize(change.newLines[0] ?? '');
  for (const { aStart, aEnd, bStart, bEnd } of diffTokens(a, b)) {
    if (aStart !== aEnd) continue;
    const added = b.slice(bStart, bEnd).filter(isName);
    const known = b.slice(0, bStart).filter(isName).at(-1);
    const name = added.length === 1 ? added[0] : undefined;
    if (name && known && name !== known) {
      yield { known, added: name, names: nameForms(known, name), after: true, likeness: 1 };
    }
  }
}

/** Several definitions inserted beside a known one: their names are added together wherever its name is listed. */
function* together(scene: Scene, index: number, siblings: readonly Sibling[]): Generator<Candidate> {
  const groups = new Map<string, Sibling[]>();
  for (const sibling of siblings) {
    const key = `${sibling.known}\0${sibling.after}`;
    const group = groups.get(key) ?? [];
    if (group.every((other) => other.added !== sibling.added)) groups.set(key, [...group, sibling]);
  }
  for (const group of groups.values()) {
    if (group.length < 2 || group.length > maxNeighbours + 1) continue;
    const lists = group.map((sibling) => [...besides(scene, index, sibling)].filter((c) => c.lines.length === 1));
    for (const candidate of lists[0] ?? []) {
      const others = lists.slice(1).map((list) => list.find((other) => other.start === candidate.start));
      if (others.some((other) => other === undefined)) continue;
      const lines = [...candidate.lines, ...others.flatMap((other) => other?.lines ?? [])];
      yield { ...candidate, lines, evidence: { ...candidate.evidence, extra: -1 - lines.length } };
    }
  }
}

function* besides(scene: Scene, index: number, sibling: Sibling): Generator<Candidate> {
  const { known, added, names, after, likeness } = sibling;
  const forms = [...nameForms(known, added)].filter(([from]) => isName(from));
  const places = new Set<number>();
  for (const [from] of forms) for (const line of linesWith(scene, from)) places.add(line);
  const lines = [...places].filter((line) => !inChange(scene, line)).sort((a, b) => a - b);
  const near = lines.filter((line) => line >= scene.cursorLine).slice(0, maxPlaces);
  const all = new Map([...forms, ...names]);
  for (const line of [...lines.filter((other) => other < scene.cursorLine).slice(-maxPlaces / 4), ...near]) {
    const text = scene.lines[line] ?? '';
    const copy = substitute(text, all);
    const at = after ? line + 1 : line;
    const occupied = scene.lines[after ? line + 1 : line - 1] ?? '';
    if (copy === text || occupied.trim() === copy.trim() || occurs(scene, added, line)) continue;
    const details = {
      allSites: lines.length,
      skipped: lines.filter((other) => other < scene.latest.start).length,
      likeness,
      left: similarity(text, scene.lines[line - 1] ?? ''),
      right: similarity(text, scene.lines[line + 1] ?? ''),
      newTokens: tokenize(copy).filter((token) => !isSpace(token)).length,
      sites: lines.filter((other) => Math.abs(other - line) <= 3).length,
      extra: names.size,
    };
    const reason = `add \`${added}\` beside \`${known}\``;
    const separated = withSeparator(text, copy, after);
    yield { start: at, end: at, lines: [copy], evidence: evidence('sibling', scene, index, details), reason };
    if (separated) {
      const start = after ? line : at;
      yield {
        start,
        end: after ? line + 1 : at,
        lines: separated,
        evidence: evidence('sibling', scene, index, { ...details, extra: -1 }),
        reason,
      };
    }
  }
}

/** The last item of a list gets the missing separator, and the new last one has none. */
function withSeparator(text: string, copy: string, after: boolean): string[] | undefined {
  if (!after || /[,;{([:>]\s*$/.test(text)) return undefined;
  return [`${text},`, copy];
}

function occurs(scene: Scene, name: string, line: number): boolean {
  return linesWith(scene, name).some((other) => Math.abs(other - line) <= 2 && !inChange(scene, other));
}
