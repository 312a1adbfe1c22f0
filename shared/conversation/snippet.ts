import { diffEdits, type LineHunk } from '../edits/diff.ts';
import { type LineRange, lineEndOf } from '../edits/lines.ts';
import type { OffsetEdit } from '../edits/offsetEdit.ts';

/** A document's text and its earlier ones, by the default of `history.maxSnapshots`, and a few more. */
const maxSnippets = 8;
const lastSnippets = new Map<string, Snippet>();

/**
 * A text as a model sees it: lines without their ends, split like the authors' `code.split('\n')`, so that a text with
 * a final line end has an empty last line.
 *
 * `\n` and `\r\n` end a line; `\r` alone does so only in a text without any `\n` (an old Macintosh file), otherwise it
 * is an ordinary character. The model always sees `\n`, and `editsFor` restores each line's own end.
 */
export class Snippet {
  /** The text as a snippet; cached for recent texts, because planning a prompt requests each many times. */
  static of(text: string): Snippet {
    const snippet = lastSnippets.get(text) ?? new Snippet(text);
    lastSnippets.delete(text);
    lastSnippets.set(text, snippet);
    const [oldest] = lastSnippets.keys();
    if (oldest !== undefined && lastSnippets.size > maxSnippets) lastSnippets.delete(oldest);
    return snippet;
  }

  readonly text: string;
  readonly lines: readonly string[];
  /** Offsets where the lines start. */
  readonly #starts: readonly number[];
  /** Each line's terminator; empty for the last line. */
  readonly #ends: readonly string[];

  constructor(text: string) {
    this.text = text;
    const lines: string[] = [];
    const starts: number[] = [0];
    const ends: string[] = [];
    const mark = !text.includes('\n') && text.includes('\r') ? '\r' : '\n';
    let from = 0;
    for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, from)) {
      const windows = mark === '\n' && at > from && text[at - 1] === '\r';
      lines.push(text.slice(from, windows ? at - 1 : at));
      ends.push(windows ? '\r\n' : mark);
      from = at + 1;
      starts.push(from);
    }
    lines.push(text.slice(from));
    ends.push('');
    this.lines = lines;
    this.#starts = starts;
    this.#ends = ends;
  }

  get lineCount(): number {
    return this.lines.length;
  }

  /** Where a line starts; the text's length for one after the last. */
  lineStart(line: number): number {
    return this.#starts[line] ?? this.text.length;
  }

  /** The text as a model sees it: lines joined by `\n`. */
  get normalized(): string {
    return this.lines.join('\n');
  }

  /** The line and the column of an offset; an offset inside a line end or a surrogate pair means its start. */
  placeOf(offset: number): { readonly line: number; readonly column: number } {
    let [low, high] = [0, this.lineCount];
    while (low + 1 < high) {
      const middle = (low + high) >>> 1;
      if (this.lineStart(middle) <= offset) low = middle;
      else high = middle;
    }
    const line = this.lines[low] ?? '';
    let column = Math.min(Math.max(0, offset - this.lineStart(low)), line.length);
    const code = line.charCodeAt(column);
    const before = line.charCodeAt(column - 1);
    if (code >= 0xdc00 && code <= 0xdfff && before >= 0xd800 && before <= 0xdbff) column--;
    return { line: low, column };
  }

  /** The lines that are shown: all of them without an excerpt. */
  shown(excerpt: LineRange | undefined): LineRange {
    if (!excerpt) return { first: 0, last: this.lineCount };
    const first = Math.min(Math.max(0, excerpt.first), this.lineCount);
    return { first, last: Math.min(Math.max(first, excerpt.last), this.lineCount) };
  }

  /**
   * `newLines` for lines `first` to `last`, at the text's end with a final line end only if the text has one: the model
   * does not decide that. An empty text allows both; a blank last line cannot be without.
   */
  withFinalLineEnd(first: number, last: number, newLines: readonly string[]): string[] {
    if (last < this.lineCount || this.text === '') return [...newLines];
    const lineAt = (back: number) => newLines.at(-back) ?? this.lines[first + newLines.length - back];
    const ends = lineAt(1) === '';
    if (this.lines.at(-1) === '') return ends ? [...newLines] : [...newLines, ''];
    return ends && lineAt(2) !== '' ? newLines.slice(0, -1) : [...newLines];
  }

  /**
   * The edits that replace lines `first` to `last` by `newLines`, as narrow as possible. A new line gets the terminator
   * of the line that it replaces, or the most frequent one. Sorted, neither overlapping nor touching.
   */
  editsFor(first: number, last: number, newLines: readonly string[]): OffsetEdit[] {
    let usual: string | undefined;
    const endOf = (line: number): string => {
      usual ??= lineEndOf(this.text);
      return (line < last && this.#ends[line]) || usual;
    };
    const atEnd = last >= this.lineCount;
    let start = this.lineStart(first);
    let after = newLines.map((line, i) => line + endOf(first + i)).join('');
    if (atEnd) {
      // The last line has no terminator: the line before it gives or gets one instead.
      const reachesBack = first > 0 && (first >= this.lineCount || newLines.length === 0);
      const ended = first > 0 ? (this.#ends[first - 1] ?? '') : '';
      if (reachesBack) start -= ended.length;
      const joined = newLines.map((line, i) => line + (i + 1 < newLines.length ? endOf(first + i) : '')).join('');
      after = reachesBack && newLines.length > 0 ? (ended || endOf(last)) + joined : joined;
    }
    const before = this.text.slice(start, this.lineStart(last));
    return diffEdits(before, after).map((edit) => ({ ...edit, start: edit.start + start, end: edit.end + start }));
  }

  /** The edits for several changed blocks, whose `newStart` and `newEnd` are indices into `newLines`. */
  editsForHunks(hunks: readonly LineHunk[], newLines: readonly string[]): OffsetEdit[] {
    return joinTouching(
      this.text,
      hunks.flatMap((hunk) => this.editsFor(hunk.start, hunk.end, newLines.slice(hunk.newStart, hunk.newEnd))),
    );
  }
}

/** Edits, sorted and not overlapping, with touching ones merged. */
export function joinTouching(text: string, edits: readonly OffsetEdit[]): OffsetEdit[] {
  const joined: OffsetEdit[] = [];
  for (const edit of edits) {
    const last = joined.at(-1);
    if (last && edit.start <= last.end) {
      joined[joined.length - 1] = { start: last.start, end: edit.end, newText: last.newText + edit.newText };
    } else {
      joined.push(edit);
    }
  }
  return joined.filter((edit) => text.slice(edit.start, edit.end) !== edit.newText);
}
