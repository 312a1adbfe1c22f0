import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { EverydayCase } from '../../../server/eval/everyday/everydayCase.ts';
import { keystrokes } from '../../../server/eval/everyday/keystrokes.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';

/** The first question to a server just started; one after more keys in the same line; one 40 or more lines off. */
export type Kind = 'cold' | 'warm' | 'jump';

/** What is typed without a pause; the question comes after the last key. */
export interface Piece {
  readonly kind: Kind;
  /** One edit for each key, each of the text that those before it left. */
  readonly keys: readonly OffsetEdit[];
}

/** A user at work in one document. */
export interface Trace {
  readonly name: string;
  readonly languageId: string;
  /** Relative, as a workspace has it. */
  readonly path: string;
  readonly before: string;
  readonly pieces: readonly Piece[];
}

/** So far off, in lines, is a jump at least. */
export const jumpLines = 40;
/** A change of more keys is typed for too long to be waited for. */
const mostKeys = 60;
/** How long the files are that everyday cases are put into, in turn; shorter where a language has not so many lines. */
const fileLines = [60, 130, 210, 290];
const longestFile = 300;

/** Longer texts, of this repository: each is typed into at two places. */
const files: readonly (readonly [languageId: string, file: string])[] = [
  ['typescript', 'server/eval/everyday/offerJudge.ts'],
  ['python', 'scripts/ranker/sim/siblings.py'],
  ['lua', 'clients/neovim/lua/cursorcore/ghost.lua'],
  ['rust', 'clients/zed/src/cursorcore.rs'],
  ['typescript', 'server/history/maskedText.ts'],
  ['python', 'scripts/verify/programming_instruct.py'],
  ['lua', 'clients/neovim/lua/cursorcore/health.lua'],
  ['elisp', 'clients/emacs/cursorcore-text.el'],
  ['shellscript', 'test/editors/install.sh'],
  ['typescript', 'server/lsp/documents.ts'],
  ['python', 'scripts/ranker/cut_cases.py'],
  ['lua', 'clients/neovim/lua/cursorcore/next_edit.lua'],
];

/**
 * All traces, the same ones for the same cases and files: everyday cases and longer files in turn, so that the first few are
 * of several languages and lengths. `root` is the repository's folder.
 */
export function allTraces(cases: readonly EverydayCase[], root: string): Trace[] {
  const everyday = everydayTraces(cases);
  const longer = files.map(([languageId, file]) =>
    fileTrace(file, languageId, readFileSync(path.join(root, file), 'utf8')),
  );
  const traces: Trace[] = [];
  for (let i = 0; i < Math.max(everyday.length, longer.length); i++) {
    traces.push(...[everyday[i], longer[i]].filter((trace) => trace !== undefined));
  }
  return traces;
}

/**
 * Pairs of everyday cases of one language, two for each that has enough of them, in a file made of the texts of the others. The
 * last word of the first case is typed in two pieces, then the change of the second one, some screens away.
 */
export function everydayTraces(cases: readonly EverydayCase[]): Trace[] {
  const languages = [...new Set(cases.map(({ lang }) => lang))];
  const rounds = [0, 1].flatMap((round) => languages.map((language) => ({ round, language })));
  const traces: Trace[] = [];
  for (const { round, language } of rounds) {
    const own = cases.filter(({ lang }) => lang === language);
    const first = own.filter(canBeSplit)[round];
    const second = own.filter((one) => one !== first && keyCount(one) <= mostKeys).at(-1 - round);
    if (!first || !second || second.mode !== 'edits') continue;
    const others = own.filter((one) => one !== first && one !== second).map(({ before }) => before);
    const lines = fileLines[traces.length % fileLines.length] ?? longestFile;
    const trace = everydayTrace(first, second, others, { lines, isDown: round === 0 });
    if (trace) traces.push(trace);
  }
  return traces;
}

/** Whether the last thing done is typing in one line, of which the beginning alone can be a piece. */
function canBeSplit(example: EverydayCase): boolean {
  const last = example.steps.at(-1)?.at(-1);
  return (
    example.mode === 'edits' &&
    last !== undefined &&
    last.mode !== 'p' &&
    last.text.length >= 4 &&
    !last.text.includes('\n') &&
    keyCount(example) <= mostKeys
  );
}

function keyCount({ steps }: EverydayCase): number {
  return steps
    .flat()
    .reduce((sum, { start, end, text, mode }) => sum + text.length + (mode === 'b' ? end - start : 0), 0);
}

interface Layout {
  readonly lines: number;
  /** Whether the second case stands below the first. */
  readonly isDown: boolean;
}

