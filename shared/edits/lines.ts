/** A line with its terminator: `\r\n`, `\n` or `\r`. The last one may have none; an empty text has no lines. */
const linePattern = /[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g;

/** Splits a text into lines that keep their terminators, so that joining them restores the text. */
export function splitLines(text: string): string[] {
  return text.match(linePattern) ?? [];
}

/** A line without its terminator. */
export function stripTerminator(line: string): string {
  if (line.endsWith('\r\n')) return line.slice(0, -2);
  return line.endsWith('\n') || line.endsWith('\r') ? line.slice(0, -1) : line;
}

/** Whether cutting `text` at `offset` would separate a surrogate pair or a `\r\n`. */
export function splitsCharacter(text: string, offset: number): boolean {
  if (offset <= 0 || offset >= text.length) return false;
  const before = text.charCodeAt(offset - 1);
  const after = text.charCodeAt(offset);
  return (before === 0x0d && after === 0x0a) || (isHighSurrogate(before) && isLowSurrogate(after));
}

export function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

export function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** The line terminators of LSP (3.18, "Text Documents"). */
export type LineEnd = '\n' | '\r\n' | '\r';

/**
 * The terminator for lines added to `text`: the most frequent one in it, `\n` if `\n` and `\r\n` are equally frequent.
 * Not the neighbouring line's: a single wrong one would be copied to every line added there. A `\r` alone counts only
 * in a text without any `\n` (an old Macintosh file); otherwise it is a character in a line.
 */
export function lineEndOf(text: string): LineEnd {
  if (!text.includes('\r')) return '\n';
  let [unix, windows] = [0, 0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text[at - 1] === '\r') windows++;
    else unix++;
  }
  if (unix + windows === 0) return '\r';
  return windows > unix ? '\r\n' : '\n';
}

/** Lines of a text, half-open, counted from 0. */
export interface LineRange {
  readonly first: number;
  readonly last: number;
}

/** How long lines without terminators are, in UTF-16 code units, with a terminator of one for each. */
export function lengthOfLines(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

/** Lines as a text, each with its end. */
export function endedLines(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}

export function isNotBlank(line: string): boolean {
  return line.trim() !== '';
}

/** How far a line is indented, in UTF-16 code units. */
export function indentWidth(line: string): number {
  return line.length - line.trimStart().length;
}

/** Whether a line says something by itself: a brace or a blank line does not. */
export function saysSomething(line: string): boolean {
  return /[\p{L}\p{N}]/u.test(line);
}
