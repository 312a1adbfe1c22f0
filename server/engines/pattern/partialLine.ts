import { isName } from './codeNames.ts';
import { isIdentifier, isNumber, isSpace, isWord, tokenize } from './lexer.ts';
import { WordPairs } from './wordPairs.ts';

/** How the beginning of a line is aligned with another line. Texts are without indentation. */
export interface Fit {
  /** Column of the other line where its continuation for this line starts. */
  readonly cut: number;
  /** The other line's counterpart of each typed text, except `open`. */
  readonly pairs: WordPairs;
  /** Whether each typed word and mark has a counterpart in the other line, and the other way round. */
  readonly even: boolean;
  /** How much of what was typed is the same, 0 to 1. */
  readonly likeness: number;
  /** The last typed word and its counterpart, if they differ; the cursor is right behind. */
  readonly open: { readonly typed: string; readonly other: string } | undefined;
}

interface Token {
  readonly text: string;
  readonly start: number;
}

const maxTyped = 60;
const gapCost = 0.6;
const otherCost = 0.1;

/** The steps of an alignment. */
const Move = { same: 0, begun: 1, other: 2, skipTyped: 3, skipOther: 4 } as const;
type Move = (typeof Move)[keyof typeof Move];

/** Aligns typed text with the beginning of another line, words with words; undefined if its end has no counterpart. */
export function fitHead(head: string, line: string): Fit | undefined {
  const typed = solid(head);
  const n = typed.length;
  if (n === 0) return { cut: 0, pairs: new WordPairs(), even: true, likeness: 1, open: undefined };
  const other = solid(line).slice(0, 2 * n + 12);
  if (n > maxTyped || other.length === 0) return undefined;
  const endsInWord = !isSpace(head.at(-1)) && isWord(typed.at(-1)?.text);
  const width = other.length + 1;
  const score = new Float32Array((n + 1) * width);
  const move = new Uint8Array((n + 1) * width);
  for (let j = 1; j < width; j++) {
    // Both begin with the same token, or with one word for another.
    score[j] = Number.NEGATIVE_INFINITY;
    move[j] = Move.skipOther;
  }
  for (let i = 1; i <= n; i++) {
    const a = typed[i - 1]?.text ?? '';
    score[i * width] = Number.NEGATIVE_INFINITY;
    move[i * width] = Move.skipTyped;
    for (let j = 1; j < width; j++) {
      const b = other[j - 1]?.text ?? '';
      const kind = pairing(a, b, i === n && endsInWord);
      const pair =
        kind === undefined ? Number.NEGATIVE_INFINITY : (score[(i - 1) * width + j - 1] ?? 0) + worth(kind, a);
      const up = (score[(i - 1) * width + j] ?? 0) - gapCost;
      const left = (score[i * width + j - 1] ?? 0) - gapCost;
      const best = Math.max(pair, up, left);
      score[i * width + j] = best;
      move[i * width + j] = best === pair ? (kind ?? Move.other) : best === up ? Move.skipTyped : Move.skipOther;
    }
  }
  let end = 0;
  for (let j = 1; j < width; j++) {
    const last = move[n * width + j];
    const placed = last === Move.same || last === Move.begun || last === Move.other;
    if (placed && (end === 0 || (score[n * width + j] ?? 0) > (score[n * width + end] ?? 0))) end = j;
  }
  return end === 0 || score[n * width + end] === Number.NEGATIVE_INFINITY
    ? undefined
    : traced(head, line, typed, other, move, end, endsInWord);
}

function traced(
  head: string,
  line: string,
  typed: readonly Token[],
  other: readonly Token[],
  move: Uint8Array,
  end: number,
  endsInWord: boolean,
): Fit {
  const width = other.length + 1;
  const pairs = new WordPairs();
  const last = other[end - 1];
  const begun = move[typed.length * width + end] === Move.begun;
  const isOpen = endsInWord && move[typed.length * width + end] === Move.other;
  let same = 0;
  let even = true;
  let [i, j] = [typed.length, end];
  let region: { i: number; j: number } | undefined;
  const close = () => {
    if (!region) return;
    const isLast = region.i === typed.length && typed.length - i === 1 && region.j - j === 1;
    if (isOpen && isLast) {
      region = undefined;
      return;
    }
    const text = (of: string, from: Token | undefined, to: Token | undefined) =>
      from && to && from.start <= to.start ? of.slice(from.start, to.start + to.text.length) : '';
    pairs.learn(text(line, other[j], other[region.j - 1]), text(head, typed[i], typed[region.i - 1]));
    region = undefined;
  };
  while (i > 0 || j > 0) {
    const step = move[i * width + j];
    const equal = step === Move.same || step === Move.begun;
    if (equal) {
      close();
      same += weigh(typed[i - 1]?.text ?? '');
    } else region ??= { i, j };
    even &&= step !== Move.skipOther && step !== Move.skipTyped;
    if (step !== Move.skipOther) i--;
    if (step !== Move.skipTyped) j--;
  }
  close();
  const total = typed.reduce((sum, { text }) => sum + weigh(text), 0);
  const typedLast = typed.at(-1)?.text ?? '';
  return {
    cut: (last?.start ?? 0) + (begun ? typedLast.length : (last?.text.length ?? 0)),
    pairs,
    even,
    likeness: same / total,
    open: isOpen && last ? { typed: typedLast, other: last.text } : undefined,
  };
}

function pairing(a: string, b: string, mayBeBegun: boolean): Move | undefined {
  if (a === b) return Move.same;
  if (mayBeBegun && b.startsWith(a)) return Move.begun;
  return isWord(a) && isWord(b) && isNumber(a) === isNumber(b) && isKeyword(a) === isKeyword(b)
    ? Move.other
    : undefined;
}

function isKeyword(word: string): boolean {
  return word.length > 1 && isIdentifier(word) && !isName(word);
}

function worth(kind: Move, token: string): number {
  if (kind === Move.same) return weigh(token);
  return kind === Move.begun ? 1.5 : -otherCost;
}

function weigh(token: string): number {
  return isWord(token) && token.length > 1 ? 2 : 1;
}

function solid(text: string): Token[] {
  const tokens: Token[] = [];
  let start = 0;
  for (const token of tokenize(text)) {
    if (!isSpace(token)) tokens.push({ text: token, start });
    start += token.length;
  }
  return tokens;
}
