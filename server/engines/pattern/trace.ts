import { isName } from './codeNames.ts';
import { isSpace, isWord } from './lexer.ts';
import { beforeUnit, isOperandToken, isQuote, type Pairs, pairsOf } from './pairs.ts';
import { diffTokens, type Region } from './tokenAlignment.ts';

const maxCore = 80;

/** For each token of an old line: where it is in the new line, and which hole it belongs to; -1 for neither. */
export interface Trace {
  readonly a: readonly string[];
  readonly b: readonly string[];
  readonly pairsA: Pairs;
  readonly pairsB: Pairs;
  readonly to: Int32Array;
  readonly from: Int32Array;
  readonly regions: readonly Region[];
}

export interface Core {
  readonly a0: number;
  readonly a1: number;
  readonly b0: number;
  readonly b1: number;
}

/** Tokens kept in order, then those that were moved. */
export function traceTokens(a: readonly string[], b: readonly string[]): { trace: Trace; core: Core } | undefined {
  const [pairsA, pairsB] = [pairsOf(a), pairsOf(b)];
  const regions = diffTokens(a, b);
  const first = regions[0];
  const last = regions.at(-1);
  if (!first || !last) return undefined;
  const core = { a0: first.aStart, a1: last.aEnd, b0: first.bStart, b1: last.bEnd };
  if (core.a1 - core.a0 > maxCore || core.b1 - core.b0 > maxCore) return undefined;
  const { to, from } = mapKept(regions, a.length, b.length);
  dropTorn(to, from, pairsA, pairsB);
  for (;;) {
    const move = longestMove(a, b, to, from, core);
    if (!move) break;
    for (let k = 0; k < move.length; k++) {
      to[move.i + k] = move.j + k;
      from[move.j + k] = move.i + k;
    }
  }
  join(a, b, to, from);
  return { trace: { a, b, pairsA, pairsB, to, from, regions }, core };
}

/** A bracket or quote with another partner than before is not the same. */
function dropTorn(to: Int32Array, from: Int32Array, pairsA: Pairs, pairsB: Pairs): void {
  const torn: number[] = [];
  to.forEach((here, i) => {
    const [other, there] = [pairsA.partner[i] ?? -1, pairsB.partner[here] ?? -1];
    if (here >= 0 && other >= 0 && there >= 0 && to[other] !== there) torn.push(i);
  });
  for (const i of torn) {
    from[to[i] ?? -1] = -1;
    to[i] = -1;
  }
}

/** Tokens next to kept ones that are also next to them in the new line. */
function join(a: readonly string[], b: readonly string[], to: Int32Array, from: Int32Array): void {
  const keep = (i: number, j: number) => {
    if (to[i] !== -1 || from[j] !== -1 || a[i] !== b[j]) return;
    to[i] = j;
    from[j] = i;
  };
  for (let i = 1; i < a.length; i++) if ((to[i - 1] ?? -1) >= 0) keep(i, (to[i - 1] ?? 0) + 1);
  for (let i = a.length - 2; i >= 0; i--) if ((to[i + 1] ?? -1) > 0) keep(i, (to[i + 1] ?? 0) - 1);
}

function mapKept(regions: readonly Region[], lengthA: number, lengthB: number): { to: Int32Array; from: Int32Array } {
  const to = new Int32Array(lengthA).fill(-1);
  const from = new Int32Array(lengthB).fill(-1);
  let [i, j] = [0, 0];
  for (const region of [...regions, { aStart: lengthA, bStart: lengthB, aEnd: lengthA, bEnd: lengthB }]) {
    for (; i < region.aStart; i++, j++) {
      to[i] = j;
      from[j] = i;
    }
    [i, j] = [region.aEnd, region.bEnd];
  }
  return { to, from };
}

/** The longest run of tokens that was moved from here to there. */
function longestMove(a: readonly string[], b: readonly string[], to: Int32Array, from: Int32Array, core: Core) {
  let best: { i: number; j: number; length: number } | undefined;
  for (let i = core.a0; i < core.a1; i++) {
    if (to[i] !== -1) continue;
    for (let j = core.b0; j < core.b1; j++) {
      if (from[j] !== -1 || a[i] !== b[j]) continue;
      let length = 0;
      let words = false;
      while (
        i + length < core.a1 &&
        j + length < core.b1 &&
        to[i + length] === -1 &&
        from[j + length] === -1 &&
        a[i + length] === b[j + length]
      ) {
        words ||= isWord(a[i + length]);
        length++;
      }
      // A closing quote alone shows which string it ends; other marks alone are everywhere.
      if (!words && length < 2 && !isQuote(a[i])) continue;
      if (length > (best?.length ?? 0)) best = { i, j, length };
    }
  }
  return best;
}

/** Each changed region by itself, widened, if they do not overlap then. */
export function changedCores(trace: Trace): Core[] {
  const cores: Core[] = [];
  for (const { aStart, aEnd, bStart, bEnd } of trace.regions) {
    const wide = changedCore(trace, { a0: aStart, a1: aEnd, b0: bStart, b1: bEnd });
    const last = cores.at(-1);
    if (!wide) return [];
    if (last && wide.a0 < last.a1) {
      cores[cores.length - 1] = {
        a0: Math.min(last.a0, wide.a0),
        a1: Math.max(last.a1, wide.a1),
        b0: Math.min(last.b0, wide.b0),
        b1: Math.max(last.b1, wide.b1),
      };
    } else cores.push(wide);
  }
  return cores;
}

