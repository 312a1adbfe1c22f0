import { netChanges } from '../../server/engines/pattern/changes.ts';
import { tokenize } from '../../server/engines/pattern/lexer.ts';
import { textLines } from '../../server/engines/pattern/snapshots.ts';
import { diffTokens, similarity } from '../../server/engines/pattern/tokenAlignment.ts';
import type { NextEditCase, RemainingHunk } from '../../server/eval/cases.ts';
import { narrowEdit } from '../../shared/edits/diff.ts';

/** One of a commit's hunks, in lines of a case's current text, as it was before and as it is after. */
interface Piece {
  readonly start: number;
  readonly end: number;
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/** A small deterministic generator of numbers in [0, 1) (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** No run of lines longer than this is expected at once. */
const maxRun = 12;
/** Lines less alike than this did not become one another. */
const leastLikeness = 0.5;

/** The case in which lines that each became one like them may be changed one at a time, or any run of them at once. */
export function lineByLine(example: NextEditCase): NextEditCase {
  const current = textLines(example.current);
  const remaining = example.remaining.flatMap((hunk): RemainingHunk[] => {
    const { start, end, lines } = hunk;
    const old = current.slice(start, end);
    const isPaired = old.length > 1 && old.length === lines.length;
    if (!isPaired || !old.every((line, i) => similarity(line, lines[i] ?? '') >= leastLikeness)) return [hunk];
    const runs: RemainingHunk[] = [];
    for (let from = 0; from < old.length; from++) {
      for (let to = from + 1; to <= Math.min(old.length, from + maxRun); to++) {
        const changes = old[from] !== lines[from] && old[to - 1] !== lines[to - 1];
        if (changes) runs.push({ start: start + from, end: start + to, lines: lines.slice(from, to) });
      }
    }
    return runs;
  });
  return { ...example, remaining };
}

/** The case with its hunks made in another order: people do not always work from top to bottom. */
export function shuffled(example: NextEditCase, next: () => number): NextEditCase | undefined {
  const current = textLines(example.current);
  const made = netChanges([...example.history, example.current].map(textLines));
  const pieces: Piece[] = [
    ...made.map((c) => ({ start: c.start, end: c.end, before: c.oldLines, after: c.newLines })),
    ...example.remaining.map((h) => ({ ...h, before: current.slice(h.start, h.end), after: h.lines })),
  ].sort((a, b) => a.start - b.start);
  if (pieces.length < 2) return undefined;
  const order = pieces.map((_, i) => ({ i, key: next() })).sort((a, b) => a.key - b.key);
  const count = 1 + Math.floor(next() * (pieces.length - 1));
  const done = new Set<number>();
  const history: string[] = [];
  for (const { i } of order.slice(0, count)) {
    history.push(build(current, pieces, done).lines.join('\n'));
    done.add(i);
  }
  const state = build(current, pieces, done);
  const last = order[count - 1]?.i ?? 0;
  const remaining: RemainingHunk[] = [];
  pieces.forEach((piece, i) => {
    const start = state.starts[i] ?? 0;
    if (!done.has(i)) remaining.push({ start, end: start + piece.before.length, lines: [...piece.after] });
  });
  const cursorLine = Math.max(0, (state.starts[last] ?? 0) + (pieces[last]?.after.length ?? 0) - 1);
  const text = state.lines.join('\n');
  const cursor = [...state.lines.slice(0, cursorLine + 1).join('\n')].length;
  return { ...example, history: history.slice(-4), current: text, cursor, remaining };
}

function build(current: readonly string[], pieces: readonly Piece[], done: ReadonlySet<number>) {
  const lines: string[] = [];
  const starts: number[] = [];
  let at = 0;
  pieces.forEach((piece, i) => {
    lines.push(...current.slice(at, piece.start));
    starts.push(lines.length);
    lines.push(...(done.has(i) ? piece.after : piece.before));
    at = piece.end;
  });
  lines.push(...current.slice(at));
  return { lines, starts };
}

/** The case with the cursor where the last hunk's typing ended, not at the end of its last line. */
export function atEdit(example: NextEditCase): NextEditCase | undefined {
  const before = example.history.at(-1);
  if (before === undefined) return undefined;
  const { current } = example;
  const edit = narrowEdit(before, { start: 0, end: before.length, newText: current });
  const offset = edit.start + edit.newText.length;
  return { ...example, cursor: [...current.slice(0, offset)].length };
}

/** The case with its next hunk half typed: what was to go is gone, and some of what is to come has come. */
export function halfTyped(example: NextEditCase, next: () => number): NextEditCase | undefined {
  const hunk = example.remaining[0];
  if (!hunk || hunk.lines.length === 0) return undefined;
  const lines = example.current.split('\n');
  const old = lines.slice(hunk.start, hunk.end).join('\n');
  const inserted = hunk.start === hunk.end;
  const edit = narrowEdit(old, { start: 0, end: old.length, newText: hunk.lines.join('\n') });
  if (edit.newText.length + (edit.end - edit.start) < 2) return undefined;
  const typed = Math.floor(next() * edit.newText.length);
  if (typed === 0 && edit.end === edit.start) return undefined;
  const head = old.slice(0, edit.start) + edit.newText.slice(0, typed);
  const now = (head + old.slice(edit.end)).split('\n');
  const above = lines.slice(0, hunk.start);
  const current = [...above, ...now, ...lines.slice(hunk.end)].join('\n');
  const grown = now.length - (hunk.end - hunk.start);
  const remaining = example.remaining.map((other, i) =>
    i === 0
      ? { start: hunk.start, end: hunk.start + now.length, lines: hunk.lines }
      : { ...other, start: other.start + grown, end: other.end + grown },
  );
  const cursor = [...above.join('\n'), ...(hunk.start > 0 ? ['\n'] : []), ...head].length;
  if (inserted && now.every((line) => line.trim() === '')) return undefined;
  return { ...example, history: [...example.history, example.current].slice(-4), current, cursor, remaining };
}

/** Longer typing is not played. */
const maxTyped = 400;
/** Of what is still to be typed, at most so much may be written at once. */
const maxAhead = 80;

/**
 * The case as it was while its last change was being typed, key by key, at some moment before it was done. Right is what
 * the typing is about to make of these lines, at whatever later moment; nothing elsewhere is yet.
 */
export function whileTyping(example: NextEditCase, next: () => number): NextEditCase | undefined {
  const before = example.history.at(-1);
  if (before === undefined) return undefined;
  const old = textLines(before);
  const now = textLines(example.current);
  let start = 0;
  while (start < Math.min(old.length, now.length) && old[start] === now[start]) start++;
  let tail = 0;
  while (tail < Math.min(old.length, now.length) - start && old.at(-1 - tail) === now.at(-1 - tail)) tail++;
  const oldBlock = old.slice(start, old.length - tail).join('\n');
  const newBlock = now.slice(start, now.length - tail).join('\n');
  const moments = keyByKey(oldBlock, newBlock, old.length - tail > start, next() < 0.5);
  if (moments.length < 2 || moments.length > maxTyped) return undefined;
  const at = Math.floor(next() * (moments.length - 1));
  const moment = moments[at];
  if (!moment) return undefined;
  const block = moment.text.split('\n');
  const above = old.slice(0, start);
  const ahead = [...moments.slice(at + 1, at + 1 + maxAhead), moments.at(-1) ?? moment];
  const remaining = ahead.map((later) => ({ start, end: start + block.length, lines: later.text.split('\n') }));
  const current = [...above, ...block, ...old.slice(old.length - tail)].join('\n');
  const cursor = [...above.map((line) => `${line}\n`).join(''), ...moment.text.slice(0, moment.cursor)].length;
  return { ...example, current, cursor, remaining, set: 'typing' };
}

/** A block of lines while it is typed, and the cursor in it, in UTF-16 code units. */
interface Moment {
  readonly text: string;
  readonly cursor: number;
}

/** Each state in which one block of lines becomes another one, word by word from the left: the last one is done. */
function keyByKey(old: string, now: string, isThere: boolean, erases: boolean): Moment[] {
  const [before, after] = [tokenize(old), tokenize(now)];
  const moments: Moment[] = [];
  let made = '';
  let from = 0;
  for (const { aStart, aEnd, bStart, bEnd } of diffTokens(before, after)) {
    made += before.slice(from, aStart).join('');
    from = aEnd;
    const gone = before.slice(aStart, aEnd).join('');
    const rest = before.slice(aEnd).join('');
    // What goes is selected and typed over, or taken out key by key.
    if (gone !== '') {
      for (let left = erases ? gone.length - 1 : 0; left >= 0; left--) {
        const head = made + gone.slice(0, left);
        moments.push({ text: head + rest, cursor: head.length });
      }
    }
    const come = after.slice(bStart, bEnd).join('');
    for (const key of come.match(/\n[ \t]*|[\s\S]/gu) ?? []) {
      made += key;
      moments.push({ text: made + rest, cursor: made.length });
    }
  }
  return isThere ? moments : moments.filter(({ text }) => text !== '');
}

/** How languages begin a comment; `//` in all others. */
const commentMarks: Readonly<Record<string, string>> = {
  python: '#',
  ruby: '#',
  shellscript: '#',
  yaml: '#',
  toml: '#',
  perl: '#',
  elixir: '#',
  lua: '--',
  sql: '--',
  haskell: '--',
  elisp: ';;',
};
const remarks = ['TODO', 'see above', 'not needed any more?', 'keep in step', 'checked', 'why?', 'slow', 'for now'];

/**
 * The case after one more edit, which has nothing to do with the others: a comment or an empty line put in, or a number
 * changed, on lines that nothing is to happen to. What was still to come is still to come.
 */
export function interrupted(example: NextEditCase, next: () => number): NextEditCase | undefined {
  const lines = textLines(example.current);
  const before = new Set(textLines(example.history[0] ?? ''));
  const isFree = (line: number) =>
    before.has(lines[line] ?? '') && example.remaining.every(({ start, end }) => line < start - 1 || line > end);
  const free = lines.flatMap((text, line) => (text.trim() !== '' && isFree(line) ? [line] : []));
  const at = free[Math.floor(next() * free.length)];
  if (at === undefined) return undefined;
  const old = lines[at] ?? '';
  const kind = next();
  const number = /\b\d+\b/.exec(old);
  const indent = /^\s*/.exec(old)?.[0] ?? '';
  const remark = remarks[Math.floor(next() * remarks.length)];
  let put: string[];
  if (number && kind < 0.4) put = [old.replace(number[0], String(Number(number[0]) + 1 + Math.floor(next() * 9)))];
  else if (kind < 0.5) put = ['', old];
  else put = [`${indent}${commentMarks[example.lang] ?? '//'} ${remark}`, old];
  const changed = lines.toSpliced(at, 1, ...put);
  const shift = put.length - 1;
  const remaining = example.remaining.map((hunk) =>
    hunk.start <= at ? hunk : { ...hunk, start: hunk.start + shift, end: hunk.end + shift },
  );
  const cursor = [...changed.slice(0, at + 1).join('\n')].length;
  const history = [...example.history, example.current].slice(-8);
  return { ...example, history, current: changed.join('\n'), cursor, remaining, set: 'interrupted' };
}
