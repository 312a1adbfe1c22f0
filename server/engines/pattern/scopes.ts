import { CodeBlocks, type Head, type ScopedText } from './codeBlocks.ts';
import { type DeclarationKind, declarationAt } from './declarations.ts';
import { opensFunction, type SolidToken, solidTokensOf } from './functionHeads.ts';
import { words } from './lexer.ts';
import { type TextKind, textKind } from './textKinds.ts';

/** Where a name is declared, and the lines it is valid for: `from` to `to`, half-open. */
export interface Declaration {
  readonly line: number;
  readonly kind: DeclarationKind | 'member';
  readonly from: number;
  readonly to: number;
}

/** What one occurrence of a name is. */
export interface Occurrence {
  readonly text: TextKind;
  /** Whether it is a member of something: `.name`, `->name`, `::name`, `@name`. */
  readonly member: boolean;
  /** The owner: the word in front of the mark; empty for no member. */
  readonly receiver: string;
  /** Whether it labels a value, as a key or a keyword argument does, or is an attribute. */
  readonly label: boolean;
  /** The declaration it refers to, if this can be found without a grammar; undefined if it is not declared here. */
  readonly declaration: Declaration | undefined;
}

const blockScoped = /^(rust|ocaml|fsharp|elixir)$/;
/** In these languages, a name declared anywhere in a function is valid in all of it. */
const functionScoped = /^(python|ruby|php|shellscript|r|julia|matlab|coffeescript)$/;
/** In these languages, a member can be named without its owner. */
const bareMembers = /^(java|kotlin|swift|csharp|cpp|scala|dart|groovy|vb|sql)$/;
const typeHead =
  /(^|[^\w$.])(class|struct|interface|enum|object|impl|trait|record|protocol|extension|union|module|namespace|message|CREATE TABLE|create table)(?![\w$])|^\s*(export\s+)?type\s+\w+/;