/** The part with the operand before it, if this occurs in it again: `n = n + 1` became `n += 1`. */
export function withOperandBefore({ a, pairsA }: Trace, { a0, a1, b0, b1 }: Core): Core | undefined {
  let end = a0;
  while (end > 0 && isSpace(a[end - 1])) end--;
  let start = end;
  for (let next = beforeUnit(a, pairsA, start); next >= 0; next = beforeUnit(a, pairsA, start)) {
    if (next === start - 1 && !isOperandToken(a[next])) break;
    start = next;
  }
  const operand = a.slice(start, end);
  if (!operand.some(isWord)) return undefined;
  for (let i = a0; i + operand.length <= a1; i++) {
    if (operand.every((token, k) => token === a[i + k])) return { a0: start, a1, b0: b0 - (a0 - start), b1 };
  }
  return undefined;
}

/** The changed part of both lines, widened until no bracket, string or hyphenated name is cut. */
export function changedCore({ a, b, pairsA, pairsB, regions }: Trace, core: Core): Core | undefined {
  let { a0, a1, b0, b1 } = core;
  for (;;) {
    const [wideA, wideB] = [widened(a, pairsA, a0, a1), widened(b, pairsB, b0, b1)];
    // Each side's edges with those of the other that belong to them.
    const start = outermost(regions, wideA.start, wideB.start, -1);
    const end = outermost(regions, wideA.end, wideB.end, 1);
    if (start.a === a0 && start.b === b0 && end.a === a1 && end.b === b1) return { a0, a1, b0, b1 };
    if (start.a < 0 || start.b < 0 || end.a > a.length || end.b > b.length) return undefined;
    [a0, b0, a1, b1] = [start.a, start.b, end.a, end.b];
  }
}

function widened(tokens: readonly string[], { partner, string }: Pairs, from: number, to: number) {
  let [start, end] = [from, to];
  for (let i = from; i < to; i++) {
    const other = partner[i] ?? -1;
    if (other < 0) continue;
    start = Math.min(start, other);
    end = Math.max(end, other + 1);
  }
  const quote = from < to ? (string[from] ?? -1) : -1;
  if (quote >= 0) {
    start = Math.min(start, quote);
    end = Math.max(end, (partner[quote] ?? 0) + 1);
  }
  if (isHyphenated(tokens, start)) start--;
  if (isHyphenated(tokens, end)) end++;
  return { start, end };
}

interface Edge {
  readonly a: number;
  readonly b: number;
}

/** The outermost edge in both lines among the given places, so no region is cut. */
function outermost(regions: readonly Region[], a: number, b: number, step: 1 | -1): Edge {
  const edges = [edgeAt(regions, 'a', a, step), edgeAt(regions, 'b', b, step)];
  return edges.reduce((best, edge) => (step * (edge.a - best.a) > 0 || step * (edge.b - best.b) > 0 ? edge : best));
}

function edgeAt(regions: readonly Region[], side: 'a' | 'b', at: number, step: 1 | -1): Edge {
  let shift = 0;
  for (const { aStart, aEnd, bStart, bEnd } of regions) {
    const [start, end] = side === 'a' ? [aStart, aEnd] : [bStart, bEnd];
    // At a region's near edge the region is left out, but a pure insertion has both its edges in one place.
    if (step < 0 ? at <= start : at < start || (at === start && start < end)) break;
    if (at < end || (step > 0 && at === end)) return step < 0 ? { a: aStart, b: bStart } : { a: aEnd, b: bEnd };
    shift = bEnd - aEnd;
  }
  return side === 'a' ? { a: at, b: at + shift } : { a: at - shift, b: at };
}

/** Whether a name like `global-set-key` continues across a place: `-` with no space around it. */
function isHyphenated(tokens: readonly string[], at: number): boolean {
  const [two, one, here, next] = [tokens[at - 2], tokens[at - 1], tokens[at], tokens[at + 1]];
  return (one === '-' && isName(two) && isName(here)) || (here === '-' && isName(one) && isName(next));
}

/** The call that a change lies in, with its name: `f(`…`)`. */
export function enclosingCall({ a, b, pairsA, pairsB }: Trace, { a0, a1, b0, b1 }: Core): Core | undefined {
  for (let open = a0 - 1; open > 0; open--) {
    const close = pairsA.partner[open] ?? -1;
    if (close < a1 || a[open] !== '(') continue;
    const [left, right] = [a0 - open + 1, close + 1 - a1];
    const outer = { a0: a0 - left, a1: a1 + right, b0: b0 - left, b1: b1 + right };
    const paired = pairsB.partner[b0 - left + 1] === b1 + right - 1;
    return isName(a[open - 1]) && b[outer.b0] === a[open - 1] && paired ? outer : undefined;
  }
  return undefined;
}
