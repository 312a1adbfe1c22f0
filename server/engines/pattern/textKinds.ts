import { isWordCode } from './lexer.ts';

/** What a character belongs to. What a string interpolates is code. */
export const textKind = { code: 0, string: 1, comment: 2 } as const;
export type TextKind = (typeof textKind)[keyof typeof textKind];

/** How a language writes comments and strings: a few marks, no grammar. */
interface Syntax {
  readonly line: readonly string[];
  readonly block: readonly (readonly [open: string, close: string])[];
  /** Quotes of strings that end on their line, unless the closing one is missing: then it is an apostrophe. */
  readonly quotes: string;
  /** Pairs of strings over several lines. */
  readonly long: readonly (readonly [open: string, close: string])[];
  /** What `$name` inside a string is. */
  readonly dollarNames: boolean;
  /** Whether `{name}` inside any string is code, and not only in `f"…"` and `$"…"`. */
  readonly braceNames: boolean;
}

const slashes: Syntax = {
  line: ['//'],
  block: [['/*', '*/']],
  quotes: '"\'',
  long: [['`', '`']],
  dollarNames: false,
  braceNames: false,
};
const hashes: Syntax = { ...slashes, line: ['#'], block: [], long: [] };
const triple: Syntax['long'] = [
  ['"""', '"""'],
  ["'''", "'''"],
];
const prose: Syntax = { ...hashes, line: [], quotes: '', block: [['<!--', '-->']] };
const lisp: Syntax = { ...hashes, line: [';'], quotes: '"' };

const syntaxes: readonly (readonly [languages: string, syntax: Syntax])[] = [
  ['python starlark', { ...hashes, long: triple }],
  ['shellscript bash sh zsh perl makefile dockerfile r elixir tcl powershell', { ...hashes, dollarNames: true }],
  ['ruby yaml toml properties nix graphql coffeescript crystal julia gitignore', hashes],
  ['kotlin scala groovy dart swift', { ...slashes, long: triple, dollarNames: true }],
  ['php', { ...slashes, line: ['//', '#'], long: [], dollarNames: true }],
  ['rust', { ...slashes, quotes: '"', long: [], braceNames: true }],
  ['java csharp c cpp objective-c', { ...slashes, long: triple }],
  ['css', { ...slashes, line: [], long: [] }],
  ['sql', { ...slashes, line: ['--'], long: [] }],
  ['lua', { ...slashes, line: ['--'], block: [['--[[', ']]']], long: [['[[', ']]']] }],
  ['haskell elm', { ...slashes, line: ['--'], block: [['{-', '-}']], quotes: '"', long: [] }],
  ['html xml vue svelte', { ...prose, quotes: '"' }],
  ['markdown plaintext latex restructuredtext asciidoc', prose],
  ['elisp emacs-lisp lisp clojure scheme racket ini', lisp],
];
const syntaxOf = new Map(
  syntaxes.flatMap(([names, syntax]) => names.split(' ').map((name) => [name, syntax] as const)),
);

/** What is looked for in a line of a syntax: first characters of its marks, by code, and what may stay open at its end. */
interface Marks {
  readonly first: Uint8Array;
  readonly carried: RegExp | undefined;
}

const marksOf = new Map<Syntax, Marks>();

