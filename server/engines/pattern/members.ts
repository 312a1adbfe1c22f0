import type { Change } from './changes.ts';
import { isName } from './codeNames.ts';
import { indentOf, isIdentifier, isSpace, isWord, tokenize } from './lexer.ts';
import { isCloser, isOpener, pairsOf } from './pairs.ts';
import type { Scene } from './scene.ts';
import { diffTokens, pairLines, similarity } from './tokenAlignment.ts';

/** A name that was inserted into a list of names: members of an enumeration, fields, parameters, table columns. */
export interface Member {
  readonly added: string;
  /** The member beside it, and those beyond that one, nearest first. */
  readonly known: string;
  readonly others: readonly string[];
  /** Whether it came after the known one. */
  readonly after: boolean;
  /** Other words in which the two members' definitions differ, such as their types. */
  readonly words: ReadonlyMap<string, string>;
  /** The lines of the list, half-open. */
  readonly start: number;
  readonly end: number;
}

const maxNewLines = 12;
const maxOthers = 3;
const maxSearched = 12;
const leastLikeness = 0.3;
const lead = /^\s*(\/\/|\/?\*|#|--|;|@|\[\w|'''|"""|<!--)/;

/** The members that a change put into lists of at least two. */
export function* addedMembers(scene: Scene, change: Change): Generator<Member> {
  if (change.elsewhere || change.newLines.length === 0 || change.newLines.length > maxNewLines) return;
  const grown = change.oldLines.length < change.newLines.length;
  // A line that got a comma or another type is not new.
  const old = new Set(pairLines(change.oldLines, change.newLines).map(([, now]) => change.start + now));
  for (let line = change.start; grown && line < change.end; line++) {
    if (old.has(line) || !isMemberLine(scene.lines[line] ?? '')) continue;
    for (const step of [-1, 1] as const) yield* besideLine(scene, line, step);
  }
  if (change.oldLines.length === change.newLines.length) {
    for (const [i, text] of change.newLines.entries())
      yield* withinLine(change.oldLines[i] ?? '', text, change.start + i);
  }
}

function isMemberLine(text: string): boolean {
  return text.trim() !== '' && !lead.test(text) && /[\w"'`]/.test(text);
}

/** Whether two lines have words, numbers and marks in the same order: lines of a list may share little else. */
function sameShape(a: string, b: string): boolean {
  const shape = (text: string) =>
    tokenize(text.trim())
      .map((token) => (isWord(token) ? 'w' : isSpace(token) ? ' ' : token))
      .join('');
  return shape(a) === shape(b);
}

function* besideLine(scene: Scene, line: number, step: 1 | -1): Generator<Member> {
  const text = scene.lines[line] ?? '';
  const list: number[] = [];
  for (let at = line + step, n = 0; n < maxSearched && list.length <= maxOthers; n++, at += step) {
    const other = scene.lines[at];
    if (other === undefined) break;
    if (!isMemberLine(other)) continue;
    if (indentOf(other) !== indentOf(text) || (!sameShape(other, text) && similarity(other, text) < leastLikeness)) {
      // A more deeply indented line belongs to a member; any other line ends the list.
      if (indentOf(other).length > indentOf(text).length) continue;
      break;
    }
    list.push(at);
  }
  const [first, ...further] = list.map((at) => scene.lines[at] ?? '');
  if (first === undefined || first.trim() === text.trim()) return;
  const words = differingWords(first, text);
  const edge = list.at(-1) ?? line;
  for (const [known, added] of words) {
    const others = further
      .flatMap((other) => differingWords(other, first).filter(([, to]) => to === known))
      .map(([from]) => from);
    if (others.length === 0 || !isName(known) || !isName(added)) continue;
    yield {
      added,
      known,
      others: [...new Set(others)],
      after: step < 0,
      words: new Map(words.filter(([from]) => from !== known)),
      start: Math.min(edge, line),
      end: Math.max(edge, line) + 1,
    };
  }
}

/** The words that stand in the same place of two lines, where they are not the same. */
function differingWords(a: string, b: string): [string, string][] {
  const [x, y] = [tokenize(a.trim()), tokenize(b.trim())];
  return diffTokens(x, y).flatMap(({ aStart, aEnd, bStart, bEnd }): [string, string][] => {
    const [from = '', to = ''] = [x[aStart], y[bStart]];
    return aEnd - aStart === 1 && bEnd - bStart === 1 && isIdentifier(from) && isIdentifier(to) ? [[from, to]] : [];
  });
}

/** `f(a, b)` became `f(a, b, c)`: an item put into a list on one line. */
function* withinLine(old: string, now: string, line: number): Generator<Member> {
  const [a, b] = [tokenize(old), tokenize(now)];
  const pairs = pairsOf(b);
  for (const { aStart, aEnd, bStart, bEnd } of diffTokens(a, b)) {
    const mark = b.findIndex((token, i) => i >= bStart && i < bEnd && (token === ',' || token === '|'));
    if (aStart !== aEnd || mark < 0) continue;
    const items = itemsAround(b, pairs.partner, mark);
    const at = items.findIndex(({ from, to }) => from < bEnd && to > bStart && from >= bStart - 1 && to <= bEnd + 1);
    const added = nameOf(items[at]?.tokens);
    if (at < 0 || added === undefined) continue;
    for (const step of [-1, 1] as const) {
      const beside = items[at + step]?.tokens;
      const known = nameOf(beside);
      const others = [2, 3].map((n) => nameOf(items[at + n * step]?.tokens)).filter((name) => name !== undefined);
      if (known === undefined || known === added || others.length === 0) continue;
      const words = differingWords((beside ?? []).join(''), (items[at]?.tokens ?? []).join(''));
      const rest = new Map(words.filter(([from]) => from !== known));
      yield { added, known, others, after: step < 0, words: rest, start: line, end: line + 1 };
    }
  }
}

export interface ListItem {
  readonly from: number;
  readonly to: number;
  readonly tokens: readonly string[];
}

/** Where the brackets or quotes around token `at` begin to hold something; 0 where there are none. */
export function listStart(tokens: readonly string[], partner: Int32Array, at: number): number {
  let start = at;
  while (start > 0) {
    const other = partner[start - 1] ?? -1;
    if (other > start - 1 || (other < 0 && isOpener(tokens[start - 1]))) break;
    start = other >= 0 ? other : start - 1;
  }
  return start;
}

/** The items of the list that token `at` is in, split at the commas or bars between its brackets. */
export function itemsAround(tokens: readonly string[], partner: Int32Array, at: number): ListItem[] {
  const start = listStart(tokens, partner, at);
  const items: ListItem[] = [];
  const push = (from: number, to: number) => {
    while (from < to && isSpace(tokens[from])) from++;
    while (to > from && isSpace(tokens[to - 1])) to--;
    if (from < to) items.push({ from, to, tokens: tokens.slice(from, to) });
  };
  let from = start;
  let i = start;
  // Outside of brackets a list begins behind the mark that introduces it: `type A = 'b' | 'c';`.
  if (start === 0) {
    const first = tokens.findIndex((token, k) => k < at && (token === ',' || token === '|'));
    from = tokens.slice(0, first < 0 ? at : first).lastIndexOf('=') + 1;
  }
  while (i < tokens.length) {
    const other = partner[i] ?? -1;
    if (other > i) {
      i = other + 1;
      continue;
    }
    if (other >= 0 || isCloser(tokens[i]) || tokens[i] === ';') break;
    if (tokens[i] === ',' || tokens[i] === '|') {
      push(from, i);
      from = i + 1;
    }
    i++;
  }
  push(from, i);
  return items;
}

/** The name that an item declares or is: the last one before a colon or an equals sign, else the only one or the last. */
function nameOf(tokens: readonly string[] | undefined): string | undefined {
  if (tokens === undefined) return undefined;
  const end = tokens.findIndex((token) => token === ':' || token === '=');
  const names = (end > 0 ? tokens.slice(0, end) : tokens).filter(isName);
  return names.at(-1);
}
