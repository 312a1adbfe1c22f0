import { applyDelta, type Delta, type DeltaChange, invertDelta } from '../../shared/edits/delta.ts';
import type { Step } from './documentHistory.ts';

/** One changed place of a step with the lines around it, before and after. */
export interface Excerpt {
  readonly before: string;
  readonly after: string;
  readonly atMs: number;
}

export interface ExcerptLimits {
  /** Whole lines shown above and below the changed place. */
  readonly contextLines: number;
  /** How many places of one step are shown: the places of a rename are all alike. */
  readonly maxPlaces: number;
  /** A longer place, in UTF-16 code units, is left out: it is not a useful example. */
  readonly maxLength: number;
}

/**
 * What the newest steps of a document changed, newest last, as excerpts of the texts before and after each step.
 * `text` is the text after the last of `steps`.
 */
export function excerptsOf(text: string, steps: readonly Step[], limits: ExcerptLimits): Excerpt[] {
  const excerpts: Excerpt[][] = [];
  let after = text;
  for (const { delta, atMs } of [...steps].reverse()) {
    excerpts.push(placesOf(delta, after, limits).map((place) => ({ ...place, atMs })));
    after = applyDelta(after, invertDelta(delta));
  }
  return excerpts.reverse().flat();
}

function placesOf(delta: Delta, after: string, limits: ExcerptLimits): { before: string; after: string }[] {
  const places: { before: string; after: string }[] = [];
  for (const group of groupByLines(delta, after, limits.contextLines)) {
    if (places.length === limits.maxPlaces) break;
    const window = after.slice(group.start, group.end);
    const before = applyDelta(
      window,
      group.inverse.map((change) => ({ ...change, start: change.start - group.start })),
    );
    if (Math.max(window.length, before.length) > limits.maxLength) continue;
    // A slice would keep the whole text in memory as long as the excerpt exists.
    places.push({ before: ` ${before}`.slice(1), after: ` ${window}`.slice(1) });
  }
  return places;
}

interface Group {
  readonly start: number;
  end: number;
  readonly inverse: DeltaChange[];
}

/** Changes whose surroundings overlap, with those surroundings; offsets are of `after`. */
function groupByLines(delta: Delta, after: string, contextLines: number): Group[] {
  const groups: Group[] = [];
  for (const change of invertDelta(delta)) {
    const start = linesAbove(after, change.start, contextLines);
    const end = linesBelow(after, change.start + change.removed.length, contextLines);
    const last = groups.at(-1);
    if (last && start < last.end) {
      last.end = Math.max(last.end, end);
      last.inverse.push(change);
    } else {
      groups.push({ start, end, inverse: [change] });
    }
  }
  return groups;
}

function linesAbove(text: string, offset: number, count: number): number {
  let start = offset;
  for (let i = 0; i <= count; i++) {
    const lineBreak = start > 0 ? text.lastIndexOf('\n', start - 1) : -1;
    if (lineBreak < 0) return 0;
    start = i === count ? lineBreak + 1 : lineBreak;
  }
  return start;
}

function linesBelow(text: string, offset: number, count: number): number {
  let end = offset;
  for (let i = 0; i <= count; i++) {
    const lineBreak = text.indexOf('\n', end);
    if (lineBreak < 0) return text.length;
    end = lineBreak + 1;
  }
  return end;
}
