/**
 * The first name that an object of a JSON text has twice; `JSON.parse` silently takes the last.
 * `text` is JSON that `JSON.parse` has accepted.
 */
export function duplicateKey(text: string): string | undefined {
  /** Names seen in each object that is open; undefined for an array. */
  const open: (Set<string> | undefined)[] = [];
  const token = /"(?:[^"\\]|\\.)*"(\s*:)?|[{}[\]]/gsu;
  for (let match = token.exec(text); match; match = token.exec(text)) {
    const [found, colon] = match;
    if (found === '{') open.push(new Set());
    else if (found === '[') open.push(undefined);
    else if (found === '}' || found === ']') open.pop();
    else if (colon !== undefined) {
      const key: unknown = JSON.parse(found.slice(0, found.length - colon.length));
      const names = open.at(-1);
      if (typeof key !== 'string' || !names) continue;
      if (names.has(key)) return key;
      names.add(key);
    }
  }
  return undefined;
}
