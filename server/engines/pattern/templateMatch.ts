import { isName } from './codeNames.ts';
import { isSpace, isWord, tokenize } from './lexer.ts';
import { afterUnit, isOperandToken, type Pairs, pairsOf } from './pairs.ts';
import type { Hole, Part, Template } from './template.ts';
import { nameForms } from './wordForms.ts';

/** What must be around a match, and at both ends of its first hole, for a template that alone does not show enough. */
export interface Demands {
  readonly left: readonly string[];
  readonly right: readonly string[];
  readonly head: readonly string[];
  readonly tail: readonly string[];
}

export interface Applied {
  readonly text: string;
  readonly sites: number;
  /** The tokens before and after the first site. */
  readonly left: readonly string[];
  readonly right: readonly string[];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

const maxTokens = 200;
const maxSteps = 3000;
const maxNesting = 3;

/** Rewrites every part of the line that matches the template's old side; undefined if none does. */
export function applyTemplate(template: Template, line: string, demands?: Demands, depth = 0): Applied | undefined {
  const tokens = tokenize(line);
  if (tokens.length > maxTokens) return undefined;
  const match = new Matcher(template, tokens, demands);
  let text = '';
  let [done, sites] = [0, 0];
  let first: { start: number; end: number } | undefined;
  for (let start = 0; start < tokens.length; start++) {
    const found = match.at(start);
    if (!found) continue;
    const holes = found.spans.map((span) => (span ? tokens.slice(span.from, span.to).join('') : ''));
    const inner = holes.map((hole, i) => {
      if (template.telling < 2 || depth >= maxNesting || template.holes[i]?.kind === 'string') return hole;
      const nested = applyTemplate(template, hole, demands, depth + 1);
      sites += nested?.sites ?? 0;
      return nested?.text ?? hole;
    });
    const made = render(template, inner);
    if (made === undefined) continue;
    text += tokens.slice(done, start).join('') + made;
    first ??= { start, end: found.end };
    sites++;
    done = found.end;
    start = found.end - 1;
  }
  if (!first) return undefined;
  text += tokens.slice(done).join('');
  return { text, sites, left: tokens.slice(0, first.start), right: tokens.slice(first.end) };
}

function render({ now, holes }: Template, texts: readonly string[]): string | undefined {
  let made = '';
  for (const part of now) {
    if ('token' in part) made += part.token;
    else {
      const text = texts[part.hole] ?? '';
      const written = part.form === undefined ? text : nameForms(holes[part.hole]?.text ?? '', text).get(part.form);
      if (written === undefined || (part.form !== undefined && !isName(text))) return undefined;
      made += written;
    }
  }
  return made;
}

class Matcher {
  readonly #template: Template;
  readonly #tokens: readonly string[];
  readonly #demands: Demands | undefined;
  readonly #pairs: Pairs;
  /** Marks of the strings' fixed parts: text beside them contains none of them. */
  readonly #marks: ReadonlySet<string>;
  #steps = 0;

  constructor(template: Template, tokens: readonly string[], demands: Demands | undefined) {
    this.#template = template;
    this.#tokens = tokens;
    this.#demands = demands;
    this.#pairs = pairsOf(tokens);
    this.#marks = new Set(
      template.old.flatMap((part) =>
        'token' in part && part.quoted && !isSpace(part.token) && !isWord(part.token) ? [part.token] : [],
      ),
    );
  }

