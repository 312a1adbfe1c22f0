import { balance, quotesOpen } from './brackets.ts';
import { isWord, words } from './lexer.ts';
import { linesWith } from './names.ts';
import type { Scene } from './scene.ts';
import { wholeness } from './wholeWord.ts';

/** Of the words that begin so, at least this share has to be whole, for one at the cursor to be taken for whole. */
const leastWholeness = 0.05;
/** Shorter words stand everywhere, and say nothing about each other. */
const leastKnownLength = 3;

/**
 * Whether what is being typed at the cursor, in the newest change, breaks off: in a word that is likely half of another
 * one, behind a mark that something follows, or with brackets or quotes still open. Nothing is to be learnt from it yet.
 */
export function isUnfinished(scene: Scene): boolean {
  const { text, cursorOffset, cursorLine, latest, lines, lineStarts } = scene;
  if (cursorLine < latest.start || cursorLine >= latest.end) return false;
  const line = lines[cursorLine] ?? '';
  const column = cursorOffset - (lineStarts[cursorLine] ?? 0);
  const old =
    latest.oldLines.length === latest.newLines.length ? (latest.oldLines[cursorLine - latest.start] ?? '') : '';
  if (line === old || column > line.length) return false;
  if (isWord(text[cursorOffset - 1])) return isHalfWord(scene, line, column, old);
  // What stands before the cursor has to be what was typed.
  if (!old.startsWith(line.slice(0, column)) && !old.endsWith(line.slice(column - 1))) {
    if (/[([{.=:]$/.test(line.slice(0, column))) return true;
    if (/[,\s]$/.test(line.slice(0, column)) && line.slice(column).trim() !== '') return true;
  }
  return opens(latest.newLines) !== opens(latest.oldLines);
}

function isHalfWord(scene: Scene, line: string, column: number, old: string): boolean {
  let start = column;
  while (start > 0 && isWord(line[start - 1])) start--;
  let end = column;
  while (end < line.length && isWord(line[end])) end++;
  const word = line.slice(start, end);
  // Out of its insert mode, Vim's cursor stands on the last letter.
  const typed = end - column === 1 ? word : line.slice(start, column);
  if (words(old).includes(word)) return false;
  if (typed.length > 1 && /[_$]$/.test(typed)) return true;
  const share = wholeness(typed);
  if (share < 0 || share >= leastWholeness) return false;
  // A name that stands elsewhere is whole.
  return word.length < leastKnownLength || linesWith(scene, word).length < 2;
}

/** How many brackets lines leave open, and whether a quote. */
function opens(lines: readonly string[]): string {
  const text = lines.join('');
  return `${balance(text)} ${quotesOpen(text)}`;
}
