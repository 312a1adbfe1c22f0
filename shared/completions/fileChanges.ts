/** Neighbouring lines that were replaced by others, with unchanged lines around them; without their terminators. */
export interface DiffHunk {
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  /** The first new line's number in the file, from 0, as in the diff; some writers count within the excerpt. */
  readonly newStart: number;
}

/** What was changed in one file, in one go. */
export interface FileChange {
  /** As the prompt spells it. */
  readonly path: string;
  readonly hunks: readonly DiffHunk[];
}

const hunkHeader = /^@@ -\d+(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/**
 * Reads the hunks of a unified diff from `lines[from]` on. Each header says how many lines follow, so that code that
 * looks like a header is still code. Also returns the index of the line behind the last hunk.
 */
function readHunks(lines: readonly string[], from: number): { hunks: DiffHunk[]; end: number } {
  const hunks: DiffHunk[] = [];
  let at = from;
  for (let header = hunkHeader.exec(lines[at] ?? ''); header; header = hunkHeader.exec(lines[at] ?? '')) {
    const [, oldCount = '1', newStart = '1', newCount = '1'] = header;
    const [oldLines, newLines]: [string[], string[]] = [[], []];
    for (at++; at < lines.length; at++) {
      const line = lines[at] ?? '';
      const isNote = line.startsWith('\\');
      if (!isNote && oldLines.length >= Number(oldCount) && newLines.length >= Number(newCount)) break;
      // An empty line is context whose leading blank was removed in transit.
      if (line.startsWith('-')) oldLines.push(line.slice(1));
      else if (line.startsWith('+')) newLines.push(line.slice(1));
      else if (line.startsWith(' ') || line === '') for (const side of [oldLines, newLines]) side.push(line.slice(1));
      else if (!isNote) break;
    }
    hunks.push({ oldLines, newLines, newStart: Math.max(Number(newStart) - 1, 0) });
  }
  return { hunks, end: at };
}

/** Reads changes in git's format: `--- a/PATH`, `+++ b/PATH`, hunks. Other lines between them are skipped. */
export function readPatches(text: string): FileChange[] {
  return readChanges(text, (first, second) =>
    first.startsWith('--- a/') ? /^\+\+\+ b\/(.*)$/.exec(second)?.[1] : undefined,
  );
}

/** Reads changes of which each has two lines above its hunks; `pathOf` is the path that two lines name, if they are such. */
export function readChanges(text: string, pathOf: (first: string, second: string) => string | undefined): FileChange[] {
  const lines = text.split('\n');
  const changes: FileChange[] = [];
  for (let at = 0; at < lines.length; ) {
    const path = pathOf(lines[at] ?? '', lines[at + 1] ?? '');
    if (path === undefined) {
      at++;
      continue;
    }
    const { hunks, end } = readHunks(lines, at + 2);
    if (hunks.length > 0) changes.push({ path, hunks });
    at = end;
  }
  return changes;
}

/**
 * The text before a change, where `text` is the text after it or an excerpt of that; undefined where a hunk is not
 * found. If several places match, takes the nearest to `nearLine`, a line of `text` from 0.
 */
export function takeBack(text: string, { hunks }: FileChange, nearLine: number): string | undefined {
  let lines = text.split('\n');
  for (const hunk of [...hunks].reverse()) {
    const place = placeOf(lines, hunk, nearLine);
    if (!place) return undefined;
    lines = [...lines.slice(0, place.start), ...place.oldLines, ...lines.slice(place.end)];
  }
  return lines.join('\n');
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly oldLines: readonly string[];
}

/** Where the new lines are: with all lines around them, or, at the edge of an excerpt, with fewer. */
function placeOf(lines: readonly string[], { oldLines, newLines }: DiffHunk, nearLine: number): Place | undefined {
  const shorter = Math.min(oldLines.length, newLines.length);
  let lead = 0;
  while (lead < shorter && oldLines[lead] === newLines[lead]) lead++;
  let trail = 0;
  while (trail < shorter - lead && oldLines.at(-1 - trail) === newLines.at(-1 - trail)) trail++;
  for (let cut = 0; cut <= Math.max(lead, trail); cut++) {
    const [first, last] = [Math.min(cut, lead), Math.min(cut, trail)];
    const block = newLines.slice(first, newLines.length - last);
    if (block.every((line) => line.trim() === '')) return undefined;
    const starts = [...lines.keys()].filter((start) => block.every((line, i) => lines[start + i] === line));
    const [start] = starts.sort((a, b) => Math.abs(a - nearLine) - Math.abs(b - nearLine));
    if (start !== undefined) {
      return { start, end: start + block.length, oldLines: oldLines.slice(first, oldLines.length - last) };
    }
  }
  return undefined;
}
