import {
  type DeclarationKind,
  declarationAt,
  depthAt,
  opensFunction,
  type SolidToken,
  solidTokensOf,
} from './declarations.ts';
import { type TextKind, type TextKinds, textKind } from './textKinds.ts';

/** Where a name is brought in, and the lines it is good for: `from` to `to`, half-open. */
export interface Declaration {
  readonly line: number;
  readonly kind: DeclarationKind | 'member';
  readonly from: number;
  readonly to: number;
}

/** What one occurrence of a name is. */
export interface Occurrence {
  readonly text: TextKind;
  /** Whether it is taken from something: `.name`, `->name`, `::name`, `@name`. */
  readonly member: boolean;
  /** What it is taken from, the word in front of the mark; empty where it is taken from nothing. */
  readonly receiver: string;
  /** Whether it labels a value, as a key or a keyword argument does, or is an attribute. */
  readonly label: boolean;
  /** What it stands for as far as can be told without a grammar; undefined for none that is declared here. */
  readonly declaration: Declaration | undefined;
}

/** A text as it was before the name was changed anywhere. */
export interface ScopedText {
  readonly lineAt: (line: number) => string;
  /** How far each line is indented, in columns; see `widthsOf`. */
  readonly widths: Int16Array;
  readonly languageId: string;
  readonly kinds: TextKinds;
}

/** How many columns a tab takes, for comparing indentation. */
const tabWidth = 4;
export const blankLine = -1;

/** How far each line is indented, in columns; `blankLine` for those that are blank. */
export function widthsOf(lines: readonly string[]): Int16Array {
  const widths = new Int16Array(lines.length);
  for (let line = 0; line < lines.length; line++) widths[line] = widthOf(lines[line] ?? '');
  return widths;
}

function widthOf(line: string): number {
  let width = 0;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === 0x20) width++;
    else if (code === 0x09) width += tabWidth;
    else if (code !== 0x0d) return Math.min(width, 10_000);
  }
  return blankLine;
}

interface Head {
  readonly first: number;
  readonly last: number;
}

const maxHeaderLines = 12;
const maxBlockLines = 2000;
const blockScoped = /^(rust|ocaml|fsharp|elixir)$/;
/** In these, a name that is brought in anywhere in a function is good for all of it. */
const functionScoped = /^(python|ruby|php|shellscript|r|julia|matlab|coffeescript)$/;
/** In these, a member can be named without what it is taken from. */
const bareMembers = /^(java|kotlin|swift|csharp|cpp|scala|dart|groovy|vb|sql)$/;
const typeHead =
  /(^|[^\w$.])(class|struct|interface|enum|object|impl|trait|record|protocol|extension|union|module|namespace|message|CREATE TABLE|create table)(?![\w$])|^\s*(export\s+)?type\s+\w+/;
const directive = /^#\s*(if|ifdef|ifndef|else|elif|endif|define|undef|pragma|region|endregion)\b/;

/**
 * Where one name is declared in a text and how far each declaration reaches, told by the shapes of lines, indentation and
 * closing brackets, without a grammar. What cannot be told is left open rather than guessed.
 */
export class NameScopes {
  readonly declarations: readonly Declaration[];
  readonly #name: string;
  readonly #text: ScopedText;
  readonly #heads = new Map<number, Head>();

  /** `where`: the lines that the name stands on, ascending. */
  constructor(name: string, text: ScopedText, where: readonly number[]) {
    this.#name = name;
    this.#text = text;
    this.declarations = this.#declare(where);
  }

