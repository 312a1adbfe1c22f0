import type { EverydayCase, EverydaySite } from './everydayCase.ts';

/**
 * What an offer is: `right`, `partial` where it does only some of the like edits of a line, `wrong`, or `none` where it
 * changes nothing.
 */
export type Verdict = 'right' | 'partial' | 'wrong' | 'none';

/** Tells which of a case's sites a text has done, white space at the ends of lines aside. */
export class Judge {
  readonly #after: string;
  readonly #sites: readonly EverydaySite[];
  readonly #pattern: RegExp;

  constructor({ after, sites }: Pick<EverydayCase, 'after' | 'sites'>) {
    this.#after = after;
    this.#sites = sites;
    let [pattern, at] = ['', 0];
    for (const { start, end, alts } of sites) {
      const options = [after.slice(start, end), ...alts].sort((a, b) => b.length - a.length);
      pattern += `${literal(after.slice(at, start))}(${options.map(literal).join('|')})`;
      at = end;
    }
    this.#pattern = new RegExp(`^${pattern}${literal(after.slice(at))}$`, 'd');
  }

  /** Whether all sites that are not optional are done, and nothing else. */
  isComplete(text: string): boolean {
    const done = this.done(text);
    return done !== undefined && this.#sites.every(({ optional }, i) => optional || done.has(i));
  }

  /** How many of the sites that are not optional are done, and how many there are. */
  count(text: string): { readonly done: number; readonly required: number } {
    const done = this.done(text);
    const required = this.#sites.flatMap(({ optional }, i) => (optional ? [] : [i]));
    return { done: required.filter((i) => done?.has(i)).length, required: required.length };
  }

  /** The sites that `text` has done, by index, and what stands there; undefined for a text that differs elsewhere. */
  done(text: string): Map<number, string> | undefined {
    const match = this.#pattern.exec(text);
    if (!match) return undefined;
    const done = new Map<number, string>();
    for (const [i, { start, end }] of this.#sites.entries()) {
      const got = match[i + 1] ?? '';
      if (got !== this.#after.slice(start, end)) done.set(i, got);
    }
    return done;
  }

  verdict(before: string, text: string): Verdict {
    if (text === before) return 'none';
    const [was, is] = [this.done(before), this.done(text)];
    if (!was || !is || is.size <= was.size) return 'wrong';
    for (const [i, got] of was) if (trimmedLines(is.get(i)) !== trimmedLines(got)) return 'wrong';
    const added = [...is.keys()].filter((i) => !was.has(i));
    // Half of a line's like edits is no edit; another name on the line may wait.
    const isHalf = this.#sites.some(
      ({ optional }, i) => !optional && !is.has(i) && added.some((j) => this.#sharesLine(i, j) && this.#isAlike(i, j)),
    );
    return isHalf ? 'partial' : 'right';
  }

  /**
   * How many required sites an offer passes by that lie between the cursor and what it does: on the way down, or up where
   * all of it lies above the cursor.
   */
  passedBy(before: string, text: string, cursor: number): number {
    const match = this.#pattern.exec(before);
    const [was, is] = [this.done(before), this.done(text)];
    if (!match || !was || !is) return 0;
    const lineOf = (site: number) => lineAt(before, match.indices?.[site + 1]?.[0] ?? 0);
    const here = lineAt(before, cursor);
    const added = [...is.keys()].filter((i) => !was.has(i)).map(lineOf);
    const left = this.#sites.flatMap(({ optional }, i) => (optional || is.has(i) ? [] : [lineOf(i)]));
    const last = Math.max(...added);
    if (last < here) return left.filter((line) => line > last && line <= here).length;
    const first = Math.min(...added.filter((line) => line >= here));
    return left.filter((line) => line >= here && line < first).length;
  }

  #sharesLine(i: number, j: number): boolean {
    const [a, b] = [this.#linesOf(i), this.#linesOf(j)];
    return a.first <= b.last && b.first <= a.last;
  }

  #linesOf(site: number): { first: number; last: number } {
    const { start = 0, end = 0 } = this.#sites[site] ?? {};
    return { first: lineAt(this.#after, start), last: lineAt(this.#after, end) };
  }

  #isAlike(i: number, j: number): boolean {
    const of = (site: number) => {
      const { start = 0, end = 0, alts = [] } = this.#sites[site] ?? {};
      return JSON.stringify([this.#after.slice(start, end), alts]);
    };
    return of(i) === of(j);
  }
}

/** A pattern of the text, in which lines may end in any spaces and tabs. */
function literal(text: string): string {
  const lines = text.split('\n');
  return lines
    .map((line, i) => (i + 1 < lines.length ? line.replace(/[ \t]+$/, '') : line))
    .map((line) => line.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
    .join('[ \\t]*\\n');
}

function trimmedLines(text: string | undefined): string | undefined {
  return text?.replace(/[^\S\n]+$/gm, '');
}

function lineAt(text: string, offset: number): number {
  let line = 0;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