/** A function that returns a struct, as C writes it. */
const givesType = /\b(struct|union|enum|class)\s+\w+[\s*&]+[\w:]+\s*\(|\bfunction\b/;
/**
 * Where one name is declared in a text and how far each declaration reaches, found by the shapes of lines, indentation
 * and closing brackets, without a grammar. What is uncertain is left open, not guessed.
 */
export class NameScopes {
  readonly declarations: readonly Declaration[];
  readonly #name: string;
  readonly #text: ScopedText;
  readonly #blocks: CodeBlocks;

  /** `where`: the lines that the name stands on, ascending. */
  constructor(name: string, text: ScopedText, where: readonly number[]) {
    this.#name = name;
    this.#text = text;
    this.#blocks = new CodeBlocks(text);
    this.declarations = this.#declare(where);
  }

  /** The name at `column` of `line`; `text` is the line, if it differs from the one the scopes were made for. */
  occurrence(line: number, column: number, text = this.#text.lineAt(line)): Occurrence {
    const before = text.slice(0, column).trimEnd();
    const after = text.slice(column + this.#name.length).trimStart();
    const member = endsInMemberMark(before);
    const isDeclared = this.declarations.some((one) => one.line === line && one.kind !== 'member');
    const label = !isDeclared && !member && isLabel(before, after);
    const receiver = member ? (/([\p{L}\p{N}_$]*)[^\p{L}\p{N}_$]*$/u.exec(before)?.[1] ?? '') : '';
    return {
      text: this.#text.kinds.at(line, column),
      member,
      receiver,
      label,
      declaration: member ? undefined : this.resolve(line),
    };
  }

  /** The declaration that the name refers to on a line: the innermost valid one. */
  resolve(line: number): Declaration | undefined {
    let best: Declaration | undefined;
    for (const one of this.declarations) {
      if (one.kind === 'member' && one.line !== line && !bareMembers.test(this.#text.languageId)) continue;
      const isHere = one.line === line || (line >= one.from && line < one.to);
      if (isHere && (best === undefined || isInner(one, best, line))) best = one;
    }
    if (best || this.#text.languageId !== 'sql') return best;
    // A query names a column that another statement declares.
    const [column, ...others] = this.declarations;
    return others.length === 0 ? column : undefined;
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
    const head = this.#blocks.headOf(line);
    const isHeader = opensFunction(this.#blocks.joined(head.first, head.last), this.#text.languageId);
    const [all, lines] = this.#blocks.tokensOf(head.first, head.last);
    const at = lines.indexOf(line) + index;
    const shape = declarationAt(all, at, this.#text.languageId, isHeader);
    if (!shape) {
      const list = this.#listAround(line, tokens, index, head.first);
      if (list !== undefined) return this.#inBlock(line, list, 'callable');
      return startsMember(tokens, index, isHeader, this.#text.languageId) ? this.#member(line) : undefined;
    }
    const { kind, group } = shape;
    if (kind === 'line') return { line, kind, from: head.first, to: head.last + 1 };
    if (kind === 'header') {
      const [first, last] = [lines[group?.open ?? 0] ?? head.first, lines[group?.close ?? lines.length] ?? head.last];
      return { line, kind, from: first, to: this.#blocks.blockEnd(first, Math.max(last, line)) };
    }
    return this.#inBlock(line, head.first, kind);
  }

  /** The start of the list, one name per line, of imported or jointly declared names that contains the name. */
  #listAround(line: number, tokens: readonly SolidToken[], index: number, first: number): number | undefined {
    const opener = first < line ? first : this.#blocks.parentOf(line);
    if (opener === undefined) return undefined;
    const text = this.#text.lineAt(opener);
    if (/^\s*(var|const|let|type)\s*\(\s*$/.test(text)) return index === 0 ? opener : undefined;
    const [previous, next] = [tokens[index - 1]?.text ?? ',', tokens[index + 1]?.text ?? ','];
    const isImport = /^\s*(export\s+)?(import|use)\b.*\{\s*$/.test(text);
    return isImport && /^(,|type|as)$/.test(previous) && /^[,}]$/.test(next) ? opener : undefined;
  }

  /** A member of the type that directly contains a line, if there is one. */
  #member(line: number): Declaration | undefined {
    const parent = this.#blocks.parentOf(line);
    if (parent === undefined) return undefined;
    const head = this.#blocks.headOf(parent);
    const text = this.#blocks.joined(head.first, head.last);
    return isTypeHead(text) ? this.#memberOf(line, head, parent, text) : undefined;
  }

  /** A member of the type whose head stands above `parent`; undefined for a constructor, which has the type's own name. */
  #memberOf(line: number, head: Head, parent: number, text: string): Declaration | undefined {
    const [own = ''] = text.split(/[({:<]/);
    if (words(own).includes(this.#name)) return undefined;
    const to = this.#blocks.blockEnd(head.first, Math.max(head.last, parent));
    return { line, kind: 'member', from: head.first, to };
  }

  /** A declaration that is valid for the rest of the block, or function, that contains it. */
  #inBlock(line: number, first: number, kind: 'local' | 'callable'): Declaration | undefined {
    const whole = { line, from: 0, to: this.#text.widths.length };
    let parent = this.#blocks.parentOf(first);
    while (parent !== undefined) {
      const head = this.#blocks.headOf(parent);
      const text = this.#blocks.joined(head.first, head.last);
      if (isTypeHead(text)) return this.#memberOf(line, head, parent, text);
      if (
        kind === 'callable' ||
        !functionScoped.test(this.#text.languageId) ||
        opensFunction(text, this.#text.languageId)
      ) {
        const to = this.#blocks.blockEnd(head.first, Math.max(head.last, parent));
        return {
          line,
          kind,
          from: kind === 'local' && !functionScoped.test(this.#text.languageId) ? first : head.first,
          to,
        };
      }
      parent = this.#blocks.parentOf(head.first);
    }
    return { ...whole, kind };
  }
}

/** `.`, `?.`, `->`, `::` or `@`, not `..`. */
function endsInMemberMark(text: string): boolean {
  const [last, previous] = [text.at(-1), text.at(-2)];
  if (last === '.') return previous !== '.';
  return last === '@' || (last === '>' && previous === '-') || (last === ':' && previous === ':');
}

/** Whether a declaration hides another on a line: the one on that line, else the one with the smaller range. */
function isInner(one: Declaration, other: Declaration, line: number): boolean {
  if (one.line === line || other.line === line) return other.line !== line;
  return one.from > other.from || (one.from === other.from && one.to <= other.to);
}

const modifiers =
  /^(pub|public|private|protected|internal|readonly|static|final|abstract|override|lateinit|optional|required|repeated)$/;

/** Whether a token is the first name on its line, with a type or a value behind it, as members are written in types. */
function startsMember(tokens: readonly SolidToken[], index: number, isHeader: boolean, languageId: string): boolean {
  if (!tokens.slice(0, index).every(({ text }) => modifiers.test(text) || /^[-+#]$/.test(text))) return false;
  const next = tokens[index + 1]?.text ?? '';
  if (next === '(') return isHeader && /^[{}]$/.test(tokens.at(-1)?.text ?? '');
  return /^[:?=!]$/.test(next) || (/^(go|sql|proto)/.test(languageId) && /^([*[]|[\p{L}_].*)$/u.test(next));
}

function isTypeHead(head: string): boolean {
  return typeHead.test(head) && !givesType.test(head);
}

/** A later assignment of a name in the same block declares nothing new, but each `let` does. */
function isSame(a: Declaration, b: Declaration, languageId: string): boolean {
  if (a.line === b.line && a.to === b.to) return true;
  if (a.kind === 'header' || b.kind === 'header' || a.kind === 'line' || b.kind === 'line') {
    return b.kind === 'local' && a.kind === 'header' && a.to === b.to && !blockScoped.test(languageId);
  }
  return a.to === b.to && !(blockScoped.test(languageId) && a.kind === 'local' && b.kind === 'local' && a.from !== 0);
}

/** `name:` and `name =` inside brackets, as keys, keyword arguments and fields of a value are written. */
function isLabel(before: string, after: string): boolean {
  if (/^:(?!:|=)/.test(after)) return !/\?[^:]*$/.test(before) && /(^|[{(,[|])$/.test(before.trim());
  return (
    /^=(?!=|>)/.test(after) && /[({,]$/.test(before) && !/\b(for|if|while|switch|let|const|var)\s*\($/.test(before)
  );
}
