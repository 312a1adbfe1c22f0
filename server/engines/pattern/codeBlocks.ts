import { type SolidToken, solidTokensOf } from './functionHeads.ts';
import { blankLine } from './knownLines.ts';
import type { TextKinds } from './textKinds.ts';

/** A text as it was before the name was changed anywhere. */
export interface ScopedText {
  readonly lineAt: (line: number) => string;
  /** How far each line is indented, in columns; see `KnownLines`. */
  readonly widths: Int16Array;
  readonly languageId: string;
  readonly kinds: TextKinds;
}

/** The lines of a head, both included. */
export interface Head {
  readonly first: number;
  readonly last: number;
}

const maxHeaderLines = 12;
const maxBlockLines = 2000;
/** Lines that continue a block, though they are at its edge. */
const clause = /^(case\b.*:|default:|when\b|rescue\b|ensure\b)/;
const directive = /^#\s*(if|ifdef|ifndef|else|elif|endif|define|undef|pragma|region|endregion)\b/;

/** Heads and blocks of a text, found by indentation and brackets. */
export class CodeBlocks {
  readonly #text: ScopedText;
  readonly #heads = new Map<number, Head>();
  /** How many brackets a line closes more than it opens, by line. */
  readonly #closed = new Map<number, number>();

  constructor(text: ScopedText) {
    this.#text = text;
  }

  /** The nearest line above that is indented less. */
  parentOf(line: number): number | undefined {
    const depth = this.#text.widths[line] ?? 0;
    for (let at = line - 1; at >= 0 && line - at < maxBlockLines; at--) {
      const width = this.#text.widths[at] ?? blankLine;
      if (width === blankLine || width >= depth) continue;
      const text = this.#text.lineAt(at);
      const isEdge = /^\s*(case\b|default\b|[A-Za-z_]\w*:$)/.test(text) && !/\{\s*$/.test(text);
      if (!directive.test(text) && !isEdge) return this.#openerOf(at, text);
    }
    return undefined;
  }

  /** The line that opens a block: if its bracket is alone on a line, the one above. */
  #openerOf(line: number, text: string): number {
    if (text.trim() !== '{') return line;
    let above = line - 1;
    while (above >= 0 && this.#text.widths[above] === blankLine) above--;
    return above < 0 ? line : above;
  }

  /** The lines of the head that contains a line: those that brackets join. */
  headOf(line: number): Head {
    const known = this.#heads.get(line);
    if (known) return known;
    const head = this.#findHead(line);
    this.#heads.set(line, head);
    return head;
  }

  #findHead(line: number): Head {
    const isPython = this.#text.languageId === 'python';
    // The content of a block is not part of the head that opens it.
    const ends = isPython ? /:\s*$/ : /[;{}]\s*$/;
    let first = line;
    for (let at = line - 1, depth = 0; at >= 0 && line - at <= maxHeaderLines; at--) {
      const text = this.#text.lineAt(at);
      depth += this.#closedOn(at);
      if (ends.test(text)) break;
      if (depth < 0) {
        first = at;
        depth = 0;
      }
    }
    let last = first;
    for (let at = first, depth = 0; at < this.#text.widths.length && at - first <= maxHeaderLines; at++) {
      depth -= this.#closedOn(at);
      last = at;
      if (depth <= 0) break;
    }
    return { first, last: Math.max(last, line) };
  }

  #closedOn(line: number): number {
    const known = this.#closed.get(line);
    if (known !== undefined) return known;
    const [opening, closing] = this.#text.languageId === 'python' ? ['([{', ')]}'] : ['([', ')]'];
    let closed = 0;
    for (const char of this.#text.lineAt(line)) {
      if (closing.includes(char)) closed++;
      else if (opening.includes(char)) closed--;
    }
    this.#closed.set(line, closed);
    return closed;
  }

  joined(first: number, last: number): string {
    let text = '';
    for (let line = first; line <= last; line++) text += ` ${this.#text.lineAt(line).trim()}`;
    return text.trim();
  }

  /** The line behind the block that a head on lines `first` to `last` opens; behind the head if it opens none. */
  blockEnd(first: number, last: number): number {
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
      if (directive.test(text) || (width === depth && clause.test(text))) continue;
      if (width === depth && (text.startsWith('{') || (!isOpen && /^[)\]>]/.test(text)))) continue;
      if (width === depth && isOpen && /^[)\]]/.test(text) && /[{:]$/.test(text)) continue;
      // C's labels and public: stand at the edge without ending the block.
      if (isOpen && /^[A-Za-z_]\w*:$/.test(text) && !text.startsWith('else') && !text.startsWith('default')) continue;
      if (!isOpen) return last + 1;
      return /^([)\]}]|end\b|fi\b|done\b|esac\b)/.test(text) ? line + 1 : line;
    }
    return isOpen ? this.#text.widths.length : last + 1;
  }

  /** The tokens of some lines, and the line of each. */
  tokensOf(first: number, last: number): [tokens: SolidToken[], lines: number[]] {
    const [tokens, lines]: [SolidToken[], number[]] = [[], []];
    for (let line = first; line <= last; line++) {
      for (const token of solidTokensOf(this.#text.lineAt(line))) {
        tokens.push(token);
        lines.push(line);
      }
    }
    return [tokens, lines];
  }
}
