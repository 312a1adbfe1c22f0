/** White space as Python's `str.strip` and `str.split` define it; JavaScript's `\s` differs in six characters. */
const space = '\\t\\n\\v\\f\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const leading = new RegExp(`^[${space}]+`, 'u');
const trailing = new RegExp(`[${space}]+$`, 'u');
const spaces = new RegExp(`[${space}]+`, 'u');

/** Python's `str.strip()`. */
export function pythonStrip(value: string): string {
  return value.replace(leading, '').replace(trailing, '');
}

/** Python's `str.split()`. */
export function pythonWords(value: string): string[] {
  return value.split(spaces).filter((word) => word !== '');
}

/** `len(line) - len(line.lstrip())`: the indentation of a line, in characters. */
export function pythonIndent(line: string): number {
  return leading.exec(line)?.[0].length ?? 0;
}