/** Undefined where the language has too few lines to put between the two cases. */
function everydayTrace(
  first: EverydayCase,
  second: EverydayCase,
  others: readonly string[],
  { lines, isDown }: Layout,
): Trace | undefined {
  const between = fill(others, 0, jumpLines);
  if (between.lines < jumpLines) return undefined;
  const room = lines - between.lines - lineCount(first.before) - lineCount(second.before);
  const above = fill(others, between.used, Math.max(0, room), Math.max(0, longestFile - lines + room));
  const parts = isDown
    ? [above.text, first.before, between.text, second.before]
    : [above.text, second.before, between.text, first.before];
  const startOf = (part: number) => parts.slice(0, part).join('').length;
  const [atFirst, atSecond] = isDown ? [1, 3] : [3, 1];
  const grown = isDown ? first.after.length - first.before.length : 0;
  const keys = moved(keysOf(first), startOf(atFirst));
  const half = Math.ceil((first.steps.at(-1)?.at(-1)?.text.length ?? 0) / 2);
  return {
    name: `${first.id}, ${second.id}`,
    languageId: first.lang,
    path: first.path,
    before: parts.join(''),
    pieces: [
      { kind: 'cold', keys: keys.slice(0, -half) },
      { kind: 'warm', keys: keys.slice(-half) },
      { kind: 'jump', keys: moved(keysOf(second), startOf(atSecond) + grown) },
    ],
  };
}

/** Texts from `from` on, one after another, until there are enough lines; one that goes beyond `most` is left out. */
function fill(texts: readonly string[], from: number, enough: number, most = longestFile) {
  const taken: string[] = [];
  let [used, lines] = [from, 0];
  for (; lines < enough && used < texts.length; used++) {
    const text = `${texts[used]}\n`;
    if (lines + lineCount(text) > most) continue;
    taken.push(text);
    lines += lineCount(text);
  }
  return { text: taken.join(''), lines, used };
}

function keysOf({ before, steps }: EverydayCase): OffsetEdit[] {
  let text = before;
  return steps.flat().flatMap((change) => {
    const keys = keystrokes(text, change);
    text = text.slice(0, change.start) + change.text + text.slice(change.end);
    return keys;
  });
}

function moved(keys: readonly OffsetEdit[], by: number): OffsetEdit[] {
  return keys.map(({ start, end, newText }) => ({ start: start + by, end: end + by, newText }));
}

/**
 * Two lines of a file are typed again, from the middle on: the first in three pieces, the second, where there is one far enough
 * away, in one. Of a file that is longer than 300 lines the beginning is taken.
 */
export function fileTrace(file: string, languageId: string, whole: string): Trace {
  const lines = whole.split('\n').slice(0, longestFile);
  const candidates = lines.flatMap((line, i) => (canBeTyped(line) ? [i] : []));
  const nearest = (share: number, among: readonly number[]) =>
    among.toSorted((a, b) => Math.abs(a - share * lines.length) - Math.abs(b - share * lines.length))[0];
  const first = nearest(0.4, candidates);
  if (first === undefined) throw new Error(`${file} has no line to type`);
  const second = nearest(
    0.85,
    candidates.filter((line) => Math.abs(line - first) >= jumpLines),
  );
  const rests = new Map([first, ...(second === undefined ? [] : [second])].map((line) => [line, restOf(lines[line])]));
  const shortened = lines.map((line, i) => line.slice(0, line.length - (rests.get(i)?.length ?? 0)));
  const endOf = (line: number) => shortened.slice(0, line + 1).join('\n').length;
  const rest = rests.get(first) ?? '';
  const pieces: Piece[] = [];
  let at = endOf(first);
  for (const [i, text] of thirds(rest).entries()) {
    pieces.push({ kind: i === 0 ? 'cold' : 'warm', keys: typed(text, at) });
    at += text.length;
  }
  if (second !== undefined) {
    const text = (rests.get(second) ?? '').slice(0, 16);
    pieces.push({ kind: 'jump', keys: typed(text, endOf(second) + (second > first ? rest.length : 0)) });
  }
  return { name: file, languageId, path: file, before: shortened.join('\n'), pieces };
}

/** Code rather than a comment or a lone bracket, and short enough to be typed while one waits. */
function canBeTyped(line: string): boolean {
  const code = line.trim();
  return code.length >= 24 && code.length <= 70 && /^[\w(]/.test(code) && /[(=.]/.test(code);
}

/** The second half of a line's code, which begins with a word. */
function restOf(line = ''): string {
  const middle = line.length - Math.floor(line.trim().length / 2);
  const word = line.slice(middle).search(/\b\w/);
  return line.slice(word < 0 || word > 6 ? middle : middle + word);
}

function thirds(text: string): string[] {
  const size = Math.ceil(text.length / 3);
  return [text.slice(0, size), text.slice(size, 2 * size), text.slice(2 * size)].filter((piece) => piece !== '');
}

function typed(text: string, at: number): OffsetEdit[] {
  return Array.from(text, (newText, i) => ({ start: at + i, end: at + i, newText }));
}

function lineCount(text: string): number {
  return text.split('\n').length - 1;
}
