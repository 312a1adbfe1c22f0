import { isName } from './codeNames.ts';
import { isIdentifier, isNumber, isWord, isWordCode } from './lexer.ts';
import { differingParts, isNamePart, nameForms } from './wordForms.ts';

interface Form {
  readonly to: string;
  /** Must be a whole token, as a number or a name of one letter. */
  readonly alone: boolean;
  /** Is only a part of the words that were changed. */
  readonly part: boolean;
}

const numberedName = /^[\p{L}_$][\p{L}\p{N}_$]*[- ]\d+$/u;

export interface Rewritten {
  readonly text: string;
  /** How many places were replaced, and how many of these are words that were changed, in the same spelling. */
  readonly sites: number;
  readonly exact: number;
}

/**
 * Words that replace others, as `primary` replaces `danger` in a copied block: each in all its forms, also as a part of
 * longer names. A word that has two different replacements is dropped.
 */
export class WordPairs {
  readonly #exact = new Map<string, string>();
  readonly #phrases = new Map<string, string>();
  readonly #ambiguous = new Set<string>();
  #forms: Map<string, Form> | undefined;
  #pattern = /(?!)/g;

  get size(): number {
    return this.#exact.size + this.#phrases.size;
  }

  /** The words that are replaced, as they were seen. */
  get words(): readonly string[] {
    return [...this.#exact.keys()];
  }

  /** Words are learnt in all their forms; a text of several tokens only as it is. */
  learn(old: string, now: string): void {
    if (old === now || old === '' || now === '' || this.#ambiguous.has(old)) return;
    // `card-1` is a name, too.
    const single = (isSingleWord(old) && isSingleWord(now)) || (numberedName.test(old) && numberedName.test(now));
    if (!single && (!/[\p{L}\p{N}]/u.test(old) || old.length < 3)) return;
    const known = single ? this.#exact : this.#phrases;
    const before = known.get(old);
    this.#forms = undefined;
    if (before !== undefined && before !== now) {
      known.delete(old);
      this.#ambiguous.add(old);
    } else known.set(old, now);
  }

  /** `text` with every word that has a pair replaced; what lies before `from` is left alone. */
  rewrite(text: string, from = 0): Rewritten {
    const forms = this.#compiled();
    let [result, at, sites, exact] = ['', 0, 0, 0];
    const pattern = this.#pattern;
    pattern.lastIndex = from;
    for (let match = pattern.exec(text); match; match = pattern.exec(text)) {
      const [found] = match;
      const form = forms.get(found);
      const start = match.index;
      if (!form || !fits(text, start, start + found.length, form) || isDone(text, start, found, form.to)) {
        pattern.lastIndex = start + 1;
        continue;
      }
      result += text.slice(at, start) + form.to;
      at = start + found.length;
      sites++;
      if (this.#exact.has(found) || this.#phrases.has(found)) exact++;
    }
    return { text: result + text.slice(at), sites, exact };
  }

  #compiled(): Map<string, Form> {
    if (this.#forms) return this.#forms;
    const forms = new Map<string, Form>();
    const add = (from: string, to: string, part: boolean, alone = false) => {
      if (from !== '' && from !== to && !forms.has(from)) forms.set(from, { to, part, alone });
    };
    for (const [old, now] of this.#phrases) add(old, now, false);
    for (const [old, now] of this.#exact) {
      // Numbers of one digit are everywhere and mean something else each time.
      if (isNumber(old)) {
        if (old.length > 1) add(old, now, false, true);
      } else add(old, now, false, old.length < 2);
    }
    for (const [old, now] of this.#exact) {
      if (isIdentifier(old) && isIdentifier(now))
        for (const [from, to, part] of knownForms(old, now)) add(from, to, part);
    }
    const longestFirst = [...forms.keys()].sort((a, b) => b.length - a.length);
    this.#pattern = longestFirst.length === 0 ? /(?!)/g : new RegExp(longestFirst.map(escaped).join('|'), 'g');
    this.#forms = forms;
    return forms;
  }
}

type FormOf = readonly [from: string, to: string, part: boolean];

const maxKnown = 500;
let known = new Map<string, readonly FormOf[]>();

/** The same pairs occur many times while a text is typed. */
function knownForms(old: string, now: string): readonly FormOf[] {
  const key = `${old}\0${now}`;
  let found = known.get(key);
  if (!found) {
    if (known.size >= maxKnown) known = new Map();
    found = [...formsOf(old, now)];
    known.set(key, found);
  }
  return found;
}

function* formsOf(old: string, now: string): Generator<FormOf> {
  const whole = [...nameForms(old, now)].filter(([from]) => from.length > 1);
  for (const [from, to] of whole) yield [from, to, false];
  for (const [from, to] of inOtherNumber(whole)) yield [from, to, false];
  const { oldParts, newParts } = differingParts(old, now);
  const letters = oldParts.join('').length;
  if (newParts.length === 0 || letters === 0) return;
  // The number at a name's end: `label1` beside `input1`.
  const isDigit = letters === 1 && isNumber(oldParts[0]);
  if (letters < 2 && !isDigit) return;
  const parts = isDigit
    ? [[oldParts.join(''), newParts.join('')] as const]
    : [...nameForms(oldParts.join('_'), newParts.join('_'))];
  for (const [from, to] of parts) yield [from, to, true];
  if (!isDigit) for (const [from, to] of inOtherNumber(parts)) yield [from, to, true];
}

/** Singulars of plurals, and plurals that take more than an `s`. */
function* inOtherNumber(forms: Iterable<readonly [string, string]>): Generator<[string, string]> {
  for (const [from, to] of forms) {
    const [one, other] = [singular(from), singular(to)];
    if (one !== undefined && other !== undefined) yield [one, other];
    else if (/[a-z]$/.test(from) && /[a-z]$/.test(to) && one === undefined) {
      const [many, others] = [plural(from), plural(to)];
      if (many !== `${from}s` || others !== `${to}s`) yield [many, others];
    }
  }
}

function plural(word: string): string {
  if (/[^aeiou]y$/.test(word)) return `${word.slice(0, -1)}ies`;
  return /(?:s|x|z|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;
}

function singular(word: string): string | undefined {
  if (/[a-z]ies$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return /[a-rt-z]s$/.test(word) && !/(?:us|is)$/.test(word) && word.length > 3 ? word.slice(0, -1) : undefined;
}

function fits(text: string, start: number, end: number, { alone, part }: Form): boolean {
  const [before, after] = [text.charCodeAt(start - 1), text.charCodeAt(end)];
  const cutsLeft = isWordCode(before);
  const cutsRight = isWordCode(after);
  if (alone) return !cutsLeft && !cutsRight;
  const found = text.slice(start, end);
  if (isNumber(found)) return /[A-Za-z_-]/.test(text.charAt(start - 1)) && !isNumber(text.charAt(end));
  if (!isWord(found) || !isWord(found.at(-1)))
    return !(isWord(found) && cutsLeft) && !(isWord(found.at(-1)) && cutsRight);
  if (!isNamePart(text, start, end)) return false;
  // `int` is a part of `parseInt` and a word of the language, but in quotes it is a word like any other.
  return !(part && !cutsLeft && !cutsRight && !isName(found) && !isQuoted(text, start, end));
}

function isQuoted(text: string, start: number, end: number): boolean {
  return /^["'`]$/.test(text.charAt(start - 1)) && text.charAt(start - 1) === text.charAt(end);
}

/** Whether the place has been replaced already, where the new word has the old one in it. */
function isDone(text: string, start: number, from: string, to: string): boolean {
  // In any form of the new word, as in `superUser` for `User`.
  const lower = to.toLowerCase();
  for (let at = to.indexOf(from); at >= 0; at = to.indexOf(from, at + 1)) {
    if (at <= start && text.slice(start - at, start - at + to.length).toLowerCase() === lower) return true;
  }
  return false;
}

function isSingleWord(text: string): boolean {
  if (text === '') return false;
  for (let i = 0; i < text.length; i++) if (!isWordCode(text.charCodeAt(i))) return false;
  return true;
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
