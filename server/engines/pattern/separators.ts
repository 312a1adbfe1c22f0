/** How many commas follow another one, with nothing but blanks between them. */
export function doubledCommas(lines: readonly string[]): number {
  return lines.reduce((count, line) => count + (line.match(/,(?=[ \t]*,)/g)?.length ?? 0), 0);
}
