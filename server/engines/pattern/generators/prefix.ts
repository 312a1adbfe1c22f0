import type { Candidate } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { evidence } from '../evidence.ts';
import { indentOf } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { inChange } from './replace.ts';

const maxBlock = 40;

/** Lines that got something in front or lost it (commented out, indented, quoted): the lines that follow, too. */
export function* prefixGenerator(scene: Scene): Generator<Candidate> {
  for (const [index, change] of scene.changes.entries()) {
    if (change.elsewhere || change.age > 1) continue;
    const edit = sharedPrefix(change);
    if (!edit) continue;
    const { lines } = scene;
    let start = change.end;
    while (start < lines.length && lines[start]?.trim() === '') start++;
    let end = start;
    while (end < lines.length && end - start < maxBlock && lines[end]?.trim() !== '' && !inChange(scene, end)) end++;
    for (const to of new Set([start + 1, end])) {
      if (to > end) continue;
      const old = lines.slice(start, to);
      const now = old.map((line) => applyPrefix(line, edit));
      if (now.some((line, i) => line === undefined || line === old[i])) continue;
      yield {
        start,
        end: to,
        lines: now.filter((line) => line !== undefined),
        evidence: evidence('prefix', scene, index, {
          support: change.oldLines.length,
          sites: to - start,
          allSites: end - start,
          left: edit.added.length,
          right: edit.removed.length,
          likeness: start - change.end,
        }),
        reason: 'the same in front of what follows',
      };
    }
  }
}

interface PrefixEdit {
  readonly added: string;
  readonly removed: string;
}

/** What every changed line got or lost after its indentation. */
function sharedPrefix({ oldLines, newLines }: Change): PrefixEdit | undefined {
  if (oldLines.length === 0 || oldLines.length !== newLines.length) return undefined;
  let found: PrefixEdit | undefined;
  for (const [i, old] of oldLines.entries()) {
    const [a, b] = [old.trimStart(), (newLines[i] ?? '').trimStart()];
    if (a === '' || a === b) return undefined;
    const edit = b.endsWith(a)
      ? { added: b.slice(0, b.length - a.length), removed: '' }
      : a.endsWith(b) && b !== ''
        ? { added: '', removed: a.slice(0, a.length - b.length) }
        : undefined;
    if (!edit || edit.added.length + edit.removed.length > 12) return undefined;
    if (found && (found.added !== edit.added || found.removed !== edit.removed)) return undefined;
    found = edit;
  }
  return found;
}

function applyPrefix(line: string, { added, removed }: PrefixEdit): string | undefined {
  const indent = indentOf(line);
  const rest = line.slice(indent.length);
  return rest.startsWith(removed) ? indent + added + rest.slice(removed.length) : undefined;
}
