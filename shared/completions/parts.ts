/** Parts a text at the first of its `mark`s; undefined where it has none. */
export function partAt(text: string, mark: string): [before: string, after: string] | undefined {
  const at = text.indexOf(mark);
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + mark.length)];
}

/** The same at the last of them. */
export function partAtLast(text: string, mark: string): [before: string, after: string] | undefined {
  const at = text.lastIndexOf(mark);
  return at < 0 ? undefined : [text.slice(0, at), text.slice(at + mark.length)];
}
