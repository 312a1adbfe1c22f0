import { isHighSurrogate, isLowSurrogate } from '../edits/lines.ts';

/** The unit in which LSP counts a line's characters: UTF-16 code units, or bytes of its UTF-8 form. */
export type PositionEncoding = 'utf-16' | 'utf-8';

/** Whether offset `at` of `line` lies between the two halves of a surrogate pair. */
function insidePair(line: string, at: number): boolean {
  return isHighSurrogate(line.charCodeAt(at - 1)) && isLowSurrogate(line.charCodeAt(at));
}

/** Bytes of the code point at `at`; a lone surrogate is encoded as U+FFFD. */
function utf8Length(codePoint: number): number {
  if (codePoint < 0x80) return 1;
  if (codePoint < 0x800) return 2;
  return codePoint < 0x10000 ? 3 : 4;
}

/**
 * An LSP character of `line` (without its terminator) as UTF-16 offset in the line: clamped to the line's length, and
 * to the start of the code point that contains it.
 */
export function toUtf16Character(line: string, character: number, encoding: PositionEncoding): number {
  if (!(character > 0)) return 0;
  if (encoding === 'utf-16') {
    const at = Math.min(Math.floor(character), line.length);
    return insidePair(line, at) ? at - 1 : at;
  }
  let bytes = 0;
  let at = 0;
  while (at < line.length) {
    const codePoint = line.codePointAt(at) ?? 0;
    bytes += utf8Length(codePoint);
    if (bytes > character) return at;
    at += codePoint > 0xffff ? 2 : 1;
  }
  return at;
}

/**
 * Like `toUtf16Character`, but exact: a character inside a surrogate pair stays as it is, and one inside a UTF-8
 * sequence gives undefined, because no UTF-16 offset corresponds to it.
 */
export function exactUtf16Character(line: string, character: number, encoding: PositionEncoding): number | undefined {
  if (encoding === 'utf-16') return Math.min(character, line.length);
  const at = toUtf16Character(line, character, encoding);
  return at === line.length || fromUtf16Character(line, at, encoding) === character ? at : undefined;
}

/** The reverse of `toUtf16Character`, clamped in the same way. */
export function fromUtf16Character(line: string, character: number, encoding: PositionEncoding): number {
  const end = toUtf16Character(line, character, 'utf-16');
  if (encoding === 'utf-16') return end;
  let bytes = 0;
  for (let at = 0; at < end; ) {
    const codePoint = line.codePointAt(at) ?? 0;
    bytes += utf8Length(codePoint);
    at += codePoint > 0xffff ? 2 : 1;
  }
  return bytes;
}
