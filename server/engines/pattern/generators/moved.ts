import type { Candidate } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { evidence } from '../evidence.ts';
import type { Scene } from '../scene.ts';
import { similarity } from '../tokenAlignment.ts';
import { solidTokens } from '../transfer.ts';
import { linesThatAre } from '../trimmed.ts';
import { inChange } from './replace.ts';

const maxAdded = 60;
const minLength = 8;
const maxCopies = 4;
const looseLikeness = 0.6;

/** Lines that were inserted and are still elsewhere have been moved: delete the others. */
export function* movedGenerator(scene: Scene): Generator<Candidate> {
  let byText: Map<string, number[]> | undefined;
  for (const [index, change] of scene.changes.entries()) {
    const added = addedLines(change);
    if (added.length === 0 || added.length > maxAdded) continue;
    byText ??= indexLines(scene);
    const seen = new Set<string>();
    for (const [i, text] of added.entries()) {
      if (text.length < minLength) continue;
      const copies = byText.get(text) ?? [];
      if (copies.length > maxCopies) continue;
      for (const line of copies) {
        const [start, end] = extend(scene, added, i, line);
        const wider = extendLoosely(scene, added, i, line);
        for (const [from, to] of [...withBlank(scene, start, end), ...withBlank(scene, ...wider)]) {
          const key = `${from}:${to}`;
          if (seen.has(key)) continue;
          seen.add(key);
          const known = {
            allSites: copies.length,
            oldTokens: solidTokens(scene.lines.slice(start, end)),
            newTokens: solidTokens(change.newLines),
            likeness: (end - start) / added.length,
            left: change.oldLines.length === 0 ? 1 : 0,
            extra: to - from - (end - start),
          };
          const reason = 'delete what was moved';
          yield { start: from, end: to, lines: [], evidence: evidence('moved', scene, index, known), reason };
        }
      }
    }
  }
}

function addedLines(change: Change): string[] {
  const old = new Set(change.oldLines.map((line) => line.trim()));
  return change.newLines.map((line) => line.trim()).filter((line) => !old.has(line));
}

function indexLines(scene: Scene): Map<string, number[]> {
  const texts = scene.changes.flatMap(addedLines).filter((text) => text.length >= minLength);
  const byText = linesThatAre(scene, texts);
  for (const [text, lines] of byText)
    byText.set(
      text,
      lines.filter((line) => !inChange(scene, line)),
    );
  return byText;
}

/** As many lines around as were moved together; blank lines in between do not matter. */
function extend(scene: Scene, added: readonly string[], i: number, line: number): [number, number] {
  const text = (at: number) => (scene.lines[at] ?? '').trim();
  let [start, end] = [line, line + 1];
  for (let k = i - 1; k >= 0 && start > 0 && text(start - 1) === added[k] && !inChange(scene, start - 1); k--) start--;
  for (let k = i + 1; k < added.length && text(end) === added[k] && !inChange(scene, end); k++) end++;
  while (end > start + 1 && text(end - 1) === '') end--;
  while (start < end - 1 && text(start) === '') start++;
  return [start, end];
}

/** The same if lines were changed a little by the move, and blank lines were added or removed. */
function extendLoosely(scene: Scene, added: readonly string[], i: number, line: number): [number, number] {
  const free = (at: number) => at >= 0 && at < scene.lines.length && !inChange(scene, at);
  const walk = (step: 1 | -1) => {
    let edge = line;
    let at = line + step;
    for (let k = i + step; k >= 0 && k < added.length; k += step) {
      const text = added[k] ?? '';
      if (text === '') continue;
      while (free(at) && (scene.lines[at] ?? '').trim() === '') at += step;
      if (!free(at) || similarity(scene.lines[at] ?? '', text) < looseLikeness) break;
      edge = at;
      at += step;
    }
    return edge;
  };
  return [walk(-1), walk(1) + 1];
}

function withBlank(scene: Scene, start: number, end: number): [number, number][] {
  const blank = (at: number) => at >= 0 && at < scene.lines.length && scene.lines[at]?.trim() === '';
  const spans: [number, number][] = [[start, end]];
  if (blank(end)) spans.push([start, end + 1]);
  if (blank(start - 1)) spans.push([start - 1, end]);
  return spans;
}
