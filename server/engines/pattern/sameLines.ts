/** Lines are looked for this far from where they would be if nothing had been inserted or deleted between. */
const reach = 16;
/** After so many lines without an equal one, texts have too little in common to look further than where a line should be. */
const maxMissed = 200;

/**
 * For each of `lines` the index of an equal line in an earlier text, -1 where none is found; the lines between edits
 * are found in any number of places, as long as each inserts or deletes only some lines.
 */
export function sameLines(lines: readonly string[], earlier: readonly string[]): Int32Array {
  const found = new Int32Array(lines.length).fill(-1);
  const shorter = Math.min(lines.length, earlier.length);
  const shift = earlier.length - lines.length;
  let above = 0;
  while (above < shorter && lines[above] === earlier[above]) above++;
  let end = lines.length;
  while (end > above && end + shift > above && lines[end - 1] === earlier[end - 1 + shift]) end--;
  for (let line = 0; line < above; line++) found[line] = line;
  for (let line = end; line < lines.length; line++) found[line] = line + shift;
  let expected = above;
  let missed = 0;
  for (let line = above; line < end; line++) {
    const text = lines[line] ?? '';
    const at = text === earlier[expected] ? expected : nearest(text, earlier, expected, missed < maxMissed ? reach : 0);
    if (at >= 0) expected = at;
    else missed++;
    found[line] = at;
    expected++;
  }
  return found;
}

/** The equal line nearest to the expected one, which is not equal; -1 for none. */
function nearest(line: string, earlier: readonly string[], expected: number, farthest: number): number {
  for (let away = 1; away <= farthest; away++) {
    if (earlier[expected + away] === line) return expected + away;
    if (earlier[expected - away] === line) return expected - away;
  }
  return -1;
}
