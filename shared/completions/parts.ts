/** Splits a text at its first `mark`; undefined without one. */
export function partAt(text: string, mark: string): [before: string, after: string] | undefined {
  const at = text.indexOf(mark);
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + mark.length)];
}

/** Splits a text at its last `mark`; undefined without one. */
export function partAtLast(text: string, mark: string): [before: string, after: string] | undefined {
  const at = text.lastIndexOf(mark);
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + mark.length)];
}
