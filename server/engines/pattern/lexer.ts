/**
 * Words, numbers, operators, single punctuation marks and runs of white space. Strings and comments are not tokens of
 * their own: what is inside them is renamed and replaced like everything else, and no grammar is needed.
 * Everything above U+00A9 counts as part of a word, so a surrogate pair is never split.
 */
const tokenPattern = /[\w$\u00aa-\uffff]+|[ \t\f\v\r]+|::|->|=>|<=|>=|==|!=|&&|\|\||\+=|-=|\.\.\.|[^\w$\u00aa-\uffff]/g;
const wordRunPattern = /[\w$\u00aa-\uffff]+/g;

/** A line longer than this is one token: it is data, not code, and comparing it would cost too much. */
const maxLineLength = 2000;
const maxCached = 10_000;
const maxIds = 200_000;

export interface LexedLine {
  /** Joined they give the original line. */
  readonly tokens: readonly string[];
  /** A number for each token that is not white space; the same token always has the same number. */
  readonly ids: Int32Array;
  /** The sum of `weightOfId` over `ids`. */
  readonly weight: number;
  // Properties that are set later stand here from the start: all lines then have one shape, which is read faster.
  /** The column of each token, worked out when first asked for. */
  columns: Int32Array | undefined;
  /** Those of `ids` that are words' numbers, worked out when first asked for. */
  wordIds: Int32Array | undefined;
  /** The token of each of `ids`, worked out when first asked for. */
  solid: readonly string[] | undefined;
}

/** Two generations: lines in use move to the younger one before the older one is dropped. */
let young = new Map<string, LexedLine>();
let old = new Map<string, LexedLine>();
let idOf = new Map<string, number>();
/** Words count for more than punctuation: a shared bracket means little. */
let weights = new Uint8Array(4096);

/** The same lines occur many times, in each snapshot and each prediction, so what is known about them is cached. */
export function lex(line: string): LexedLine {
  const known = young.get(line);
  if (known) return known;
  if (young.size >= maxCached) retire();
  const kept = old.get(line) ?? lexed(line);
  young.set(line, kept);
  return kept;
}

function retire(): void {
  old = young;
  young = new Map();
  if (idOf.size < maxIds) return;
  // After a renumbering, numbers must not be mixed with those of lines numbered before.
  old = new Map();
  idOf = new Map();
}

function lexed(line: string): LexedLine {
  const tokens = line.length > maxLineLength ? [line] : (line.match(tokenPattern) ?? []);
  const ids: number[] = [];
  let weight = 0;
  for (const token of tokens) {
    if (isSpace(token)) continue;
    const id = identify(token);
    ids.push(id);
    weight += weights[id] ?? 0;
  }
  return { tokens, ids: Int32Array.from(ids), weight, columns: undefined, wordIds: undefined, solid: undefined };
}

/** The numbers of a line's words, in order. */
export function wordIdsOf(line: LexedLine): Int32Array {
  if (line.wordIds) return line.wordIds;
  const words = new Int32Array(line.ids.length);
  let [solid, count] = [0, 0];
  for (const token of line.tokens) {
    if (isSpace(token)) continue;
    if (isWord(token)) words[count++] = line.ids[solid] ?? 0;
    solid++;
  }
  line.wordIds = words.slice(0, count);
  return line.wordIds;
}

/** A line's tokens that are not white space. */
export function solidOf(line: LexedLine): readonly string[] {
  line.solid ??= line.tokens.filter((token) => !isSpace(token));
  return line.solid;
}

function identify(token: string): number {
  let id = idOf.get(token);
  if (id === undefined) {
    id = idOf.size;
    idOf.set(token, id);
    if (id >= weights.length) {
      const grown = new Uint8Array(2 * weights.length);
      grown.set(weights);
      weights = grown;
    }
    weights[id] = isWord(token) && token.length > 1 ? 2 : 1;
  }
  return id;
}

export function weightOfId(id: number): number {
  return weights[id] ?? 1;
}

/** How many numbers there are. */
export function tokenIds(): number {
  return idOf.size;
}

/** The numbers of all tokens. Another map after a renumbering: then the numbers of lines lexed before are invalid. */
export function tokenNumbers(): ReadonlyMap<string, number> {
  return idOf;
}

/** The tokens of one line; joined they give the line back. */
export function tokenize(line: string): readonly string[] {
  return lex(line).tokens;
}

/** The last `most` tokens of `line` before `column`; of a token that is cut, what lies before it. */
export function tokensBefore(line: LexedLine, column: number, most: number): readonly string[] {
  const { tokens } = line;
  const { index, inside } = tokenAt(line, column);
  const left = tokens.slice(Math.max(0, index - most), index);
  if (inside > 0) left.push((tokens[index] ?? '').slice(0, inside));
  return left;
}

/** The first `most` tokens of `line` after `column`; of a token that is cut, what lies behind it. */
export function tokensBehind(line: LexedLine, column: number, most: number): readonly string[] {
  const { tokens } = line;
  const { index, inside } = tokenAt(line, column);
  const right = tokens.slice(index, index + most);
  if (inside > 0) right[0] = (tokens[index] ?? '').slice(inside);
  return right;
}

/** The token that `column` is in or at the start of, and how much of it lies before. */
export function tokenAt(line: LexedLine, column: number): { index: number; inside: number } {
  const { tokens } = line;
  line.columns ??= columnsOf(tokens);
  const { columns } = line;
  let [low, high] = [0, tokens.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((columns[middle + 1] ?? 0) > column) high = middle;
    else low = middle + 1;
  }
  return { index: low, inside: column - (columns[low] ?? 0) };
}

/** Where each token begins, and where the last one ends. */
function columnsOf(tokens: readonly string[]): Int32Array {
  const columns = new Int32Array(tokens.length + 1);
  let at = 0;
  for (const [i, token] of tokens.entries()) {
    at += token.length;
    columns[i + 1] = at;
  }
  return columns;
}

/** The words of a text, in order. */
export function words(text: string): readonly string[] {
  return text.match(wordRunPattern) ?? [];
}

export function isWord(token: string | undefined): boolean {
  return token !== undefined && isWordCode(token.charCodeAt(0));
}

/** Whether a UTF-16 code unit is part of a word. */
export function isWordCode(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x24 ||
    code >= 0xaa
  );
}

/** A word that does not begin with a digit. */
export function isIdentifier(token: string | undefined): boolean {
  return isWord(token) && !isNumber(token);
}

export function isNumber(token: string | undefined): boolean {
  const code = token?.charCodeAt(0) ?? 0;
  return code >= 0x30 && code <= 0x39;
}

export function isSpace(token: string | undefined): boolean {
  const code = token?.charCodeAt(0) ?? 0;
  return code === 0x20 || (code >= 0x09 && code <= 0x0d);
}

export function indentOf(line: string): string {
  return line.slice(0, indentLength(line));
}

/** How many blanks and tabs a line begins with. */
export function indentLength(line: string): number {
  let end = 0;
  while (end < line.length && (line.charCodeAt(end) === 0x20 || line.charCodeAt(end) === 0x09)) end++;
  return end;
}