  /** The name at `column` of `line`; `text` is the line, where it is another one than the scopes were made for. */
  occurrence(line: number, column: number, text = this.#text.lineAt(line)): Occurrence {
    const before = text.slice(0, column).trimEnd();
    const after = text.slice(column + this.#name.length).trimStart();
    const member = /(^|[^.])\.$|->$|::$|@$|\?\.$/.test(before) && !/\.\.\.$/.test(before);
    const isDeclared = this.declarations.some((one) => one.line === line && one.kind !== 'member');
    const label = !isDeclared && !member && isLabel(before, after, text.slice(column + this.#name.length));
    const receiver = member ? (/([\p{L}\p{N}_$]*)[^\p{L}\p{N}_$]*$/u.exec(before)?.[1] ?? '') : '';
    return {
      text: this.#text.kinds.at(line, column),
      member,
      receiver,
      label,
      declaration: member ? undefined : this.resolve(line),
    };
  }

  /** The declaration that the name stands for on a line: the innermost one that is good for it. */
  resolve(line: number): Declaration | undefined {
    let best: Declaration | undefined;
    const bare = bareMembers.test(this.#text.languageId);
    for (const one of this.declarations) {
      if (one.kind === 'member' && one.line !== line && !bare) continue;
      if (one.line === line && (best === undefined || best.line !== line)) best = one;
      else if (
        line >= one.from &&
        line < one.to &&
        best?.line !== line &&
        (best === undefined || one.from >= best.from)
      )
        best = one;
    }
    return best;
  }

  #declare(where: readonly number[]): Declaration[] {
    const found: Declaration[] = [];
    for (const line of where) {
      const tokens = solidTokensOf(this.#text.lineAt(line));
      for (const [index, token] of tokens.entries()) {
        if (token.text !== this.#name && token.text !== `$${this.#name}`) continue;
        if (this.#text.kinds.at(line, token.start) !== textKind.code) continue;
        const declared = this.#declaration(line, tokens, index);
        if (declared && !found.some((other) => isSame(other, declared, this.#text.languageId))) found.push(declared);
      }
    }
    return found;
  }

  #declaration(line: number, tokens: readonly SolidToken[], index: number): Declaration | undefined {
    const head = this.#headOf(line);
    const header = this.#joined(head.first, head.last);
    const inHead = head.first < line || (depthAt(tokens, index) > 0 && opensFunction(header));
    const shifted = head.first < line ? [{ text: '(', start: 0, end: 0 }, ...tokens] : tokens;
    const at = head.first < line ? index + 1 : index;
    const kind = declarationAt(shifted, at, this.#text.languageId, inHead && opensFunction(header));
    if (!kind) return startsMember(tokens, index) ? this.#member(line) : undefined;
    if (kind === 'line') return { line, kind, from: head.first, to: head.last + 1 };
    if (kind === 'header') return { line, kind, from: head.first, to: this.#blockEnd(head.first, head.last) };
    return this.#inBlock(line, head.first, kind);
  }

  /** A member of the type that a line stands right in, if it stands in one. */
  #member(line: number): Declaration | undefined {
    const parent = this.#parentOf(line);
    if (parent === undefined) return undefined;
    const head = this.#headOf(parent);
    if (!typeHead.test(this.#joined(head.first, head.last))) return undefined;
    return { line, kind: 'member', from: head.first, to: this.#blockEnd(head.first, Math.max(head.last, parent)) };
  }

  /** A declaration that is good for the rest of the block, or function, that it stands in. */
  #inBlock(line: number, first: number, kind: 'local' | 'callable'): Declaration {
    const whole = { line, from: 0, to: this.#text.widths.length };
    let parent = this.#parentOf(first);
    while (parent !== undefined) {
      const head = this.#headOf(parent);
      const text = this.#joined(head.first, head.last);
      if (typeHead.test(text) && !/\bfunction\b/.test(text)) {
        return { line, kind: 'member', from: head.first, to: this.#blockEnd(head.first, Math.max(head.last, parent)) };
      }
      if (kind === 'callable' || !functionScoped.test(this.#text.languageId) || opensFunction(text)) {
        const to = this.#blockEnd(head.first, Math.max(head.last, parent));
        return {
          line,
          kind,
          from: kind === 'local' && !functionScoped.test(this.#text.languageId) ? first : head.first,
          to,
        };
      }
      parent = this.#parentOf(head.first);
    }
    return { ...whole, kind };
  }

  /** The nearest line above that is indented less. */
  #parentOf(line: number): number | undefined {
    const depth = this.#text.widths[line] ?? 0;
    for (let at = line - 1; at >= 0 && line - at < maxBlockLines; at--) {
      const width = this.#text.widths[at] ?? blankLine;
      if (width === blankLine || width >= depth) continue;
      const text = this.#text.lineAt(at);
      if (!directive.test(text) && !/^\s*(case\b|default\b|[A-Za-z_]\w*:$)/.test(text)) return at;
    }
    return undefined;
  }

  /** The lines of the head that a line is part of: those that brackets join. */
  #headOf(line: number): Head {
    const known = this.#heads.get(line);
    if (known) return known;
    const head = this.#findHead(line);
    this.#heads.set(line, head);
    return head;
  }

  #findHead(line: number): Head {
    let first = line;
    for (let at = line - 1, depth = 0; at >= 0 && line - at <= maxHeaderLines; at--) {
      const text = this.#text.lineAt(at);
      for (let i = text.length - 1; i >= 0; i--) {
        if (text[i] === ')') depth++;
        else if (text[i] === '(') depth--;
      }
      // What stands in a block is not part of the head that opens it.
      if (/[;{}]\s*$/.test(text)) break;
      if (depth < 0) {
        first = at;
        depth = 0;
      }
    }
    let last = first;
    for (let at = first, depth = 0; at < this.#text.widths.length && at - first <= maxHeaderLines; at++) {
      for (const char of this.#text.lineAt(at)) {
        if (char === '(') depth++;
        else if (char === ')') depth--;
      }
      last = at;
      if (depth <= 0) break;
    }
    return { first, last: Math.max(last, line) };
  }

  #joined(first: number, last: number): string {
    let text = '';
    for (let line = first; line <= last; line++) text += ` ${this.#text.lineAt(line).trim()}`;
    return text.trim();
  }

  /** The line behind the block that a head on lines `first` to `last` opens; behind the head where it opens none. */
  #blockEnd(first: number, last: number): number {
    const depth = this.#text.widths[first] ?? 0;
    let isOpen = false;
    for (let line = last + 1; line < this.#text.widths.length && line - last < maxBlockLines; line++) {
      const width = this.#text.widths[line] ?? blankLine;
      if (width === blankLine) continue;
      if (width > depth) {
        isOpen = true;
        continue;
      }
      const text = this.#text.lineAt(line).trim();
      if (directive.test(text)) continue;
      if (width === depth && (text.startsWith('{') || (!isOpen && /^[)\]>]/.test(text)))) continue;
      if (width === depth && isOpen && /^[)\]]/.test(text) && /[{:]$/.test(text)) continue;
      // C's labels and public: stand at the edge without ending the block.
      if (isOpen && /^[A-Za-z_]\w*:$/.test(text) && !text.startsWith('else') && !text.startsWith('default')) continue;
      if (!isOpen) return last + 1;
      return /^([)\]}]|end\b|fi\b|done\b|esac\b)/.test(text) ? line + 1 : line;
    }
    return isOpen ? this.#text.widths.length : last + 1;
  }
}

const modifiers =
  /^(pub|public|private|protected|internal|readonly|static|final|abstract|override|lateinit|optional|required|repeated)$/;

/** Whether a token is the first name on its line, with a type or a value behind it, as members are written in types. */
function startsMember(tokens: readonly SolidToken[], index: number): boolean {
  if (!tokens.slice(0, index).every(({ text }) => modifiers.test(text) || /^[-+#]$/.test(text))) return false;
  const next = tokens[index + 1]?.text ?? '';
  return /^([:?=*[!]|[\p{L}_$].*)$/u.test(next);
}

/** A later assignment of a name in the same block brings in nothing new, but where each `let` does. */
function isSame(a: Declaration, b: Declaration, languageId: string): boolean {
  if (a.line === b.line && a.to === b.to) return true;
  if (a.kind === 'header' || b.kind === 'header' || a.kind === 'line' || b.kind === 'line') {
    return b.kind === 'local' && a.kind === 'header' && a.to === b.to && !blockScoped.test(languageId);
  }
  return a.to === b.to && !(blockScoped.test(languageId) && a.kind === 'local' && b.kind === 'local' && a.from !== 0);
}

/** `name:` and `name=` inside brackets, and HTML's attributes. */
function isLabel(before: string, after: string, behind: string): boolean {
  if (/^:(?!:|=)/.test(after)) return !/\?[^:]*$/.test(before) && /(^|[{(,[|])$/.test(before.trim());
  return /^=(?!=|>)/.test(behind) && /[(,]$/.test(before);
}
