const maxOrder = 6;
const beta = 2;

/**
 * How near a changed text came to the wanted one, 0 to 100: chrF (Popović 2015; orders 1 to 6, beta 2) of the lines that
 * each changed, between the first and the last that differ from `before`.
 */
export function deltaChrf(before: string, made: string, wanted: string): number {
  const lines = linesOf(before);
  return chrf(changedLines(lines, linesOf(made)), changedLines(lines, linesOf(wanted)));
}

function linesOf(text: string): string[] {
  return text.replace(/\n+$/, '').split('\n');
}

function changedLines(before: readonly string[], after: readonly string[]): string {
  const shorter = Math.min(before.length, after.length);
  let first = 0;
  while (first < shorter && before[first] === after[first]) first++;
  let last = 0;
  while (last < shorter - first && before.at(-1 - last) === after.at(-1 - last)) last++;
  return after.slice(first, after.length - last).join('\n');
}

function chrf(made: string, wanted: string): number {
  const scores: number[] = [];
  for (let order = 1; order <= maxOrder; order++) {
    const [ours, theirs] = [gramsOf([...made], order), gramsOf([...wanted], order)];
    if (ours.size === 0 && theirs.size === 0) continue;
    let common = 0;
    for (const [gram, count] of ours) common += Math.min(count, theirs.get(gram) ?? 0);
    const precision = ratio(common, total(ours));
    const recall = ratio(common, total(theirs));
    scores.push(ratio((1 + beta ** 2) * precision * recall, beta ** 2 * precision + recall));
  }
  return scores.length === 0 ? 100 : (100 * scores.reduce((sum, score) => sum + score, 0)) / scores.length;
}

function gramsOf(characters: readonly string[], order: number): Map<string, number> {
  const grams = new Map<string, number>();
  for (let i = 0; i + order <= characters.length; i++) {
    const gram = characters.slice(i, i + order).join('');
    grams.set(gram, (grams.get(gram) ?? 0) + 1);
  }
  return grams;
}

function total(grams: ReadonlyMap<string, number>): number {
  return [...grams.values()].reduce((sum, count) => sum + count, 0);
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