  /** The match that begins at a token. */
  at(start: number): { end: number; spans: (Span | undefined)[] } | undefined {
    const { old, holes, left, right } = this.#template;
    const [first, last] = [old[0], old.at(-1)];
    if (isSpace(this.#tokens[start]) && !isSpace(tokenOf(first))) return undefined;
    if (first && 'hole' in first) {
      if (holes[first.hole]?.kind === 'operand') {
        if (isGlued(this.#tokens, start)) return undefined;
      } else if (lastSolid(this.#tokens.slice(0, start)) !== lastSolid(left)) return undefined;
    }
    const spans: (Span | undefined)[] = holes.map(() => undefined);
    const end = this.#match(0, start, spans);
    if (end === undefined || end === start) return undefined;
    if (last && 'hole' in last && holes[last.hole]?.kind !== 'operand') {
      if (firstSolid(this.#tokens.slice(end)) !== firstSolid(right)) return undefined;
    }
    return this.#meets(start, end, spans) ? { end, spans } : undefined;
  }

  #meets(start: number, end: number, spans: readonly (Span | undefined)[]): boolean {
    if (!this.#demands) return true;
    const { left, right, head, tail } = this.#demands;
    const inner = this.#tokens.slice(spans[0]?.from, spans[0]?.to);
    return (
      endsWith(this.#tokens.slice(0, start), left) &&
      startsWith(this.#tokens.slice(end), right) &&
      inner.length >= head.length + tail.length &&
      startsWith(inner, head) &&
      endsWith(inner, tail)
    );
  }

  /** Matches the parts from `index` on with the tokens from `at` on; returns the end. */
  #match(index: number, at: number, spans: (Span | undefined)[]): number | undefined {
    if (++this.#steps > maxSteps) return undefined;
    const part = this.#template.old[index];
    if (!part) return at;
    if ('token' in part) return this.#fits(part, at) ? this.#match(index + 1, at + 1, spans) : undefined;
    const hole = this.#template.holes[part.hole];
    const known = spans[part.hole];
    if (!hole) return undefined;
    if (known) {
      const length = known.to - known.from;
      for (let k = 0; k < length; k++) if (this.#tokens[at + k] !== this.#tokens[known.from + k]) return undefined;
      return isWord(this.#tokens[at + length]) ? undefined : this.#match(index + 1, at + length, spans);
    }
    const isLast = index === this.#template.old.length - 1;
    const ends = [...this.#ends(hole, at)];
    for (const to of isLast ? ends.reverse() : ends) {
      spans[part.hole] = { from: at, to };
      const end = this.#match(index + 1, to, spans);
      if (end !== undefined) return end;
      spans[part.hole] = undefined;
    }
    return undefined;
  }

  #fits(part: { token: string; quoted: boolean }, at: number): boolean {
    const token = this.#tokens[at];
    if (token === undefined || this.#pairs.string[at] === undefined) return false;
    if (part.quoted !== (this.#pairs.string[at] ?? -1) >= 0) return false;
    return token === part.token || (isSpace(token) && isSpace(part.token));
  }

  /** Where a hole that begins at `at` could end, nearest first. */
  *#ends(hole: Hole, at: number): Generator<number> {
    const tokens = this.#tokens;
    if (hole.kind === 'string') {
      const home = this.#pairs.string[at];
      yield at;
      for (let i = at; i < tokens.length; i++) {
        if ((this.#pairs.string[i] ?? -1) < 0 || this.#pairs.string[i] !== home || this.#marks.has(tokens[i] ?? ''))
          return;
        yield i + 1;
      }
      return;
    }
    const first = tokens[at];
    if (first === undefined || isSpace(first)) return;
    if (hole.kind === 'word') {
      if (isName(first)) yield at + 1;
      return;
    }
    // What had no brackets in the example is not a tuple or group of others.
    if (hole.kind === 'operand' && first === '(' && !hole.text.startsWith('(')) return;
    const home = this.#pairs.string[at];
    for (let i = at; i < tokens.length; ) {
      const token = tokens[i] ?? '';
      const next = afterUnit(tokens, this.#pairs, i);
      if (next < 0 || this.#pairs.string[i] !== home) return;
      if ((token === ',' || token === ';') && hole.kind !== 'list') return;
      if (hole.kind === 'operand' && next === i + 1 && !isOperandToken(token)) return;
      i = next;
      if (!isSpace(tokens[i - 1])) yield i;
    }
  }
}

/** Whether the token at `at` continues an operand that began before it. */
function isGlued(tokens: readonly string[], at: number): boolean {
  const before = tokens[at - 1];
  if (before === undefined) return false;
  if (isOperandToken(before)) return true;
  return /^[)\]}]$/.test(before) && /^[.([{]|::|->/.test(tokens[at] ?? '');
}

function tokenOf(part: Part | undefined): string | undefined {
  return part && 'token' in part ? part.token : undefined;
}

function lastSolid(tokens: readonly string[]): string | undefined {
  return tokens.findLast((token) => !isSpace(token));
}

function firstSolid(tokens: readonly string[]): string | undefined {
  return tokens.find((token) => !isSpace(token));
}

function endsWith(tokens: readonly string[], end: readonly string[]): boolean {
  return end.length <= tokens.length && end.every((token, i) => token === tokens[tokens.length - end.length + i]);
}

function startsWith(tokens: readonly string[], start: readonly string[]): boolean {
  return start.length <= tokens.length && start.every((token, i) => token === tokens[i]);
}
