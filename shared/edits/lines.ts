/** A line with its terminator: `\r\n`, `\n` or `\r`. The last one may have none; an empty text has no lines. */
const linePattern = /[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+$/g;

/** Splits a text into lines that keep their terminators, so that joining them gives the text back. */
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
