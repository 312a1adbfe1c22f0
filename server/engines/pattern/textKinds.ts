import { isWordCode } from './lexer.ts';
import { marksFor, type Syntax, type SyntaxMarks, syntaxFor } from './syntaxes.ts';

/** What a character belongs to. Interpolated parts of a string are code. */
export const textKind = { code: 0, string: 1, comment: 2 } as const;
export type TextKind = (typeof textKind)[keyof typeof textKind];

/** What is open at the start of a line: a multi-line comment or string, what closes it, and what it contains. */
interface Open {
  readonly kind: TextKind;
  readonly close: string;
  readonly fills: readonly string[];
}

type Started =
  | { kind: 'line' }
  | { kind: 'long'; open: Open; length: number }
  | { kind: 'string'; end: number; code: readonly Span[] };

type Span = readonly [from: number, to: number];

/** A longer line is data: all of it gets one kind. */
const maxLineLength = 2000;

/** Distinguishes strings and comments from code in a text given as lines; reads it only as far down as requested. */
export class TextKinds {
  readonly #lines: readonly string[];
  readonly #syntax: Syntax;
  readonly #marks: SyntaxMarks;
  readonly #from: number;
  /** What is open at the start of each line from `#from` on. */
  readonly #open: (Open | undefined)[] = [undefined];
  readonly #known = new Map<number, Uint8Array | undefined>();
  readonly #carrying: Uint8Array;

  /**
   * Lines above `from` are ignored, as if nothing were open there. `carrying`: see `KnownLines`, for the same language;
   * what is unknown in it is filled in.
   */
  constructor(
    lines: readonly string[],
    languageId: string,
    from = 0,
    carrying: Uint8Array = new Uint8Array(lines.length),
  ) {
    this.#carrying = carrying;
    this.#lines = lines;
    this.#syntax = syntaxFor(languageId);
    this.#marks = marksFor(this.#syntax);
    this.#from = from;
  }

  /** What the character at `column` of `line` belongs to. */
  at(line: number, column: number): TextKind {
    if (line < this.#from) return textKind.code;
    while (this.#open.length <= line - this.#from) {
      const next = this.#from + this.#open.length - 1;
      // In most lines nothing continues: one look is enough.
      const reads = this.#open[next - this.#from] || this.#mayCarry(next);
      this.#open.push(reads ? this.#read(next).open : undefined);
    }
    let kinds = this.#known.get(line);
    if (!this.#known.has(line)) {
      kinds = this.#read(line).kinds;
      this.#known.set(line, kinds);
    }
    return (kinds?.[column] ?? textKind.code) as TextKind;
  }

  /** Whether something that is still open at the end of a line may begin on it. */
  #mayCarry(line: number): boolean {
    const known = this.#carrying[line] ?? 0;
    if (known > 0) return known === 2;
    const carries = this.#marks.carried?.test(this.#lines[line] ?? '') ?? false;
    if (line < this.#carrying.length) this.#carrying[line] = carries ? 2 : 1;
    return carries;
  }

  /** Undefined kinds mean that everything is code. */
  #read(number: number): { kinds: Uint8Array | undefined; open: Open | undefined } {
    const line = this.#lines[number] ?? '';
    let open = this.#open[number - this.#from];
    if (line.length > maxLineLength || (!open && this.#nextMark(line, 0) < 0)) return { kinds: undefined, open };
    const kinds = new Uint8Array(line.length);
    const mark = (from: number, to: number, kind: TextKind, code: readonly Span[] = []) => {
      kinds.fill(kind, from, to);
      for (const [start, end] of code) kinds.fill(textKind.code, start, end);
    };
    let at = 0;
    while (at < line.length) {
      if (open) {
        const { kind, close, fills } = open;
        const isString = kind === textKind.string;
        const { end, code } = isString
          ? stringEnd(line, at, close, this.#syntax.escapes, fills)
          : { end: line.indexOf(close, at), code: [] };
        const to = end < 0 ? line.length : end + close.length;
        mark(at, to, kind, code);
        if (end < 0) return { kinds, open };
        at = to;
        open = undefined;
        continue;
      }
      at = this.#nextMark(line, at);
      if (at < 0) break;
      const started = this.#starts(line, at);
      if (started?.kind === 'line') {
        mark(at, line.length, textKind.comment);
        return { kinds, open: undefined };
      }
      if (started?.kind === 'long') {
        open = started.open;
        mark(at, at + started.length, open.kind);
        at += started.length;
      } else if (started) {
        mark(at, started.end, textKind.string, started.code);
        at = started.end;
      }
      // A quote behind a backslash is not a quote, as in `#\"` and `\'`.
      else at += line[at] === '\\' ? 2 : 1;
    }
    return { kinds, open };
  }

  #nextMark(line: string, from: number): number {
    const { any } = this.#marks;
    any.lastIndex = from;
    return any.exec(line)?.index ?? -1;
  }

  #starts(line: string, at: number): Started | undefined {
    const { line: comments, block, long, quotes, characters, regexps } = this.#syntax;
    for (const [opener, close] of block) {
      if (line.startsWith(opener, at))
        return { kind: 'long', open: { kind: textKind.comment, close, fills: [] }, length: opener.length };
    }
    for (const mark of comments)
      if (line.startsWith(mark, at) && beginsComment(line, at, mark)) return { kind: 'line' };
    for (const [opener, close] of long) {
      if (!line.startsWith(opener, at)) continue;
      const open = { kind: textKind.string, close, fills: this.#fillsOf(line, at, close) };
      return { kind: 'long', open, length: opener.length };
    }
    const quote = line[at] ?? '';
    if (regexps && quote === '/') return matched(regexpAt(line, at), at);
    if (characters && quote === "'") return matched(/^'(?:\\[^']+|\\'|[^\\'])'/u.exec(line.slice(at, at + 14)), at);
    if (!quotes.includes(quote) || quote === '' || isApostrophe(line, at)) return undefined;
    const { end, code } = stringEnd(line, at + 1, quote, true, this.#fillsOf(line, at, quote));
    return end < 0 ? undefined : { kind: 'string', end: end + 1, code };
  }

  /** What begins code in the string that begins at `at`. */
  #fillsOf(line: string, at: number, close: string): readonly string[] {
    const { filled, fills } = this.#syntax;
    const quote = close.charAt(0);
    const prefix = line.slice(Math.max(0, at - 4), at);
    if (quote !== '`' && /(^|[^\w$@])([fF][rR]?|[rR][fF]|\$+@?|@\$)$/.test(prefix)) return ['{'];
    return filled.includes(quote) ? fills : [];
  }
}

