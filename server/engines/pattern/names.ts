import { isIdentifier, isWord, tokenize } from './lexer.ts';
import type { Scene } from './scene.ts';

/** Words of every language that name nothing. */
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

/**
 * The lines on which `name` stands as a whole word, in order, one entry for each occurrence. Only the lines around the
 * cursor are looked at, thousands of them: what is further away says little, and the time has to be bounded.
 */
export function linesWith(scene: Scene, name: string): readonly number[] {
  scene.occurrences ??= indexWords(scene);
  return scene.occurrences.get(name) ?? [];
}

const maxOccurrences = 200;

const linesAbove = 1000;
const linesBelow = 1500;

function indexWords({ lines, cursorLine }: Scene): Map<string, number[]> {
  const index = new Map<string, number[]>();
  const to = Math.min(lines.length, cursorLine + linesBelow);
  for (let line = Math.max(0, cursorLine - linesAbove); line < to; line++) {
    for (const token of tokenize(lines[line] ?? '')) {
      if (!isWord(token)) continue;
      const found = index.get(token);
      if (!found) index.set(token, [line]);
      else if (found.length < maxOccurrences) found.push(line);
    }
  }
  return index;
}
