import { isSpace, isWord } from './lexer.ts';

/**
 * Which tokens of a line belong together as brackets or quotes. Quotes are paired first; brackets inside a string pair
 * with brackets of the same string only, so the placeholder in `"{} of"` is not paired with the code around.
 */
export interface Pairs {
  /** The index of a bracket's or quote's other half; -1 for other tokens and for halves that have none. */
  readonly partner: Int32Array;
  /** For tokens inside a string the index of its opening quote, else -1; the quotes themselves are outside. */
  readonly string: Int32Array;
}

const closing: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

const known = new WeakMap<readonly string[], Pairs>();

/** The same for the tokens of a line, cached. */
export function pairsOf(tokens: readonly string[]): Pairs {
  let pairs = known.get(tokens);
  if (!pairs) {
    pairs = pairTokens(tokens);
    known.set(tokens, pairs);
  }
  return pairs;
}

export function pairTokens(tokens: readonly string[]): Pairs {
  const partner = new Int32Array(tokens.length).fill(-1);
  const string = new Int32Array(tokens.length).fill(-1);
  for (let i = 0; i < tokens.length; i++) {
    const end = isQuote(tokens[i]) && opensString(tokens, i) ? endOfString(tokens, i) : -1;
    if (end < 0) continue;
    partner[i] = end;
    partner[end] = i;
    for (let k = i + 1; k < end; k++) string[k] = i;
    pairBrackets(tokens, i + 1, end, partner, string);
    i = end;
  }
  pairBrackets(tokens, 0, tokens.length, partner, string);
  pairAngles(tokens, partner, string);
  return { partner, string };
}

/** `<` and `>` are brackets where they look like those of a generic type: right after a word, with nothing but types inside. */
function pairAngles(tokens: readonly string[], partner: Int32Array, string: Int32Array): void {
  const open: number[] = [];
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] ?? '';
    if ((string[i] ?? -1) >= 0) open.length = 0;
    else if (token === '<' && isWord(tokens[i - 1])) open.push(i);
    else if (token === '>') {
      const start = open.pop();
      if (start === undefined) continue;
      partner[start] = i;
      partner[i] = start;
    } else if (open.length > 0 && !isWord(token) && !/^( |,|\.|::|\?|&|\*|\[|\]|')$/.test(token)) open.length = 0;
  }
}

function pairBrackets(
  tokens: readonly string[],
  from: number,
  to: number,
  partner: Int32Array,
  string: Int32Array,
): void {
  const open: number[] = [];
  const home = from === 0 && to === tokens.length ? -1 : string[from];
  for (let i = from; i < to; i++) {
    const token = tokens[i] ?? '';
    if (string[i] !== home) continue;
    if (closing[token] !== undefined) open.push(i);
    else if (isCloser(token)) {
      const start = open.pop();
      if (start === undefined) continue;
      // Unpaired brackets mean that this is not code with such pairs.
      if (closing[tokens[start] ?? ''] !== token) return;
      partner[start] = i;
      partner[i] = start;
    }
  }
}

export function isOpener(token: string | undefined): boolean {
  return token === '(' || token === '[' || token === '{';
}

export function isCloser(token: string | undefined): boolean {
  return token === ')' || token === ']' || token === '}';
}

export function isQuote(token: string | undefined): boolean {
  return token === '"' || token === "'" || token === '`';
}

/** Not an apostrophe: `'` right after a word is not a quote, unless the word is a prefix such as `f`, `rb` or `u8`. */
function opensString(tokens: readonly string[], at: number): boolean {
  const before = tokens[at - 1];
  return tokens[at] !== "'" || !isWord(before) || (before?.length ?? 0) <= 2;
}

function endOfString(tokens: readonly string[], start: number): number {
  for (let i = start + 1; i < tokens.length; i++) {
    if (tokens[i] === '\\') i++;
    else if (tokens[i] === tokens[start]) return i;
  }
  return -1;
}

/** The index behind the unit that begins at `at`: a bracketed or quoted run, or a single token; -1 where none can. */
export function afterUnit(tokens: readonly string[], { partner }: Pairs, at: number): number {
  const other = partner[at] ?? -1;
  if (other > at) return other + 1;
  if (other >= 0 || isCloser(tokens[at]) || isOpener(tokens[at])) return -1;
  return at + 1;
}

/** The index of the unit that ends before `at`; -1 where none does. */
export function beforeUnit(tokens: readonly string[], { partner }: Pairs, at: number): number {
  const other = partner[at - 1] ?? -1;
  if (other >= 0) return other < at - 1 ? other : -1;
  return at < 1 || isCloser(tokens[at - 1]) || isOpener(tokens[at - 1]) ? -1 : at - 1;
}

/** Whether a token can be part of an operand by itself: `a`, `a.b`, `a::b`, `p->q`, `a?.b`, `@x`. */
export function isOperandToken(token: string | undefined): boolean {
  return isWord(token) || (token !== undefined && /^(\.|::|->|\?|@)$/.test(token));
}

/** Whether tokens are one operand, such as `a.b(c)[0]` or a string: no space or operator outside its brackets. */
export function isOperand(tokens: readonly string[]): boolean {
  const pairs = pairTokens(tokens);
  for (let i = 0; i < tokens.length; ) {
    const next = afterUnit(tokens, pairs, i);
    if (next < 0 || (next === i + 1 && !isOperandToken(tokens[i]))) return false;
    i = next;
  }
  return tokens.length > 0;
}

/** `from` and `to` moved inwards past white space. */
export function trimSpace(tokens: readonly string[], start: number, end: number): { from: number; to: number } {
  let [from, to] = [start, end];
  while (from < to && isSpace(tokens[from])) from++;
  while (to > from && isSpace(tokens[to - 1])) to--;
  return { from, to };
}
