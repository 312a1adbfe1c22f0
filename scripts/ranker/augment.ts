import { similarity } from '../../server/engines/pattern/alignment.ts';
import { netChanges } from '../../server/engines/pattern/changes.ts';
import { textLines } from '../../server/engines/pattern/snapshots.ts';
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
