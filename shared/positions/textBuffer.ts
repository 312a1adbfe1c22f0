import { checkEdits } from '../edits/apply.ts';
import type { OffsetEdit } from '../edits/offsetEdit.ts';
import type { ProtocolPosition } from '../protocol.ts';
import { exactUtf16Character, fromUtf16Character, type PositionEncoding, toUtf16Character } from './encoding.ts';
import { lineAtOffset, lineStartsIn } from './lineIndex.ts';

/** The length of the pieces of the text, in UTF-16 code units; a piece may grow to twice that before it is split. */
const pieceLength = 8 * 1024;

/**
 * A document's text while it is edited, stored in pieces: an edit rebuilds only the pieces that it touches, so that the
 * only cost of a keystroke that grows with the text is moving the line starts. A plain string is copied whole each
 * time. Offsets are UTF-16 code units; lines count from 0 and end as in LSP (`\n`, `\r\n`, `\r`).
 */
export class TextBuffer {
  readonly #pieces: string[];
  #length: number;
  #whole: string | undefined;
  #starts: number[];

  constructor(text: string) {
    this.#pieces = cut(text);
    this.#length = text.length;
    this.#whole = text;
    this.#starts = [0].concat(lineStartsIn(text, 0));
  }

  get length(): number {
    return this.#length;
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** The whole text. Cheap, but the first read of its characters costs a copy. */
  getText(): string {
    if (this.#whole === undefined) {
      let whole = '';
      for (const piece of this.#pieces) whole += piece;
      this.#whole = whole;
    }
    return this.#whole;
  }

  /** Part of the text, as `String.prototype.slice` for offsets that are not negative. */
  slice(start: number, end: number): string {
    let result = '';
    let at = 0;
    for (const piece of this.#pieces) {
      if (at >= end) break;
      if (at + piece.length > start) result += piece.slice(Math.max(0, start - at), end - at);
      at += piece.length;
    }
    return result;
  }

  /** Applies one edit. Throws a RangeError, with nothing changed, when it is reversed or out of bounds. */
  edit(edit: OffsetEdit): void {
    checkEdits(this.#length, [edit]);
    const { start, end, newText } = edit;
    // At a line's start a line feed might join the carriage return before it.
    const startLine = this.lineAt(start);
    const firstLine = startLine > 0 && this.lineStart(startLine) === start ? startLine - 1 : startLine;
    const lastLine = this.lineAt(end);
    this.#replace(start, end, newText);
    this.#length += newText.length - (end - start);
    this.#whole = undefined;
    this.#moveLines(firstLine, lastLine, newText.length - (end - start));
  }

  /** The offset at which `line` starts; the text's length for a line after the last. */
  lineStart(line: number): number {
    return line < 0 ? 0 : (this.#starts[line] ?? this.length);
  }

  /** `line` without its terminator; empty if there is no such line. */
  line(line: number): string {
    return this.slice(this.lineStart(line), this.lineStart(line + 1)).replace(/(?:\r\n|\n|\r)$/, '');
  }

  /** The line that holds `offset`; a terminator belongs to the line it ends. Clamped to the text. */
  lineAt(offset: number): number {
    return lineAtOffset(this.#starts, offset);
  }

  /** The LSP position of `offset`, clamped as `LineIndex.positionAt` does. */
  positionAt(offset: number, encoding: PositionEncoding = 'utf-16'): ProtocolPosition {
    const line = this.lineAt(offset);
    return { line, character: fromUtf16Character(this.line(line), offset - this.lineStart(line), encoding) };
  }

  /** The offset of an LSP position, clamped as `LineIndex.offsetAt` does. */
  offsetAt(position: ProtocolPosition, encoding: PositionEncoding = 'utf-16'): number {
    if (position.line < 0) return 0;
    if (position.line >= this.lineCount) return this.length;
    const character = toUtf16Character(this.line(position.line), position.character, encoding);
    return this.lineStart(position.line) + character;
  }

  /**
   * The exact offset of an LSP position. A character after the line's end means the line's end, a line after the last
   * the text's end; undefined for a position inside a UTF-8 sequence.
   */
  exactOffsetAt(position: ProtocolPosition, encoding: PositionEncoding): number | undefined {
    if (position.line >= this.lineCount) return this.length;
    const character = exactUtf16Character(this.line(position.line), position.character, encoding);
    return character === undefined ? undefined : this.lineStart(position.line) + character;
  }

  #replace(start: number, end: number, newText: string): void {
    const pieces = this.#pieces;
    let [first, at] = [0, 0];
    for (; first < pieces.length - 1 && at + lengthOf(pieces[first]) < start; first++) at += lengthOf(pieces[first]);
    let [last, lastAt] = [first, at];
    for (; last < pieces.length - 1 && lastAt + lengthOf(pieces[last]) < end; last++) lastAt += lengthOf(pieces[last]);
    let made = (pieces[first] ?? '').slice(0, start - at) + newText + (pieces[last] ?? '').slice(end - lastAt);
    // The rest of a piece is joined with the next one, so that deletions leave no series of small pieces.
    const next = pieces[last + 1];
    if (next !== undefined && made.length + next.length < pieceLength) {
      made += next;
      last++;
    }
    const count = last - first + 1;
    if (made.length <= 2 * pieceLength) pieces.splice(first, count, made);
    else pieces.splice(first, pieces.length, ...cut(made).concat(pieces.slice(first + count)));
  }

  /** Recomputes the lines from `firstLine` to `lastLine`, counted before the edit, and moves those behind them. */
  #moveLines(firstLine: number, lastLine: number, shift: number): void {
    const starts = this.#starts;
    const start = starts[firstLine] ?? 0;
    const oldEnd = starts[lastLine + 1];
    const end = oldEnd === undefined ? this.length : oldEnd + shift;
    const found = lineStartsIn(this.slice(start, end), start);
    // The last one is the start of the line behind, which is moved with the following lines.
    if (oldEnd !== undefined) found.pop();
    if (found.length !== lastLine - firstLine) {
      this.#starts = starts.slice(0, firstLine + 1).concat(found, starts.slice(lastLine + 1));
    } else {
      for (const [i, at] of found.entries()) starts[firstLine + 1 + i] = at;
    }
    if (shift === 0) return;
    const moved = this.#starts;
    for (let line = firstLine + 1 + found.length; line < moved.length; line++) moved[line] = (moved[line] ?? 0) + shift;
  }
}

/** At least one piece, which is empty for an empty text. */
function cut(text: string): string[] {
  const pieces: string[] = [];
  for (let at = 0; at < text.length; at += pieceLength) pieces.push(text.slice(at, at + pieceLength));
  return pieces.length > 0 ? pieces : [''];
}

function lengthOf(piece: string | undefined): number {
  return piece?.length ?? 0;
}
