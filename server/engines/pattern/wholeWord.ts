import { nameParts } from './wordForms.ts';
import vocabulary from './words.json' with { type: 'json' };

interface Vocabulary {
  readonly words: readonly string[];
  /** How many files hold the words before each one, and at the end all of them; relative numbers. */
  readonly sums: Float64Array;
}

let unpacked: Vocabulary | undefined;

/** See scripts/ranker/vocabulary.py for the format. */
function unpack(): Vocabulary {
  if (unpacked) return unpacked;
  const words: string[] = [];
  const sums = [0];
  for (const entry of vocabulary.words.split(' ')) {
    words.push(entry.slice(0, -1));
    sums.push((sums.at(-1) ?? 0) + 2 ** (entry.charCodeAt(entry.length - 1) - 97));
  }
  unpacked = { words, sums: Float64Array.from(sums) };
  return unpacked;
}

/**
 * How likely a partly typed name is complete, 0 to 1: among the words in code that begin with its last part,
 * the share that equals this part. -1 if no known word begins so.
 */
export function wholeness(name: string): number {
  const part = nameParts(name).at(-1) ?? '';
  if (part === '') return -1;
  const { words, sums } = unpack();
  const from = firstFrom(words, part);
  const to = firstFrom(words, `${part}\uffff`);
  if (from === to) return -1;
  const all = (sums[to] ?? 0) - (sums[from] ?? 0);
  return words[from] === part ? ((sums[from + 1] ?? 0) - (sums[from] ?? 0)) / all : 0;
}

/** The index of the first word that is not before `text`. */
function firstFrom(words: readonly string[], text: string): number {
  let [low, high] = [0, words.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((words[middle] ?? '') < text) low = middle + 1;
    else high = middle;
  }
  return low;
}
