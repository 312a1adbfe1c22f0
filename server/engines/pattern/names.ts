import { isIdentifier, tokenize } from './lexer.ts';
import { lineAt, type Scene } from './scene.ts';

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

const maxOccurrences = 200;

/** The lines of the current text on which `name` stands as a whole word, in order, one entry for each occurrence. */
export function linesWith(scene: Scene, name: string): readonly number[] {
  const known = scene.occurrences.get(name);
  if (known) return known;
  const { text, lineStarts } = scene;
  const found: number[] = [];
  for (
    let at = text.indexOf(name);
    at >= 0 && found.length < maxOccurrences;
    at = text.indexOf(name, at + name.length)
  ) {
    if (isWordAt(text, at - 1) || isWordAt(text, at + name.length)) continue;
    found.push(lineAt(lineStarts, at));
  }
  scene.occurrences.set(name, found);
  return found;
}

function isWordAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x5f ||
    code === 0x24 ||
    code >= 0xaa
  );
}
