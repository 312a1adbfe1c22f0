import { checkEdits } from '../edits/apply.ts';
import type { OffsetEdit } from '../edits/offsetEdit.ts';
import type { ProtocolPosition } from '../protocol.ts';
import { fromUtf16Character, type PositionEncoding, toUtf16Character } from './encoding.ts';
import { lineStartsIn } from './lineIndex.ts';

/** An edit no farther than this from the last ones, in UTF-16 code units, joins them. */
const reach = 4096;
/** How much the part that is being edited may hold before the whole text is put together again. */
const maxMiddle = 16 * 1024;

/**
 * A document's text while it is edited. What was edited last is kept apart from the text before and behind it, so that a
 * keystroke costs nothing that grows with the text but moving the line starts; a plain string is copied whole each time.
 * Offsets are UTF-16 code units; lines count from 0 and end as LSP has it (`\n`, `\r\n`, `\r`).
 */
export class TextBuffer {
  /** The text is `base` with `from` to `to` replaced by `middle`. */
  #base: string;
  #from = 0;
  #to = 0;
  #middle = '';
  #whole: string | undefined;
  #starts: number[];

  constructor(text: string) {
    this.#base = text;
    this.#starts = [0].concat(lineStartsIn(text, 0));
  }

  get length(): number {
    return this.#base.length - (this.#to - this.#from) + this.#middle.length;
  }

  get lineCount(): number {
    return this.#starts.length;
  }

  /** The whole text. Cheap, but the first to read characters of it pays for a copy. */
  getText(): string {
    this.#whole ??=
      this.#from === this.#to && this.#middle === ''
        ? this.#base
        : this.#base.slice(0, this.#from) + this.#middle + this.#base.slice(this.#to);
    return this.#whole;
  }

  /** Part of the text, as `String.prototype.slice` for offsets that are not negative. */
  slice(start: number, end: number): string {
    const middleEnd = this.#from + this.#middle.length;
    const shift = this.#to - middleEnd;
    if (end <= this.#from) return this.#base.slice(start, end);
    if (start >= middleEnd) return this.#base.slice(start + shift, Math.max(start, end) + shift);
    const before = start < this.#from ? this.#base.slice(start, this.#from) : '';
    const within = this.#middle.slice(Math.max(0, start - this.#from), Math.max(0, end - this.#from));
    return end > middleEnd ? before + within + this.#base.slice(this.#to, end + shift) : before + within;
  }

  /** Applies one edit. Throws a RangeError, with nothing changed, when it is reversed or out of bounds. */
  edit(edit: OffsetEdit): void {
    checkEdits(this.length, [edit]);
    const { start, end, newText } = edit;
    // At a line's start a line feed might join the carriage return before it.
    const startLine = this.lineAt(start);
    const firstLine = startLine > 0 && this.lineStart(startLine) === start ? startLine - 1 : startLine;
    const lastLine = this.lineAt(end);
    this.#replace(start, end, newText);
    this.#whole = undefined;
    this.#moveLines(firstLine, lastLine, newText.length - (end - start));
  }

  /** The offset at which `line` starts; the text's length for a line after the last. */
  lineStart(line: number): number {
    return line < 0 ? 0 : (this.#starts[line] ?? this.length);
  }

  /** `line` without its terminator; empty for a line that there is not. */
  line(line: number): string {
    return this.slice(this.lineStart(line), this.lineStart(line + 1)).replace(/(?:\r\n|\n|\r)$/, '');
  }

  /** The line that holds `offset`; a terminator belongs to the line it ends. Clamped to the text. */
  lineAt(offset: number): number {
    let [low, high] = [0, this.#starts.length];
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return low;
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

  #replace(start: number, end: number, newText: string): void {
    const middleEnd = this.#from + this.#middle.length;
    const isNear = start >= this.#from - reach && end <= middleEnd + reach;
    if (!isNear || this.#middle.length + newText.length > maxMiddle) {
      this.#base = this.getText();
      [this.#from, this.#to, this.#middle] = [start, end, newText];
      return;
    }
    if (start < this.#from) {
      this.#middle = this.#base.slice(start, this.#from) + this.#middle;
      this.#from = start;
    }
    if (end > middleEnd) {
      this.#middle += this.#base.slice(this.#to, this.#to + end - middleEnd);
      this.#to += end - middleEnd;
    }
    this.#middle = this.#middle.slice(0, start - this.#from) + newText + this.#middle.slice(end - this.#from);
  }

  /** Finds the lines again from `firstLine` to `lastLine`, counted before the edit, and moves those behind them. */
  #moveLines(firstLine: number, lastLine: number, shift: number): void {
    const starts = this.#starts;
    const start = starts[firstLine] ?? 0;
    const oldEnd = starts[lastLine + 1];
    const end = oldEnd === undefined ? this.length : oldEnd + shift;
    const found = lineStartsIn(this.slice(start, end), start);
    // The last one is where the line behind starts, which is moved with those that follow.
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
