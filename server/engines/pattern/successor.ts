import { linesWith, wordsFrom } from './codeNames.ts';
import { isIdentifier, tokenize } from './lexer.ts';
import type { Scene } from './scene.ts';
import { nameParts } from './wordForms.ts';

const maxDistance = 6;
const maxPlaces = 12;

/**
 * The word that follows `a` and `b` where these two follow each other elsewhere: in another list of the same things, on
 * one line or line by line. `known`: the words that the current list has already.
 */
export function successorOf(scene: Scene, a: string, b: string, known: ReadonlySet<string>): string | undefined {
  if (!isIdentifier(a) || !isIdentifier(b) || a === b) return undefined;
  for (const line of linesWith(scene, b).slice(0, maxPlaces)) {
    if (line === scene.cursorLine) continue;
    const tokens = tokenize(scene.lines[line] ?? '');
    const at = tokens.indexOf(b);
    const along = tokens.lastIndexOf(a, at);
    if (along >= 0) {
      const next = tokens[2 * at - along];
      const between = (from: number, to: number) => tokens.slice(from + 1, to).join('');
      if (fresh(next, known) && between(along, at) === between(at, 2 * at - along)) return next;
    }
    for (let step = 1; step <= maxDistance; step++) {
      if (tokenize(scene.lines[line - step] ?? '')[at] !== a) continue;
      const below = line + step;
      const next = tokenize(scene.lines[below] ?? '');
      if (below !== scene.cursorLine && fresh(next[at], known) && next[at - 1] === tokens[at - 1]) return next[at];
      break;
    }
  }
  return undefined;
}

function fresh(word: string | undefined, known: ReadonlySet<string>): word is string {
  return word !== undefined && isIdentifier(word) && !known.has(word);
}

/** The only word of the file that continues `typed` and has the first or last part that all of `others` share. */
export function wordLike(scene: Scene, typed: string, others: readonly string[]): string | undefined {
  if (typed.length < 2) return undefined;
  const all = others.map(nameParts);
  const shared = (at: 0 | -1) => {
    const part = all[0]?.at(at);
    return part !== undefined && all.every((parts) => parts.length > 1 && parts.at(at) === part) ? part : undefined;
  };
  const [head, tail] = [shared(0), shared(-1)];
  if (head === undefined && tail === undefined) return undefined;
  let found: string | undefined;
  for (const word of wordsFrom(scene, typed)) {
    if (word.length <= typed.length || others.includes(word)) continue;
    const parts = nameParts(word);
    if ((head !== undefined && parts[0] !== head) || (tail !== undefined && parts.at(-1) !== tail)) continue;
    if (found !== undefined) return undefined;
    found = word;
  }
  return found;
}
