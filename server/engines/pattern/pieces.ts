import { isName } from './codeNames.ts';
import { isSpace, isWord } from './lexer.ts';
import { afterUnit, isCloser, isOpener, isOperand, isQuote, trimSpace } from './pairs.ts';
import type { Core, Trace } from './trace.ts';
import { nameForms } from './wordForms.ts';

/**
 * What may fill a hole. `string`: text within a string, or nothing. `word`: one name. `operand`: spaces and operators
 * only in brackets. `free`: balanced code without commas. `list`: everything between two brackets.
 */
export type HoleKind = 'string' | 'word' | 'operand' | 'free' | 'list';

/** A run of tokens of the old line that becomes a hole. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly kind: HoleKind;
}

/** The runs of kept tokens that each become a hole: balanced, without the marks that separate parts of the line. */
export function* keptPieces(trace: Trace, { a0, a1 }: Core, callee: number): Generator<Piece> {
  const { a, to, pairsA } = trace;
  let start = a0;
  while (start < a1) {
    let end = start + 1;
    if (to[start] !== -1 && start !== callee) {
      while (end < a1 && end !== callee && to[end] === (to[end - 1] ?? 0) + 1) end++;
      let from = start;
      for (let i = start; i <= end; i++) {
        const other = pairsA.partner[i] ?? -1;
        const isHalf = other >= 0 || isQuote(a[i]) || isOpener(a[i]) || isCloser(a[i]);
        if (i < end && !(isHalf && (other < start || other >= end))) continue;
        yield* piecesOf(trace, from, i);
        from = i + 1;
      }
    }
    start = end;
  }
}

/** Names that were removed but inserted in another form. */
export function* respelled({ a, b, to, from }: Trace, { a0, a1, b0, b1 }: Core): Generator<Piece> {
  for (let i = a0; i < a1; i++) {
    const name = a[i] ?? '';
    if (to[i] !== -1 || !isName(name)) continue;
    const forms = nameForms(name, name);
    const isForm = (token: string, j: number) =>
      from[b0 + j] === -1 && token !== name && (token === `$${name}` || (token.length > 2 && forms.has(token)));
    if (b.slice(b0, b1).some(isForm)) yield { start: i, end: i + 1, kind: 'word' };
  }
}

const joint = /^([,;=:]|=>|in|from|as|if|else|for|return|let|const|var|val|def|function|fn|func|class)$/;

function* piecesOf(trace: Trace, start: number, end: number): Generator<Piece> {
  const { a, to, pairsA, pairsB } = trace;
  if (start >= end) return;
  if ((pairsA.string[start] ?? -1) >= 0) {
    const text = a.slice(start, end);
    const stays = (pairsB.string[to[start] ?? -1] ?? -1) >= 0;
    if (!text.every(isSpace)) yield { start, end, kind: stays ? 'string' : text.length === 1 ? 'word' : 'free' };
    return;
  }
  const [first, last] = [(to[start] ?? 0) - 1, (to[end - 1] ?? 0) + 1];
  const inBrackets = pairsA.partner[start - 1] === end && pairsB.partner[first] === last;
  if (inBrackets && isOpener(a[start - 1]) && trace.b[first] === a[start - 1]) {
    if (a.slice(start, end).some(isWord)) yield { start, end, kind: 'list' };
    return;
  }
  let from = start;
  for (let i = start; i <= end; ) {
    if (i < end && !joint.test(a[i] ?? '')) {
      i = Math.max(i + 1, afterUnit(a, pairsA, i));
      continue;
    }
    const piece = trimSpace(a, from, i);
    const tokens = a.slice(piece.from, piece.to);
    if (tokens.some(isWord)) yield { start: piece.from, end: piece.to, kind: isOperand(tokens) ? 'operand' : 'free' };
    i++;
    from = i;
  }
}
