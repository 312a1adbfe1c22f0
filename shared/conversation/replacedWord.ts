import type { RecentChange } from './recentChanges.ts';

/** Word characters of the languages that people program in. */
const word = /[\p{L}\p{N}_$]+/gu;

/**
 * The lines as they would be if a change that put one word in the place of another one were made in them, too; as they are if it did
 * anything else.
 */
export function withReplacedWord(lines: readonly string[], change: RecentChange | undefined): readonly string[] {
  const [before, after] = [wordsOf(change?.removed ?? []), wordsOf(change?.added ?? [])];
  const gone = [...before].filter((one) => !after.has(one));
  const come = [...after].filter((one) => !before.has(one));
  const [old, made] = [gone[0], come[0]];
  if (gone.length !== 1 || come.length !== 1 || old === undefined || made === undefined) return lines;
  return lines.map((line) => line.replace(word, (one) => (one === old ? made : one)));
}

function wordsOf(lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.match(word) ?? []));
}
