import type { LineHunk } from '../edits/diff.ts';

/** How far a rewrite of some lines, still being written, can be read. */
export interface Alignment {
  /** Changed blocks that lie behind us: lines of the rewrite since then agree with lines of the original. */
  readonly settled: readonly LineHunk[];
  /** The two stand level here: behind the last block, at the first line that is not known to agree. */
  readonly line: number;
  readonly newLine: number;
}

/** A line whose text could end the rewrite, so that nothing behind it can be relied upon. */
type EndTest = (line: string) => boolean;

/**
 * Aligns the lines of a rewrite so far with the original, from the top, without looking ahead. A changed block is settled
 * once the lines behind it agree again with enough telling lines of the original: whatever is written later, the same
 * lines give the same blocks. What is not settled is for a diff to say, when the rewrite has ended.
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
    const found = resynchronise(rewrite, { places, line, newLine }, mayEnd);
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

/** The first run of agreeing lines behind a difference that is evidence enough. */
function resynchronise(
  rewrite: readonly string[],
  { places, line, newLine }: Cursor,
  mayEnd: EndTest,
): Run | undefined {
  let above = new Map<number, Run>();
  for (let at = newLine; at < rewrite.length; at++) {
    const content = rewrite[at] ?? '';
    if (mayEnd(content)) return undefined;
    const here = new Map<number, Run>();
    let best: Run | undefined;
    const later = (places.get(content) ?? []).filter((place) => place >= line);
    for (const place of later) {
      const before = above.get(place - 1) ?? { start: place, newStart: at, length: 0, evidence: 0 };
      const run = {
        ...before,
        length: before.length + 1,
        evidence: before.evidence + evidenceOf(content, later.length),
      };
      here.set(place, run);
      if (run.evidence >= evidenceNeeded(run, line, newLine) && run.evidence > (best?.evidence ?? 0)) best = run;
    }
    if (best) return best;
    above = here;
  }
  return undefined;
}

/** A line that says nothing by itself, such as a brace or a blank one, is no evidence; one that recurs is half. */
function evidenceOf(line: string, occurrences: number): number {
  if (!/[\p{L}\p{N}]/u.test(line)) return 0;
  return occurrences === 1 ? 1 : 0.5;
}

/** Two telling lines, and the more the more lines would have been taken out without others in their place. */
function evidenceNeeded(run: Run, line: number, newLine: number): number {
  const dropped = run.start - line - (run.newStart - newLine);
  return 2 + Math.min(Math.max(0, dropped), 8) * 0.5;
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
