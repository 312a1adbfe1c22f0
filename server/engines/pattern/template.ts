import { isName } from './codeNames.ts';
import { isNumber, isSpace, isWord, tokenize } from './lexer.ts';
import { isOperand, isQuote } from './pairs.ts';
import { type HoleKind, keptPieces, respelled } from './pieces.ts';
import {
  type Core,
  changedCore,
  changedCores,
  enclosingCall,
  type Trace,
  traceTokens,
  withOperandBefore,
} from './trace.ts';
import { nameForms } from './wordForms.ts';

/** A fixed token that must be there unchanged, or a hole: any text that fits it is carried over. */
export type Part = FixedPart | HolePart;

export interface FixedPart {
  readonly token: string;
  /** Whether it is inside a string. */
  readonly quoted: boolean;
}

export interface HolePart {
  readonly hole: number;
  /** The example's name in this place, where it is the hole's name in another way of writing it. */
  readonly form?: string;
}

export interface Hole {
  /** What stood there in the example. */
  readonly text: string;
  readonly kind: HoleKind;
}

/** How a part of a line was rewritten: `"A{}B".format(C)` became `f"A{C}B"`, where A, B and C are holes. */
export interface Template {
  readonly old: readonly Part[];
  readonly now: readonly Part[];
  readonly holes: readonly Hole[];
  /** The example's tokens before and after the part. */
  readonly left: readonly string[];
  readonly right: readonly string[];
  /**
   * How well the fixed tokens alone show where it applies: 0 not at all, 1 by the name of the call around the change,
   * 2 by marks that were removed, 3 by a word that was removed.
   */
  readonly telling: number;
  /** Tokens taken out and put in. */
  readonly gone: number;
  readonly come: number;
  /** The same for equal templates, whatever was in their holes. */
  readonly key: string;
}

const maxTokens = 160;
const maxHoles = 8;
const enoughMarks = 3;

/**
 * The rewritings that a changed line shows: removed and inserted text is fixed, text kept between becomes holes,
 * and brackets and quotes that lost their other half are fixed too. None if nothing was kept and only words replaced.
 */
export function learnTemplates(oldLine: string, newLine: string): Template[] {
  const a = tokenize(oldLine);
  const b = tokenize(newLine);
  if (a.length > maxTokens || b.length > maxTokens) return [];
  const traced = traceTokens(a, b);
  const core = traced && changedCore(traced.trace, traced.core);
  if (!traced || !core || core.a0 === core.a1) return [];
  const { trace } = traced;
  const several = severalAlike(trace);
  if (several) return [several];
  const inner = abstract(trace, core) ?? abstract(trace, withOperandBefore(trace, core));
  if (inner && inner.telling > 0) return [inner];
  const call = enclosingCall(trace, core);
  const outer = call && abstract(trace, call, call.a0);
  return [inner, outer].filter((template) => template !== undefined);
}

/** The rewriting that was made several times on the line. */
function severalAlike(trace: Trace): Template | undefined {
  const cores = changedCores(trace);
  if (cores.length < 2) return undefined;
  const templates = cores.map((one) => abstract(trace, one));
  const [first] = templates;
  return first && first.telling > 1 && templates.every((one) => one?.key === first.key) ? first : undefined;
}

/** Turns kept text into holes. `callee` is the index of a call's name, which stays fixed although it was kept. */
function abstract(trace: Trace, core: Core | undefined, callee = -1): Template | undefined {
  if (!core) return undefined;
  const { a, b, to, from } = trace;
  const pieces = [...keptPieces(trace, core, callee), ...respelled(trace, core)].sort((x, y) => x.start - y.start);
  const holes: Hole[] = pieces.map(({ start, end, kind }) => ({ text: a.slice(start, end).join(''), kind }));
  if (holes.length === 0) return undefined;
  const holeAt = new Map(pieces.map(({ start, end }, hole) => [start, { hole, length: end - start }]));
  const endsHole = new Set(pieces.map(({ end }) => end));
  const [emptyOld, emptyNew] = openStrings(trace, core, holes, holeAt, endsHole);
  if (holes.length > maxHoles) return undefined;

  const old: Part[] = [];
  let [marks, words, again] = [0, 0, 0];
  for (let i = core.a0; i < core.a1; ) {
    const empty = emptyOld.get(i);
    if (empty !== undefined) old.push({ hole: empty });
    const piece = holeAt.get(i) ?? repeated(holes, a, i, core.a1, to);
    if (piece) {
      if (!holeAt.has(i)) again++;
      old.push({ hole: piece.hole });
      i += piece.length;
      continue;
    }
    const token = a[i] ?? '';
    old.push({ token, quoted: (trace.pairsA.string[i] ?? -1) >= 0 });
    if (to[i] === -1 && !isSpace(token)) {
      if (isWord(token) && !isNumber(token) && token.length > 1) words++;
      else marks++;
    }
    i++;
  }
  // Nothing shows where one of two adjacent holes ends.
  if (old.some((part, i) => 'hole' in part && 'hole' in (old[i + 1] ?? {}))) return undefined;
  const now: Part[] = [];
  let come = 0;
  for (let j = core.b0; j < core.b1; ) {
    const empty = emptyNew.get(j);
    if (empty !== undefined) now.push({ hole: empty });
    const piece = holeAt.get(from[j] ?? -1) ?? repeated(holes, b, j, core.b1, from, 2);
    if (piece) {
      now.push({ hole: piece.hole });
      j += piece.length;
      continue;
    }
    const token = b[j] ?? '';
    now.push(...(from[j] === -1 ? inForm(holes, token) : [{ token, quoted: false }]));
    if (from[j] === -1 && !isSpace(token)) come++;
    j++;
  }
  const telling = words > 0 ? 3 : marks >= enoughMarks || (again > 0 && marks > 0) ? 2 : callee >= 0 ? 1 : 0;
  return {
    old,
    now,
    holes: holes.map((hole, i) => ({ ...hole, kind: kindOf(hole, telling, hasToBeOperand(i, old, now)) })),
    left: a.slice(0, core.a0),
    right: a.slice(core.a1),
    telling,
    gone: words + marks,
    come,
    key: `${spell(old)}\u0001${spell(now)}`,
  };
}