function marks(syntax: Syntax): Marks {
  const known = marksOf.get(syntax);
  if (known) return known;
  const carried = [...syntax.block, ...syntax.long].map(([opener]) => opener);
  const first = new Uint8Array(128);
  for (const mark of [...syntax.line, ...syntax.quotes, ...carried]) first[mark.charCodeAt(0)] = 1;
  const pattern = carried.map((opener) => opener.replace(/[*[{]/g, '\\$&')).join('|');
  const made = { first, carried: carried.length > 0 ? new RegExp(pattern) : undefined };
  marksOf.set(syntax, made);
  return made;
}

/** What is open at the start of a line: a comment or string over several lines, and what closes it. */
interface Open {
  readonly kind: TextKind;
  readonly close: string;
}

const interesting = /["'`/#;]|--|\[\[|\{-|\*|-\}|\]\]/;

/** Tells strings and comments from code in a text given as lines; works its way down only as far as it is asked. */
export class TextKinds {
  readonly #lines: readonly string[];
  readonly #syntax: Syntax;
  readonly #marks: Marks;
  readonly #from: number;
  /** What is open at the start of each line from `#from` on. */
  readonly #open: (Open | undefined)[] = [undefined];
  readonly #known = new Map<number, Uint8Array | undefined>();

  /** Lines above `from` are not looked at, as if nothing were open there. */
  constructor(lines: readonly string[], languageId: string, from = 0) {
    this.#lines = lines;
    this.#syntax = syntaxOf.get(languageId) ?? slashes;
    this.#marks = marks(this.#syntax);
    this.#from = from;
  }

  /** What the character at `column` of `line` belongs to. */
  at(line: number, column: number): TextKind {
    if (line < this.#from) return textKind.code;
    while (this.#open.length <= line - this.#from) {
      const next = this.#from + this.#open.length - 1;
      this.#open.push(this.#openBehind(next));
    }
    let kinds = this.#known.get(line);
    if (!this.#known.has(line)) {
      kinds = this.#kindsOn(line);
      this.#known.set(line, kinds);
    }
    return (kinds?.[column] ?? textKind.code) as TextKind;
  }

  /** Undefined for a line that is code throughout. */
  #kindsOn(number: number): Uint8Array | undefined {
    const line = this.#lines[number] ?? '';
    if (!this.#open[number - this.#from] && !interesting.test(line)) return undefined;
    const kinds = new Uint8Array(line.length);
    this.#read(number, kinds);
    return kinds;
  }

  #openBehind(number: number): Open | undefined {
    // Most lines have nothing that goes on: one look is enough.
    if (!this.#open[number - this.#from] && !this.#marks.carried?.test(this.#lines[number] ?? '')) return undefined;
    return this.#read(number, undefined);
  }

  /** Gives what is open behind a line, and fills in the kinds of its characters where these are asked for. */
  #read(number: number, kinds: Uint8Array | undefined): Open | undefined {
    const line = this.#lines[number] ?? '';
    const { first } = this.#marks;
    let open = this.#open[number - this.#from];
    let at = 0;
    while (at < line.length) {
      if (open) {
        const end = line.indexOf(open.close, at);
        const to = end < 0 ? line.length : end + open.close.length;
        kinds?.fill(open.kind, at, to);
        if (kinds && open.kind === textKind.string) this.#interpolations(line, at, to, true, kinds);
        if (end < 0) return open;
        at = to;
        open = undefined;
        continue;
      }
      if (first[line.charCodeAt(at)] !== 1) {
        at++;
        continue;
      }
      const started = this.#starts(line, at);
      if (started?.kind === 'line') {
        kinds?.fill(textKind.comment, at);
        return undefined;
      }
      if (started?.kind === 'long') {
        kinds?.fill(started.open.kind, at, at + started.length);
        open = started.open;
        at += started.length;
        continue;
      }
      if (started?.kind === 'string') {
        kinds?.fill(textKind.string, at, started.end);
        const before = line[at - 1] ?? '';
        if (kinds) this.#interpolations(line, at, started.end, /[fF$]/.test(before), kinds);
        at = started.end;
        continue;
      }
      at++;
    }
    return open;
  }

  #starts(
    line: string,
    at: number,
  ): { kind: 'line' } | { kind: 'long'; open: Open; length: number } | { kind: 'string'; end: number } | undefined {
    const { line: comments, block, long, quotes } = this.#syntax;
    for (const [opener, close] of block) {
      if (line.startsWith(opener, at))
        return { kind: 'long', open: { kind: textKind.comment, close }, length: opener.length };
    }
    for (const mark of comments)
      if (line.startsWith(mark, at) && beginsComment(line, at, mark)) return { kind: 'line' };
    for (const [opener, close] of long) {
      if (line.startsWith(opener, at))
        return { kind: 'long', open: { kind: textKind.string, close }, length: opener.length };
    }
    const quote = line[at] ?? '';
    if (!quotes.includes(quote) || quote === '') return undefined;
    const end = closingQuote(line, at, quote);
    return end < 0 ? undefined : { kind: 'string', end: end + 1 };
  }

  /** What strings interpolate is code. */
  #interpolations(line: string, from: number, to: number, formatted: boolean, kinds: Uint8Array): void {
    const text = line.slice(from, to);
    const patterns = [/[$#]\{[^{}]*\}/g, /\\\([^()]*\)/g];
    if (formatted || this.#syntax.braceNames) patterns.push(/\{[\p{L}_][^{}]*\}/gu);
    if (this.#syntax.dollarNames && line[from] !== "'") patterns.push(/\$[\p{L}_][\p{L}\p{N}_]*/gu);
    for (const pattern of patterns) {
      for (const match of text.matchAll(pattern))
        kinds.fill(textKind.code, from + match.index, from + match.index + match[0].length);
    }
  }
}

/** `#` and `//` are also parts of colours, preprocessor lines, addresses and operators. */
function beginsComment(line: string, at: number, mark: string): boolean {
  const before = line[at - 1];
  if (mark === '#') return before === undefined || /\s/.test(before);
  if (mark === '//') return before !== ':';
  if (mark === ';') return before === undefined || /[\s)]/.test(before);
  return true;
}

/** The column of the quote that closes the one at `at`, -1 where there is none and it is an apostrophe or a lifetime. */
function closingQuote(line: string, at: number, quote: string): number {
  if (quote === "'" && isWordCode(line.charCodeAt(at - 1)) && !/[bBrRuUfF]/.test(line[at - 1] ?? '')) return -1;
  for (let i = at + 1; i < line.length; i++) {
    if (line[i] === '\\') i++;
    else if (line[i] === quote) return i;
  }
  return -1;
}
