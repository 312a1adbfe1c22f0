import { lineAtOffset } from '../../../../shared/positions/lineIndex.ts';
import type { Candidate } from '../candidate.ts';
import { evidence } from '../evidence.ts';
import { indentOf } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { type Family, isVoid, partnerOf, tagsIn } from '../tags.ts';
import { pairLines } from '../tokenAlignment.ts';

const linesAround = 500;
/** A longer line is data. */
const maxLength = 2000;
const families: readonly Family[] = ['markup', 'latex', 'bracket', 'statement', 'block'];
const marks: Readonly<Record<Family, string>> = {
  markup: '<',
  latex: '\\',
  bracket: '[',
  statement: '{%',
  block: '{',
};

interface Renamed {
  /** Line and column of the name. */
  readonly line: number;
  readonly column: number;
  readonly opens: boolean;
  readonly old: string;
  readonly now: string;
}

/**
 * The name of an opening tag was changed: change its closing tag too, and the other way round. The partner is found by
 * counting, so tags of the same name inside and beside it stay. Other paired notations work the same way: LaTeX's
 * environments, BBCode, and the blocks of templates.
 */
export function* closingTagGenerator(scene: Scene): Generator<Candidate> {
  for (const [index, change] of scene.changes.entries()) {
    if (change.elsewhere || change.oldLines.length === 0 || change.newLines.length === 0) continue;
    for (const [i, j] of pairLines(change.oldLines, change.newLines)) {
      const [old = '', now = ''] = [change.oldLines[i], change.newLines[j]];
      // The changed text may have been edited further.
      if (old === now || scene.lines[change.start + j] !== now || now.length > maxLength) continue;
      for (const family of families) {
        if (!now.includes(marks[family])) continue;
        for (const renamed of renamedTags(old, now, change.start + j, family)) {
          const candidate = partner(scene, index, renamed, family);
          if (candidate) yield candidate;
        }
      }
    }
  }
}

/** The tags that stand on both lines in the same order, but for their names. */
function* renamedTags(old: string, now: string, line: number, family: Family): Generator<Renamed> {
  const [before, after] = [tagsIn(old, family), tagsIn(now, family)];
  if (before.length !== after.length || before.some((tag, i) => tag.opens !== after[i]?.opens)) return;
  for (const [i, { name, start, opens }] of after.entries()) {
    const was = before[i]?.name ?? '';
    if (was !== '' && was !== name && !isVoid(family, was) && !isVoid(family, name)) {
      yield { line, column: start, opens, old: was, now: name };
    }
  }
}

function partner(scene: Scene, index: number, renamed: Renamed, family: Family): Candidate | undefined {
  const { lines, lineStarts, text } = scene;
  const { line, column, old, now, opens } = renamed;
  const from = opens ? line : Math.max(0, line - linesAround);
  const to = opens ? Math.min(lines.length, line + linesAround) : line + 1;
  const base = lineStarts[from] ?? 0;
  const tags = tagsIn(text.slice(base, lineStarts[to] ?? text.length), family);
  const offset = (lineStarts[line] ?? 0) + column - base;
  const at = tags.findIndex((tag) => tag.start === offset);
  const found = at < 0 ? undefined : partnerOf(tags, at, old, now);
  if (!found) return undefined;
  const { tag, depth } = found;
  const target = lineAtOffset(lineStarts, base + tag.start);
  const content = lines[target] ?? '';
  const start = base + tag.start - (lineStarts[target] ?? 0);
  const sameIndent = target === line || indentOf(content) === indentOf(lines[line] ?? '');
  return {
    start: target,
    end: target + 1,
    lines: [content.slice(0, start) + now + content.slice(start + old.length)],
    evidence: evidence('closingTag', scene, index, {
      left: depth,
      right: opens ? 1 : 0,
      allSites: tags.filter(({ name }) => name === old).length,
      oldTokens: old.length,
      newTokens: now.length,
      likeness: sameIndent ? 1 : 0,
      extra: families.indexOf(family),
      sites: Math.min(Math.abs(target - line), 99),
    }),
    reason: opens ? 'close what was opened' : 'open what is closed',
  };
}
