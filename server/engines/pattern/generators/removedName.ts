import type { Candidate } from '../candidate.ts';
import { isName, linesWith, namesOn } from '../codeNames.ts';
import { evidence } from '../evidence.ts';
import { indentOf, isSpace, tokenize } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { solidTokens } from '../transfer.ts';
import { inChange } from './replace.ts';

const maxNames = 12;
const maxOccurrences = 12;
const maxBlockLines = 60;

/** Names that were deleted with their declaration: their other uses are deleted too. */
export function* removedNameGenerator(scene: Scene): Generator<Candidate> {
  const oldNames = scene.changes.map((change) => namesOn(change.oldLines));
  for (const [index, change] of scene.changes.entries()) {
    if (change.oldLines.length === 0) continue;
    scene.signal?.throwIfAborted();
    const kept = namesOn(change.newLines);
    const gone = [...(oldNames[index] ?? [])].filter(([name]) => !kept.has(name));
    const rare = gone
      .filter(([name]) => linesWith(scene, name).length <= 2 * maxOccurrences)
      .map(([name]) => ({ name, lines: linesWith(scene, name).filter((line) => !inChange(scene, line)) }))
      .filter(({ lines }) => lines.length > 0 && lines.length <= maxOccurrences)
      .sort((a, b) => a.lines.length - b.lines.length)
      .slice(0, maxNames);
    for (const { name, lines } of rare) {
      const known = {
        support: oldNames.filter((names) => names.has(name)).length,
        allSites: lines.length,
        skipped: lines.filter((line) => line < scene.latest.start).length,
        oldTokens: solidTokens(change.oldLines),
        newTokens: solidTokens(change.newLines),
        likeness: name.length,
      };
      for (const line of new Set(lines)) {
        for (const { start, end, lines: text, extra } of removals(scene, line, name)) {
          const details = { ...known, extra, left: change.newLines.length === 0 ? 1 : 0 };
          yield {
            start,
            end,
            lines: text,
            evidence: evidence('removedName', scene, index, details),
            reason: `remove \`${name}\`, which is gone`,
          };
        }
      }
    }
  }
}

interface Removal {
  readonly start: number;
  readonly end: number;
  readonly lines: readonly string[];
  /**
   * 0 the line, 1 neighbouring lines with the name, 2 the block it begins, 3 an item of a list, 4 block and blank line,
   * 5 line and comment, 6 line and blank line, 7 the name and the mark before it.
   */
  readonly extra: number;
}

function* removals(scene: Scene, line: number, name: string): Generator<Removal> {
  const { lines } = scene;
  const text = lines[line] ?? '';
  yield { start: line, end: line + 1, lines: [], extra: 0 };
  const has = (at: number) => at >= 0 && at < lines.length && tokenize(lines[at] ?? '').includes(name);
  let [first, last] = [line, line + 1];
  while (has(first - 1) && !inChange(scene, first - 1)) first--;
  while (has(last) && !inChange(scene, last)) last++;
  if (last - first > 1 && first === line) yield { start: first, end: last, lines: [], extra: 1 };

  const end = blockEnd(lines, line);
  if (end > line + 1) {
    yield { start: line, end, lines: [], extra: 2 };
    if (end < lines.length && lines[end]?.trim() === '') yield { start: line, end: end + 1, lines: [], extra: 4 };
    if (line > 0 && lines[line - 1]?.trim() === '') yield { start: line - 1, end, lines: [], extra: 4 };
    const head = commentAbove(lines, line);
    if (head < line) {
      yield { start: head, end, lines: [], extra: 2 };
      if (head > 0 && lines[head - 1]?.trim() === '') yield { start: head - 1, end, lines: [], extra: 4 };
      if (end < lines.length && lines[end]?.trim() === '') yield { start: head, end: end + 1, lines: [], extra: 4 };
    }
  } else {
    const head = commentAbove(lines, line);
    const to = last;
    if (head < line) yield { start: head, end: to, lines: [], extra: 5 };
    for (const from of new Set([head, line])) {
      if (from > 0 && lines[from - 1]?.trim() === '') yield { start: from - 1, end: to, lines: [], extra: 6 };
      if (lines[to]?.trim() === '') yield { start: from, end: to + 1, lines: [], extra: 6 };
    }
  }
  const item = withoutItem(text, name);
  if (item !== undefined) yield { start: line, end: line + 1, lines: [item], extra: 3 };
  for (const phrase of withoutPhrase(text, name)) yield { start: line, end: line + 1, lines: [phrase], extra: 7 };
}

/** The line without the name and the mark or keyword before it: ` throws Name`, ` | Name`, `: Name`, `@Name`. */
function* withoutPhrase(text: string, name: string): Generator<string> {
  const tokens = tokenize(text);
  const at = tokens.indexOf(name);
  if (at < 0) return;
  let before = at - 1;
  while (isSpace(tokens[before])) before--;
  const lead = tokens[before];
  if (lead !== undefined && /^([|&:@.+]|\|\||&&|throws|extends|implements|with|as)$/.test(lead)) {
    while (isSpace(tokens[before - 1]) && before > 1) before--;
    const rest = [...tokens.slice(0, before), ...tokens.slice(at + 1)].join('');
    if (rest.trim() !== '') yield rest;
  }
  let after = at + 1;
  while (isSpace(tokens[after])) after++;
  const next = tokens[after];
  if (next !== undefined && /^([|&.]|\|\||&&|::|->)$/.test(next)) {
    after++;
    while (isSpace(tokens[after])) after++;
    yield [...tokens.slice(0, at), ...tokens.slice(after)].join('');
  }
}

/** Where the block that begins on `line` ends: at the line that closes it, or before the next one not indented deeper. */
function blockEnd(lines: readonly string[], line: number): number {
  const depth = indentOf(lines[line] ?? '').length;
  let end = line + 1;
  let last = line + 1;
  for (; end < lines.length && end < line + maxBlockLines; end++) {
    const text = lines[end] ?? '';
    if (text.trim() === '') continue;
    if (indentOf(text).length <= depth) {
      return /^\s*([}\])]|end\b)/.test(text) && indentOf(text).length === depth ? end + 1 : last;
    }
    last = end + 1;
  }
  return last;
}

/** The first of the comment, attribute and decorator lines just above. */
function commentAbove(lines: readonly string[], line: number): number {
  let first = line;
  while (first > 0 && /^\s*(\/\/|\/?\*|#|--|;|@)/.test(lines[first - 1] ?? '')) first--;
  return first;
}

/** The line without the name as an item of a list: `a, name, b` becomes `a, b`. */
function withoutItem(text: string, name: string): string | undefined {
  const tokens = tokenize(text);
  const at = tokens.indexOf(name);
  if (at < 0 || !isName(name)) return undefined;
  let [before, after] = [at - 1, at + 1];
  while (isSpace(tokens[before])) before--;
  while (isSpace(tokens[after])) after++;
  if (tokens[before] === ',') return [...tokens.slice(0, before), ...tokens.slice(at + 1)].join('');
  if (tokens[after] !== ',') return undefined;
  after++;
  while (isSpace(tokens[after])) after++;
  const rest = [...tokens.slice(0, at), ...tokens.slice(after)].join('');
  return rest.trim() === '' ? undefined : rest;
}
