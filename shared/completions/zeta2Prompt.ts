import { narrowEdit } from '../edits/diff.ts';
import { readPatches } from './fileChanges.ts';
import { partAt, partAtLast } from './parts.ts';
import type { ServedPrompt } from './servedPrompt.ts';

const cursorMark = '<|user_cursor|>';
const suffixMark = '<[fim-suffix]>';
const prefixMark = '<[fim-prefix]>';
const middleMark = '<[fim-middle]>';
const fileMark = '<filename>';
const historyName = 'edit_history';
const regionStart = '<<<<<<< CURRENT\n';
const regionEnd = '=======\n';
const marker = /<\|marker_(\d+)\|>/g;

/**
 * Reads a prompt for Zeta 2 or 2.1 (zed-industries/zeta-2), as Zed and cursortab.nvim write it; undefined for any
 * other. It begins with the text behind the region; related files and the edit history come before the file itself.
 */
export function readZeta2(prompt: string): ServedPrompt | undefined {
  if (!prompt.startsWith(suffixMark) || !prompt.trimEnd().endsWith(middleMark)) return undefined;
  const [body] = partAtLast(prompt, middleMark) ?? [];
  const [behind, files] = partAtLast((body ?? '').slice(suffixMark.length), prefixMark) ?? [];
  const [others, file] = partAtLast(`\n${files ?? ''}`, `\n${fileMark}`) ?? [];
  const [path, shown] = partAt(file ?? '', '\n') ?? [];
  if (behind === undefined || others === undefined || path === undefined || shown === undefined) return undefined;
  const [, history = ''] = partAtLast(`${others}\n`, `\n${fileMark}${historyName}\n`) ?? [];
  const known = { path, after: behind, changes: readPatches(history) };
  return readWholeRegion(shown, known) ?? readMarkedRegion(shown, known);
}

type Known = Pick<ServedPrompt, 'path' | 'after' | 'changes'>;

/** Zeta 2: the region is between the marks of a merge conflict, and the answer is the whole region. */
function readWholeRegion(shown: string, known: Known): ServedPrompt | undefined {
  if (!shown.endsWith(regionEnd)) return undefined;
  const [before, marked] = partAtLast(shown.slice(0, -regionEnd.length), regionStart) ?? [];
  const [beforeCursor, afterCursor] = partAt(marked ?? '', cursorMark) ?? [];
  if (before === undefined || beforeCursor === undefined || afterCursor === undefined) return undefined;
  const region = beforeCursor + afterCursor;
  // A region without a final line end got one; if the text behind the region begins with one, it is the same.
  const isAdded = region.endsWith('\n') && known.after.startsWith('\n');
  return {
    ...known,
    format: 'zeta2',
    before,
    region: isAdded ? region.slice(0, -1) : region,
    cursor: Math.min(beforeCursor.length, region.length - (isAdded ? 1 : 0)),
    // An empty answer means no prediction; a line end alone would be an empty line in an empty file.
    answer: (newRegion) => (newRegion === '' || newRegion.endsWith('\n') ? newRegion : `${newRegion}\n`),
  };
}

/** Zeta 2.1: numbered markers divide the region, and the answer is the new text between two of them. */
function readMarkedRegion(shown: string, known: Known): ServedPrompt | undefined {
  const markers = [...shown.matchAll(marker)];
  const [first, last] = [markers[0], markers.at(-1)];
  if (!first || !last || first === last) return undefined;
  const numbers = markers.map(([, number]) => Number(number));
  if (numbers.some((number, i) => number !== i + 1)) return undefined;
  /** The markers' places in the region without markers and cursor. */
  const offsets: number[] = [];
  let [region, cursor] = ['', -1];
  for (const [i, { index, 0: mark }] of markers.entries()) {
    offsets.push(region.length);
    const block = shown.slice(index + mark.length, markers[i + 1]?.index ?? index + mark.length);
    const [beforeCursor, afterCursor] = partAt(block, cursorMark) ?? [block, ''];
    if (beforeCursor !== block) cursor = region.length + beforeCursor.length;
    region += beforeCursor + afterCursor;
  }
  if (cursor < 0) return undefined;
  return {
    ...known,
    format: 'zeta2.1',
    before: shown.slice(0, first.index),
    region,
    // If nothing follows the region, a line end is added all the same.
    after: known.after === '\n' && region.endsWith('\n') ? '' : known.after,
    cursor,
    answer: (newRegion) => betweenMarkers(region, offsets, newRegion),
  };
}

/**
 * The new text between the nearest markers around the change; without a change, one marker twice with nothing between.
 */
function betweenMarkers(region: string, offsets: readonly number[], newRegion: string): string {
  const tag = (i: number) => `<|marker_${i + 1}|>`;
  if (newRegion === region) return tag(0) + tag(0);
  const edit = narrowEdit(region, { start: 0, end: region.length, newText: newRegion });
  const lastStart = offsets.length - 2;
  const start = Math.min(
    offsets.findLastIndex((offset) => offset <= edit.start),
    lastStart,
  );
  const found = offsets.findIndex((offset) => offset >= edit.end);
  const end = Math.max(found < 0 ? offsets.length - 1 : found, start + 1);
  const newEnd = newRegion.length - (region.length - (offsets[end] ?? region.length));
  const tags = Array.from({ length: end - start }, (_, i) => tag(start + 1 + i));
  return tag(start) + newRegion.slice(offsets[start], newEnd) + tags.join('');
}
