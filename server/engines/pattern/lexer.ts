/**
 * Words, numbers, operators, single punctuation marks and runs of white space. Strings and comments are not tokens of
 * their own: what is inside them is renamed and replaced like everything else, and no grammar is needed.
 * Everything above U+00A9 counts as part of a word, so a surrogate pair is never split.
 */
const tokenPattern = /[\w$\u00aa-\uffff]+|[ \t\f\v\r]+|::|->|=>|<=|>=|==|!=|&&|\|\||\+=|-=|\.\.\.|[^\w$\u00aa-\uffff]/g;
const wordPattern = /^[\w$\u00aa-\uffff]/;
const wordRunPattern = /[\w$\u00aa-\uffff]+/g;

/** A line longer than this is one token: it is data, not code, and comparing it would cost too much. */
const maxLineLength = 2000;
const maxCached = 20_000;

const cache = new Map<string, readonly string[]>();

/** The tokens of one line; joined they give the line back. */
export function tokenize(line: string): readonly string[] {
  const known = cache.get(line);
  if (known) return known;
  const tokens = line.length > maxLineLength ? [line] : (line.match(tokenPattern) ?? []);
  if (cache.size >= maxCached) cache.clear();
  cache.set(line, tokens);
  return tokens;
}

/** The words of a text, in order. */
export function words(text: string): readonly string[] {
  return text.match(wordRunPattern) ?? [];
}

export function isWord(token: string | undefined): boolean {
  return token !== undefined && wordPattern.test(token);
}

/** A word that names something: neither a number nor a single letter of punctuation. */
export function isIdentifier(token: string | undefined): boolean {
  return token !== undefined && /^[A-Za-z_$\u00aa-\uffff]/.test(token);
}

export function isNumber(token: string | undefined): boolean {
  return token !== undefined && /^\d/.test(token);
}

export function isSpace(token: string | undefined): boolean {
  return token !== undefined && /^\s/.test(token);
}

export function indentOf(line: string): string {
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}
