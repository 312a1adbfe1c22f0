import { isSpace, isWord, type LexedLine, lex, tokenIds, tokenNumbers, weightOfId } from './lexer.ts';

/** `a[aStart, aEnd)` became `b[bStart, bEnd)`. */
export interface Region {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/** Above this many comparisons the differing middle becomes one region. */
const maxComparisons = 40_000;

/** The regions in which two token sequences differ, by their longest common subsequence. */
export function diffTokens(a: readonly string[], b: readonly string[]): Region[] {
  const shorter = Math.min(a.length, b.length);
  let prefix = 0;
  while (prefix < shorter && a[prefix] === b[prefix]) prefix++;
  let suffix = 0;
  while (suffix < shorter - prefix && a[a.length - 1 - suffix] === b[b.length - 1 - suffix]) suffix++;
  const n = a.length - suffix - prefix;
  const m = b.length - suffix - prefix;
  if (n === 0 && m === 0) return [];
  if (n === 0 || m === 0 || n * m > maxComparisons) {
    return [{ aStart: prefix, aEnd: prefix + n, bStart: prefix, bEnd: prefix + m }];
  }

  // Words count for more than punctuation, so a shared bracket does not split a region.
  const width = m + 1;
  const score = new Float32Array((n + 1) * width);
  const shapes = new Int32Array(m);
  for (let j = 0; j < m; j++) shapes[j] = shapeOf(b[prefix + j]);
  for (let i = n - 1; i >= 0; i--) {
    const token = a[prefix + i];
    const shape = shapeOf(token);
    const weight = weightOf(token);
    const row = i * width;
    // The scores behind the cell: on its row, and on the row below.
    let [right, diagonal] = [0, 0];
    for (let j = m - 1; j >= 0; j--) {
      const below = score[row + width + j] ?? 0;
      let best = below > right ? below : right;
      if (shapes[j] === shape && token === b[prefix + j] && diagonal + weight > best) best = diagonal + weight;
      score[row + j] = best;
      right = Math.fround(best);
      diagonal = below;
    }
  }
  const regions: Region[] = [];
  let [i, j] = [0, 0];
  let open: { i: number; j: number } | undefined;
  const close = () => {
    if (open) regions.push({ aStart: prefix + open.i, aEnd: prefix + i, bStart: prefix + open.j, bEnd: prefix + j });
    open = undefined;
  };
  while (i < n || j < m) {
    const here = score[i * width + j] ?? 0;
    if (
      i < n &&
      j < m &&
      a[prefix + i] === b[prefix + j] &&
      here > Math.max(score[(i + 1) * width + j] ?? 0, score[i * width + j + 1] ?? 0) - 1e-6 &&
      Math.abs(here - ((score[(i + 1) * width + j + 1] ?? 0) + weightOf(a[prefix + i]))) < 1e-6
    ) {
      close();
      i++;
      j++;
    } else {
      open ??= { i, j };
      if (i < n && (j >= m || (score[(i + 1) * width + j] ?? 0) >= (score[i * width + j + 1] ?? 0))) i++;
      else j++;
    }
  }
  close();
  return regions;
}

/** Tokens that differ in this differ; cheaper to compare than the tokens themselves. */
function shapeOf(token: string | undefined): number {
  return token === undefined ? -1 : (token.length << 16) | token.charCodeAt(0);
}

function weightOf(token: string | undefined): number {
  if (token === undefined) return 0;
  if (isSpace(token)) return 0.2;
  return isWord(token) && token.length > 1 ? 2 : 1;
}

/** Returns a function that computes `similarity` with one line, which is looked up once. */
export function similarityTo(a: string): (b: LexedLine) => number {
  let numbers = tokenNumbers();
  let left = lex(a);
  return (right) => {
    if (tokenNumbers() !== numbers) {
      left = lex(a);
      numbers = tokenNumbers();
    }
    return shared(left, right);
  };
}

let counts = new Int32Array(4096);

/** How much of two lines is the same, 0 to 1: the share of their words and marks, counted with repetition. */
export function similarity(a: string, b: string): number {
  if (a === b) return 1;
  const numbers = tokenNumbers();
  let left = lex(a);
  const right = lex(b);
  // Lexing may restart the numbering.
  if (tokenNumbers() !== numbers) left = lex(a);
  return shared(left, right);
}

function shared(left: LexedLine, right: LexedLine): number {
  const total = left.weight + right.weight;
  if (total === 0) return 1;
  if (counts.length < tokenIds()) counts = new Int32Array(2 * tokenIds());
  const [a, b] = [left.ids, right.ids];
  for (let i = 0; i < a.length; i++) counts[a[i] ?? 0] = (counts[a[i] ?? 0] ?? 0) + 1;
  let both = 0;
  for (let i = 0; i < b.length; i++) {
    const id = b[i] ?? 0;
    const count = counts[id] ?? 0;
    if (count === 0) continue;
    counts[id] = count - 1;
    both += 2 * weightOfId(id);
  }
  for (let i = 0; i < a.length; i++) counts[a[i] ?? 0] = 0;
  return both / total;
}

const maxAlignedLines = 60;

/** Which old line became which new one: pairs in order, each at least somewhat similar. */
export function pairLines(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length === 0 || b.length === 0 || a.length > maxAlignedLines || b.length > maxAlignedLines) return [];
  if (a.length === 1 && b.length === 1) return [[0, 0]];
  const width = b.length + 1;
  const score = new Float32Array((a.length + 1) * width);
  const pair = new Float32Array(a.length * b.length);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const same = similarity(a[i] ?? '', b[j] ?? '');
      const value = same < 0.35 ? 0 : same;
      pair[i * b.length + j] = value;
      score[i * width + j] = Math.max(
        score[(i + 1) * width + j] ?? 0,
        score[i * width + j + 1] ?? 0,
        value > 0 ? (score[(i + 1) * width + j + 1] ?? 0) + value : 0,
      );
    }
  }
  const pairs: [number, number][] = [];
  let [i, j] = [0, 0];
  while (i < a.length && j < b.length) {
    const here = score[i * width + j] ?? 0;
    const value = pair[i * b.length + j] ?? 0;
    if (value > 0 && Math.abs(here - ((score[(i + 1) * width + j + 1] ?? 0) + value)) < 1e-5) {
      pairs.push([i, j]);
      i++;
      j++;
    } else if ((score[(i + 1) * width + j] ?? 0) >= (score[i * width + j + 1] ?? 0)) i++;
    else j++;
  }
  return pairs;
}
