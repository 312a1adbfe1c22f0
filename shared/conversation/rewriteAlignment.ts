import type { LineHunk } from '../edits/diff.ts';
import { saysSomething } from '../edits/lines.ts';

/** How far a rewrite of some lines that is still being written can be read. */
export interface Alignment {
  /** Finished changed blocks: the lines of the rewrite behind them agree with lines of the original. */
  readonly settled: readonly LineHunk[];
  /** The next positions in both texts: behind the last block, at the first line not known to agree. */
  readonly line: number;
  readonly newLine: number;
}

/** Whether the rewrite may end at this line, so that nothing behind it is certain. */
type EndTest = (line: string) => boolean;

/**
 * Aligns the lines of a rewrite so far with the original, from the top, without looking ahead. A changed block is
 * settled once the lines behind it agree again with enough distinctive lines of the original: whatever is written
 * later, the same lines give the same blocks. The rest is left to a diff when the rewrite has ended.
 */
export function alignLines(original: readonly string[], rewrite: readonly string[], mayEnd: EndTest): Alignment {
  const places = placesOf(original);
  const settled: LineHunk[] = [];
  let [line, newLine] = [0, 0];
  for (;;) {
    while (line < original.length && newLine < rewrite.length && original[line] === rewrite[newLine]) {
      line++;
      newLine++;
    }
    const found = resynchronise(original, rewrite, { places, line, newLine }, mayEnd);
    if (!found) return { settled, line, newLine };
    settled.push({ start: line, end: found.start, newStart: newLine, newEnd: found.newStart });
    line = found.start + found.length;
    newLine = found.newStart + found.length;
  }
}

interface Cursor {
  readonly places: ReadonlyMap<string, readonly number[]>;
  readonly line: number;
  readonly newLine: number;
}

interface Run {
  readonly start: number;
  readonly newStart: number;
  readonly length: number;
  readonly evidence: number;
}

/** The first run of agreeing lines behind a difference that is sufficient evidence. */
function resynchronise(
  original: readonly string[],
  rewrite: readonly string[],
  { places, line, newLine }: Cursor,
  mayEnd: EndTest,
): Run | undefined {
  /** Runs that end at the previous line of the rewrite, by the line of the original where they end. */
  let above = new Map<number, Run>();
  for (let at = newLine; at < rewrite.length; at++) {
    const content = rewrite[at] ?? '';
    if (mayEnd(content)) return undefined;
    const here = new Map<number, Run>();
    if (saysSomething(content)) {
      const later = (places.get(content) ?? []).filter((place) => place >= line);
      let best: Run | undefined;
      for (const place of later) {
        const { start, newStart, length, evidence } = above.get(place - 1) ?? emptyRun(place, at);
        const run = { start, newStart, length: length + 1, evidence: evidence + (later.length === 1 ? 1 : 0.5) };
        here.set(place, run);
        if (run.evidence >= evidenceNeeded(run, line, newLine) && run.evidence > (best?.evidence ?? 0)) best = run;
      }
      if (best) return grownUp(best, original, rewrite, { line, newLine });
    } else {
      // Such lines occur everywhere: they only extend a run.
      for (const [place, run] of above) {
        if (original[place + 1] === content) here.set(place + 1, { ...run, length: run.length + 1 });
      }
    }
    above = here;
  }
  return undefined;
}

const emptyRun = (start: number, newStart: number): Run => ({ start, newStart, length: 0, evidence: 0 });

/** The same run extended upwards by the lines that agree, too. */
function grownUp(
  run: Run,
  original: readonly string[],
  rewrite: readonly string[],
  { line, newLine }: { readonly line: number; readonly newLine: number },
): Run {
  let { start, newStart, length } = run;
  while (start > line && newStart > newLine && original[start - 1] === rewrite[newStart - 1]) {
    start--;
    newStart--;
    length++;
  }
  return { ...run, start, newStart, length };
}

/**
 * A line that stands once where as many lines came as went: it is where it was to be expected. Else two, for one may also be a new line
 * that is like an old one further on; and more if lines would be removed without replacement.
 */
function evidenceNeeded(run: Run, line: number, newLine: number): number {
  const dropped = run.start - line - (run.newStart - newLine);
  return dropped === 0 ? 1 : 2 + Math.min(Math.max(0, dropped), 8) * 0.5;
}

function placesOf(lines: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>();
  for (const [at, line] of lines.entries()) {
    const known = places.get(line);
    if (known) known.push(at);
    else places.set(line, [at]);
  }
  return places;
}
