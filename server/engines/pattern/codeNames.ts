import { type KnownText, lexedAt } from './knownLines.ts';
import { isIdentifier, isWord, tokenIds, tokenize, tokenNumbers, wordIdsOf } from './lexer.ts';

/** Words of every language that are not names. */
const keywords = new Set(
  (
    'abstract and any as async await bool boolean break byte case catch char class const continue def default del do ' +
    'double elif else end enum export extends false final float fn for from func function if impl implements import in ' +
    'int interface is lambda let local long match mod mut new nil none not null number or package pass private ' +
    'protected pub public raise return self static str string struct super switch then this throw throws true try type ' +
    'typeof undefined unless until use using val var void where while with yield None True False String Self'
  ).split(' '),
);

export function isName(token: string | undefined): token is string {
  return token !== undefined && token.length > 1 && isIdentifier(token) && !keywords.has(token);
}

/** The names on some lines, with how often each occurs. */
export function namesOn(lines: readonly string[]): Map<string, number> {
  const names = new Map<string, number>();
  for (const line of lines) {
    for (const token of tokenize(line)) if (isName(token)) names.set(token, (names.get(token) ?? 0) + 1);
  }
  return names;
}

/** A text in which words are looked up around the cursor. */
export interface NamedText extends KnownText {
  readonly cursorLine: number;
  /** The lines each word occurs on, made when first asked for. */
  occurrences?: Occurrences | undefined;
}

/**
 * The lines that contain `name` as a whole word, in order, one entry for each occurrence. Only the lines around the
 * cursor, some thousands, are searched: those further away matter little, and the time must be bounded.
 */
export function linesWith(text: NamedText, name: string): readonly number[] {
  text.occurrences ??= new Occurrences(text);
  return text.occurrences.of(name);
}

/** The words that begin with `head`, on the lines that `linesWith` looks at. */
export function wordsFrom({ lines, cursorLine }: NamedText, head: string): Set<string> {
  const found = new Set<string>();
  const [from, to] = windowOf(lines, cursorLine);
  for (const line of lines.slice(from, to)) {
    if (!line.includes(head)) continue;
    for (const token of tokenize(line)) if (isWord(token) && token.startsWith(head)) found.add(token);
  }
  return found;
}

const maxOccurrences = 200;

const linesAbove = 1000;
const linesBelow = 1500;

function windowOf(lines: readonly string[], cursorLine: number): [from: number, to: number] {
  return [Math.max(0, cursorLine - linesAbove), Math.min(lines.length, cursorLine + linesBelow)];
}

function wordIdsFrom(text: NamedText, from: number, to: number): Int32Array[] {
  const words: Int32Array[] = [];
  for (let line = from; line < to; line++) words.push(wordIdsOf(lexedAt(text, line)));
  return words;
}

/** Where each word of a text is; words are identified by numbers, which are cheaper to collect than lists by name. */
export class Occurrences {
  readonly #numbers: ReadonlyMap<string, number>;
  /** The place of a word's last occurrence plus one, by its number, 0 for none; each links to the next one above. */
  readonly #last: Int32Array;
  readonly #previous: Int32Array;
  /** The line of each place. */
  readonly #line: Int32Array;
  readonly #known = new Map<string, readonly number[]>();

  constructor(text: NamedText) {
    const [from, to] = windowOf(text.lines, text.cursorLine);
    let numbers = tokenNumbers();
    let words = wordIdsFrom(text, from, to);
    while (numbers !== tokenNumbers()) {
      numbers = tokenNumbers();
      words = wordIdsFrom(text, from, to);
    }
    this.#numbers = numbers;
    this.#last = new Int32Array(tokenIds());
    let places = 1;
    for (const ids of words) places += ids.length;
    this.#previous = new Int32Array(places);
    this.#line = new Int32Array(places);
    let place = 0;
    const [last, previous, line] = [this.#last, this.#previous, this.#line];
    for (let i = 0; i < words.length; i++) {
      const ids = words[i] ?? [];
      for (let k = 0; k < ids.length; k++) {
        const id = ids[k] ?? 0;
        place++;
        line[place] = from + i;
        previous[place] = last[id] ?? 0;
        last[id] = place;
      }
    }
  }

  of(word: string): readonly number[] {
    const known = this.#known.get(word);
    if (known) return known;
    const lines: number[] = [];
    const number = isWord(word) ? this.#numbers.get(word) : undefined;
    let place = number === undefined ? 0 : (this.#last[number] ?? 0);
    for (; place > 0; place = this.#previous[place] ?? 0) lines.push(this.#line[place] ?? 0);
    const first = lines.reverse().slice(0, maxOccurrences);
    this.#known.set(word, first);
    return first;
  }
}
