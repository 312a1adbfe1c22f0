import { balance, quoteLeftOpen } from './brackets.ts';
import { linesWith } from './codeNames.ts';
import { isWord, words } from './lexer.ts';
import type { Scene } from './scene.ts';
import { type TypedLine, typedLine, wordBefore } from './typedLine.ts';
import { wholeness } from './wholeWord.ts';

/** A word at the cursor counts as complete if it is at least this share of the known words with this beginning. */
const leastWholeness = 0.05;
/** Shorter words are everywhere, and show nothing about each other. */
const leastKnownLength = 3;
/** The first of two words that are written together has at least so many letters. */
const leastFirstLength = 4;

/**
 * Whether the text being typed at the cursor, in the newest change, is incomplete: in a word that is likely half of
 * another one, behind a mark that needs a continuation, in a gap left by a deletion, before words that still need a
 * space or line break, or with brackets or quotes still open. There is nothing to learn from it yet.
 */
export function isUnfinished(scene: Scene): boolean {
  const typed = typedLine(scene);
  if (!typed) return false;
  const { latest, languageId } = scene;
  const { line, old, column } = typed;
  if (line === old || column > line.length) return false;
  if (isGlued(scene, typed) || isPushedOn(typed) || isGap(typed)) return true;
  if (isWord(line[column - 1])) {
    if (isHalfWord(scene, typed)) return true;
  } else if (!old.startsWith(line.slice(0, column)) && !old.endsWith(line.slice(column - 1))) {
    // The text before the cursor is what was typed.
    // In Vim's normal mode, the cursor is on the last bracket of a call without arguments.
    const isEmptyCall = /(\(\)|\[\]|\{\})$/.test(line) && column === line.length - 1;
    if (/[([{.=:]$/.test(line.slice(0, column)) && !isEmptyCall) return true;
    if (/[,\s]$/.test(line.slice(0, column)) && line.slice(column).trim() !== '' && !isPutIn(typed)) return true;
  }
  return opens(latest.newLines, languageId) !== opens(latest.oldLines, languageId);
}

/** Whether the word that ends at the cursor is likely half of another one, and is nowhere else; false for no word. */
export function endsInHalfWord(scene: Scene): boolean {
  const { text, cursorOffset } = scene;
  const word = wordBefore(scene);
  return word !== '' && !isWord(text[cursorOffset]) && isHalf(scene, word, word) && linesWith(scene, word).length < 2;
}

function isHalfWord(scene: Scene, { line, old, column }: TypedLine): boolean {
  let start = column;
  while (start > 0 && isWord(line[start - 1])) start--;
  let end = column;
  while (end < line.length && isWord(line[end])) end++;
  const word = line.slice(start, end);
  // In Vim's normal mode, the cursor is on the last letter.
  const typed = end - column === 1 ? word : line.slice(start, column);
  return !words(old).includes(word) && isHalf(scene, typed, word);
}

/** Whether the line is unchanged except for the text before the cursor, and all of that was inserted. */
function isPutIn({ line, old, column }: TypedLine): boolean {
  return old === line.slice(0, Math.max(0, column - (line.length - old.length))) + line.slice(column);
}

/** `typed`: the part of a word that has just been typed. */
function isHalf(scene: Scene, typed: string, word: string): boolean {
  if (typed.length > 1 && typed === word && /[_$]$/.test(typed)) return true;
  const share = wholeness(typed);
  if (share >= leastWholeness || (share < 0 && !endsInHalfPart(typed))) return false;
  // A name that is also elsewhere is complete.
  return word.length < leastKnownLength || linesWith(scene, word).length < 2;
}

/** Whether a name that starts no known word is a known word joined with half of another: `workdi`, `nullp`. */
function endsInHalfPart(name: string): boolean {
  for (let rest = 1; rest <= 2; rest++) {
    if (name.length - rest >= leastFirstLength && wholeness(name.slice(0, -rest)) >= leastWholeness)
      return wholeness(name.slice(-rest)) < leastWholeness;
  }
  return false;
}

/** Whether letters typed right before a word made a word that is neither in the file nor known. */
function isGlued(scene: Scene, { line, old, column }: TypedLine): boolean {
  const [head, tail] = [line.slice(0, column), line.slice(column)];
  const follows = /^[\p{Ll}\d]/u.test(tail) && old.endsWith(tail) && !isWord(old.at(-1 - tail.length));
  // `user` became `current_user`: the mark shows that it is intended.
  if (!follows || !/[\p{L}\d]$/u.test(head)) return false;
  const word = `${/[\p{L}\p{N}_$]*$/u.exec(head)?.[0] ?? ''}${/^[\p{L}\p{N}_$]*/u.exec(tail)?.[0] ?? ''}`;
  return wholeness(word) < leastWholeness && linesWith(scene, word).length < 2;
}

/**
 * Whether what was typed is in front of the whole unchanged line, separated by its former indentation, or is
 * half of a mark that makes the line a comment.
 */
function isPushedOn({ line, old, column }: TypedLine): boolean {
  const [head, tail] = [line.slice(0, column), line.slice(column)];
  if (head.trim() === '' || old.trim() === '' || !/\S$/.test(head)) return false;
  if (/^\s*(\/|-|<!-?)$/.test(head) && tail.trim() === old.trim()) return true;
  return /^\s\s/.test(tail) && tail.trim() === old.trim();
}

/** Whether something is missing between the two sides of the cursor: `x = ;`, `f(a, )`, `-> :`, `1.` before a quote. */
function isGap({ line, old, column }: TypedLine): boolean {
  const [head, tail] = [line.slice(0, column), line.slice(column)];
  if (head.trim() === '' || !old.endsWith(tail) || old.startsWith(head + tail)) return false;
  const closes = /^\s*[)\]},;:]/.test(tail);
  if (/[^\s([{]\s+$/.test(head) && (closes || /^\s/.test(tail))) return tail.trim() !== '';
  if (/\b-$/.test(head) && /^\s/.test(tail)) return true;
  if (/[([{]$/.test(head)) return /^\s+\S/.test(tail);
  if (/[=|&+*/%<:.@#!?~^-]\s*$/.test(head) && !/(\+\+|--|\*\/|\/>|=>|[%)\]}*]:)\s*$/.test(head))
    return closes || /^["'`]\s*[)\]},;]*\s*$/.test(tail);
  return false;
}

/** How many brackets lines leave open, and which quote. */
function opens(lines: readonly string[], languageId: string): string {
  const text = lines.join('');
  return `${balance(text)} ${lines.map((line) => quoteLeftOpen(line, languageId)).join('')}`;
}
