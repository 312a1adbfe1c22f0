import type { ProtocolPosition } from '../protocol.ts';
import { fromUtf16Character, type PositionEncoding, toUtf16Character } from './encoding.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** The line starts behind the terminators in `text`, which begins at `offset`. */
export function lineStartsIn(text: string, offset: number): number[] {
  const starts: number[] = [];
  if (!text.includes('\r')) {
    // Searching for one character is several times faster than checking each.
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(offset + at + 1);
    return starts;
  }
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === carriageReturn && text.charCodeAt(at + 1) === lineFeed) at++;
    if (code === lineFeed || code === carriageReturn) starts.push(offset + at + 1);
  }
  return starts;
}

/**
 * The line that contains `offset`, given the line starts, the first at 0; the last line for an offset behind the text.
 */
export function lineAtOffset(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length];
  while (low + 1 < high) {
    const middle = (low + high) >>> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  return low;
}

/**
 * The line starts of a text, with lines as in LSP: `\n`, `\r\n` and `\r` end a line, and a text that ends with a
 * terminator has an empty last line. Lines count from 0, offsets are UTF-16 code units.
 */
export class LineIndex {
  readonly #starts: readonly number[];
  readonly text: string;

  constructor(text: string) {
    this.text = text;
    this.#starts = [0].concat(lineStartsIn(text, 0));
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** The offset at which `line` starts; the text's length for a line after the last. */
  lineStart(line: number): number {
    return line < 0 ? 0 : (this.#starts[line] ?? this.text.length);
  }

  /** The offset at which `line` ends, before its terminator. */
  lineEnd(line: number): number {
    const start = this.lineStart(line);
    let end = this.lineStart(line + 1);
    if (end > start && this.text.charCodeAt(end - 1) === lineFeed) end--;
    if (end > start && this.text.charCodeAt(end - 1) === carriageReturn) end--;
    return end;
  }

  /** `line` without its terminator; empty for a line after the last. */
  line(line: number): string {
    return this.text.slice(this.lineStart(line), this.lineEnd(line));
  }

  /** The line that holds `offset`; a terminator belongs to the line it ends. Clamped to the text. */
  lineAt(offset: number): number {
    return lineAtOffset(this.#starts, offset);
  }

  /** The LSP position of `offset`, clamped to the text, before a terminator and never inside a surrogate pair. */
  positionAt(offset: number, encoding: PositionEncoding = 'utf-16'): ProtocolPosition {
    const line = this.lineAt(offset);
    const character = fromUtf16Character(this.line(line), offset - this.lineStart(line), encoding);
    return { line, character };
  }

  /**
   * The offset of an LSP position. A character after the line's end means the line's end, a line after the last the
   * text's end (LSP 3.18, Position); one inside a code point means its start.
   */
  offsetAt(position: ProtocolPosition, encoding: PositionEncoding = 'utf-16'): number {
    if (position.line < 0) return 0;
    if (position.line >= this.lineCount) return this.text.length;
    const start = this.lineStart(position.line);
    return start + toUtf16Character(this.line(position.line), position.character, encoding);
  }
}
