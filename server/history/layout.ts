import { countBlocks, type Delta, type DeltaChange, narrowDelta, spansOf } from '../../shared/edits/delta.ts';

/** More white-space changes than this are not made by hand. */
const maxByHand = 50;

/**
 * Whether the delta is a formatter's work: white space only, in several blocks, in very many places, or at the ends of
 * lines. Indenting one block is an edit like any other. `after` is the text after the delta.
 */
export function isFormatting(delta: Delta, after: string): boolean {
  if (!delta.every(({ removed, inserted }) => solid(removed) === solid(inserted))) return false;
  if (delta.length > maxByHand || isTrailingSpaceOnly(delta, after)) return true;
  return countBlocks(spansOf(delta, 'after'), after) > 1;
}

function solid(text: string): string {
  return text.replace(/\s+/g, '');
}

/** Whether every change only removes blanks at the end of a line. */
function isTrailingSpaceOnly(delta: Delta, after: string): boolean {
  let shift = 0;
  return delta.every(({ start, removed, inserted }) => {
    if (inserted !== '' || !/^[ \t]+$/.test(removed)) return false;
    const next = after[start + shift];
    shift -= removed.length;
    return next === undefined || next === '\n' || next === '\r';
  });
}

/**
 * A change of white space only, split into one change per differing stretch, or undefined for any other change. A diff
 * by lines finds nothing finer than whole lines, and nothing at all once every line differs.
 */
export function layoutChanges({ start, removed, inserted }: DeltaChange): Delta | undefined {
  const changes: DeltaChange[] = [];
  let [i, j] = [0, 0];
  while (i < removed.length || j < inserted.length) {
    const [fromI, fromJ] = [i, j];
    i = skipSpace(removed, i);
    j = skipSpace(inserted, j);
    const [gone, come] = [removed.slice(fromI, i), inserted.slice(fromJ, j)];
    if (gone !== come) changes.push({ start: start + fromI, removed: gone, inserted: come });
    if (removed[i] !== inserted[j]) return undefined;
    i++;
    j++;
  }
  return narrowDelta(changes);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && /\s/.test(text.charAt(at))) at++;
  return at;
}