/** If little else shows what fits, the content of a hole must be similar to the example's. */
function kindOf({ text, kind }: Hole, telling: number, bare: boolean): HoleKind {
  if (kind === 'operand') return bare ? kind : 'free';
  if (kind !== 'list' || telling > 1 || text.includes(',')) return kind;
  return telling === 0 && isOperand(tokenize(text)) ? 'operand' : 'free';
}

function spell(parts: readonly Part[]): string {
  return parts.map((part) => ('hole' in part ? `\u0002${part.hole}:${part.form ?? ''}` : part.token)).join('\u0003');
}

/** Nothing else ends a hole at an edge; beside a mark such as `.` in the new line nothing else would fit. */
function hasToBeOperand(hole: number, old: readonly Part[], now: readonly Part[]): boolean {
  const is = (part: Part | undefined) => part !== undefined && 'hole' in part && part.hole === hole;
  const binds = (part: Part | undefined) =>
    part !== undefined && 'token' in part && /^([.?!&*[]|::|->)$/.test(part.token);
  if (is(old[0]) || is(old.at(-1))) return true;
  return now.some((part, i) => is(part) && (binds(now[i - 1]) || binds(now[i + 1])));
}

/** The hole whose text stands again at `at`, in tokens that have no other half in the other line. */
function repeated(
  holes: readonly Hole[],
  tokens: readonly string[],
  at: number,
  end: number,
  other: Int32Array,
  leastLength = 1,
): { hole: number; length: number } | undefined {
  if (other[at] !== -1) return undefined;
  for (const [hole, { text, kind }] of holes.entries()) {
    if (kind === 'string' || text.length < leastLength || !isWord(text[0]) || isNumber(text)) continue;
    const parts = tokenize(text);
    if (at + parts.length > end) continue;
    if (parts.every((part, k) => part === tokens[at + k] && other[at + k] === -1))
      return { hole, length: parts.length };
  }
  return undefined;
}

/** A name put in that is a hole's name in another way of writing it: `user_id` became `userId: user_id`, or `$user_id`. */
function inForm(holes: readonly Hole[], token: string): Part[] {
  if (isName(token) && token.length > 2) {
    for (const [hole, { text }] of holes.entries()) {
      if (token === `$${text}`) return [{ token: '$', quoted: false }, { hole }];
      if (text !== token && isName(text) && nameForms(text, text).has(token)) return [{ hole, form: token }];
    }
  }
  return [{ token, quoted: false }];
}

/** Empty holes, where a string might have had text beside its quotes: `"{} left"` is like `"of {} left"`. */
function openStrings(
  { a, b, to, pairsA, pairsB }: Trace,
  { a0, a1 }: Core,
  holes: Hole[],
  holeAt: ReadonlyMap<number, unknown>,
  endsHole: ReadonlySet<number>,
): [old: Map<number, number>, now: Map<number, number>] {
  const old = new Map<number, number>();
  const now = new Map<number, number>();
  const open = (i: number, j: number) => {
    if (holeAt.has(i) || endsHole.has(i) || old.has(i)) return;
    old.set(i, holes.length);
    now.set(j, holes.length);
    holes.push({ text: '', kind: 'string' });
  };
  for (let i = a0; i < a1; i++) {
    const end = pairsA.partner[i] ?? -1;
    const [first, last] = [to[i] ?? -1, to[end] ?? -1];
    if (!isQuote(a[i]) || end <= i + 1 || end >= a1 || first < 0 || last < 0 || pairsB.partner[first] !== last)
      continue;
    // If a hole is the whole content of a string, it includes the quotes.
    if (holeAt.has(i) || !isQuote(b[first]) || isInHole(i, holeAt, endsHole)) continue;
    open(i + 1, first + 1);
    open(end, last);
  }
  return [old, now];
}

function isInHole(i: number, holeAt: ReadonlyMap<number, unknown>, endsHole: ReadonlySet<number>): boolean {
  for (let k = i; k >= 0; k--) {
    if (holeAt.has(k)) return true;
    if (endsHole.has(k)) return false;
  }
  return false;
}