function matched(found: RegExpExecArray | null, at: number): Started | undefined {
  return found ? { kind: 'string', end: at + found[0].length, code: [] } : undefined;
}

/** Where a string that continues at `from` is closed, -1 if not on this line, and which parts of it are code. */
function stringEnd(
  line: string,
  from: number,
  close: string,
  escapes: boolean,
  fills: readonly string[],
): { end: number; code: readonly Span[] } {
  const code: Span[] = [];
  for (let i = from; i < line.length; i++) {
    if (line[i] === close[0] && line.startsWith(close, i)) return { end: i, code };
    const fill = fills.length === 0 ? undefined : fills.find((opener) => line.startsWith(opener, i));
    const end = fill === undefined ? -1 : fillEnd(line, i, fill);
    if (end > i) {
      code.push([i, end]);
      i = end - 1;
    } else if ((escapes && line[i] === '\\') || (fill === '{' && line[i + 1] === '{')) i++;
  }
  return { end: -1, code };
}

const maxFill = 400;

/** The index behind the code in a string, -1 if it does not end. */
function fillEnd(line: string, at: number, fill: string): number {
  if (fill === '$') return at + (/^\$[\p{L}_][\p{L}\p{N}_]*/u.exec(line.slice(at, at + maxFill))?.[0].length ?? 0);
  if (fill === '{' && /[{}:"]/.test(line[at + 1] ?? '}')) return -1;
  const open = fill.includes('(') ? '(' : '{';
  const close = open === '(' ? ')' : '}';
  for (let i = at, depth = 0; i < line.length && i < at + maxFill; i++) {
    if (line[i] === open) depth++;
    else if (line[i] === close && --depth === 0) return i + 1;
  }
  return -1;
}

/** `#` and `//` are also parts of colours, preprocessor lines, addresses and operators. */
function beginsComment(line: string, at: number, mark: string): boolean {
  const before = line[at - 1];
  if (mark === '#') return before === undefined || /\s/.test(before);
  if (mark === '//') return before !== ':';
  if (mark === ';') return before === undefined || /[\s)]/.test(before);
  return true;
}

/** `b'…'` is a string, `chef's` is not. */
function isApostrophe(line: string, at: number): boolean {
  if (line[at] !== "'" || !isWordCode(line.charCodeAt(at - 1))) return false;
  return !/(^|[^\p{L}\p{N}_$])[bBrRuUfFL]{1,2}$/u.test(line.slice(Math.max(0, at - 3), at));
}

/** A quote or a backtick in a regular expression opens no string. */
function regexpAt(line: string, at: number): RegExpExecArray | null {
  const before = line.slice(Math.max(0, at - 12), at).trimEnd();
  if (before !== '' && !/([([{,;=:!&|?+]|=>|(^|[^\w$.])(return|case|typeof))$/.test(before)) return null;
  return /^\/(?:\\.|\[(?:\\.|[^\]\\])*\]|[^/\\[])+\/[a-z]*/.exec(line.slice(at, at + maxFill));
}
