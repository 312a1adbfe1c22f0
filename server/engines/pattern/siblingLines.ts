import { isName } from './codeNames.ts';
import { indentOf, tokenize } from './lexer.ts';
import { type Fit, fitHead } from './partialLine.ts';
import type { Scene } from './scene.ts';
import { diffTokens, similarity } from './tokenAlignment.ts';
import { WordPairs } from './wordPairs.ts';

/** A line similar to the one that is being typed. */
export interface SiblingLine {
  readonly line: number;
  /** Without indentation. */
  readonly text: string;
  readonly fit: Fit;
  /** Whether it begins with exactly what was typed. */
  readonly exact: boolean;
  /** Whether it is in the same run of lines: same indentation, similar lines up to the cursor. */
  readonly near: boolean;
  /** How alike the line above it and the line above the cursor are, 0 to 1. */
  readonly context: number;
}

const linesAbove = 400;
const linesBelow = 200;
const maxEach = 6;
/** Of lines that begin with the same word, at most this many are compared. */
const maxTries = 24;
const maxLength = 300;
const minLikeness = 0.45;
const minContext = 0.4;
const maxRun = 4;

/** Lines that `head` may become similar to, nearest first, those above before those below. */
export function siblingLines(scene: Scene, head: string): SiblingLine[] {
  const { lines, cursorLine } = scene;
  const indent = indentOf(head);
  const typed = head.trimStart();
  const first = tokenize(typed)[0] ?? '';
  const run = runAround(scene, indent, typed.trimEnd() === '');
  const counts = { exact: 0, shape: 0, tries: 0 };
  const found: SiblingLine[] = [];
  const look = (line: number) => {
    const whole = lines[line] ?? '';
    if (whole.length > maxLength) return;
    const own = indentOf(whole);
    const begun = typed.trim().length > 1 && whole.startsWith(typed, own.length);
    const near = run.has(line);
    const like = own === indent && whole.startsWith(first, own.length);
    if (!(begun && counts.exact < maxEach) && !near && !(like && counts.shape < maxEach && counts.tries < maxTries))
      return;
    counts.tries++;
    const context = similarity(lines[line - 1] ?? '', lines[cursorLine - 1] ?? '');
    const bare = whole.slice(own.length).trimEnd();
    const text =
      near || context < minContext ? bare : inContext(bare, lines[line - 1] ?? '', lines[cursorLine - 1] ?? '');
    if (text.length <= typed.length && text === typed.trimEnd()) return;
    const fit = fitHead(typed, text);
    // In a run it is enough that each word has a counterpart.
    if (!fit || (fit.likeness < minLikeness && !(near && fit.even))) return;
    if (text.slice(fit.cut).trim() === '' && blockBelow(lines, line).length === 0) return;
    counts[begun ? 'exact' : 'shape']++;
    const exact = typed.trim().length > 1 && text.startsWith(typed);
    found.push({
      line,
      text,
      fit,
      exact,
      near,
      context: similarity(lines[line - 1] ?? '', lines[cursorLine - 1] ?? ''),
    });
  };
  for (let line = cursorLine - 1; line >= Math.max(0, cursorLine - linesAbove); line--) look(line);
  for (let line = cursorLine + 1; line < Math.min(lines.length, cursorLine + linesBelow); line++) look(line);
  return found;
}

/** `text` in the words around the cursor: below `case 'left':` the text found below `case 'up':` is about left. */
function inContext(text: string, above: string, here: string): string {
  const [a, b] = [tokenize(above.trim()), tokenize(here.trim())];
  const pairs = new WordPairs();
  for (const { aStart, aEnd, bStart, bEnd } of diffTokens(a, b)) {
    const [old, now] = [a[aStart], b[bStart]];
    if (aEnd - aStart === 1 && bEnd - bStart === 1 && isName(old) && isName(now)) pairs.learn(old, now);
  }
  return pairs.size === 0 ? text : pairs.rewrite(text).text;
}

/** The lines next to the cursor with the same indentation, up to the first line with another. */
function runAround({ lines, cursorLine }: Scene, indent: string, onlyAbove: boolean): Set<number> {
  const run = new Set<number>();
  for (const step of onlyAbove ? [-1] : [-1, 1]) {
    for (let line = cursorLine + step, n = 0; n < maxRun; line += step, n++) {
      const text = lines[line];
      if (text === undefined || text.trim() === '' || indentOf(text) !== indent) break;
      run.add(line);
    }
  }
  return run;
}

const maxBlock = 10;

/** What belongs to a line: the lines below it that are indented more, and the bracket or word that closes them. */
export function blockBelow(lines: readonly string[], line: number): string[] {
  const depth = indentOf(lines[line] ?? '').length;
  const block: string[] = [];
  for (let at = line + 1; at < lines.length; at++) {
    const text = lines[at] ?? '';
    if (text.trim() === '') break;
    const own = indentOf(text).length;
    if (own < depth || (own === depth && block.length === 0)) break;
    if (own === depth) {
      if (/^\s*(?:[)\]}]+[;,)]*|end\b.*|fi|done|esac|<\/[\w.:-]+>)\s*$/.test(text)) block.push(text);
      break;
    }
    if (block.length >= maxBlock) return [];
    block.push(text);
  }
  return block;
}
