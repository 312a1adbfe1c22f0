import { diffTokens, type Region } from './alignment.ts';
import { isIdentifier, isNumber, isSpace, tokenize } from './lexer.ts';
import { nameForms, substitute } from './wordForms.ts';

export interface Transfer {
  readonly lines: readonly string[];
  /** Places in which the target differs from the example. */
  readonly differences: number;
  /** Names that were put in for the example's. */
  readonly names: number;
}

const lineBreak = '\n';
const maxTokens = 600;

/** The tokens of several lines, with a token for each line break. */
export function blockTokens(lines: readonly string[]): string[] {
  const tokens: string[] = [];
  lines.forEach((line, i) => {
    if (i > 0) tokens.push(lineBreak);
    tokens.push(...tokenize(line));
  });
  return tokens;
}

/**
 * What `target` becomes when it is changed the way `before` became `after`: A is to A' as B is to what? The differences
 * between `before` and `target` say which names stand for which. Undefined when a change falls on tokens that the
 * target does not have.
 */
export function transfer(
  before: readonly string[],
  after: readonly string[],
  target: readonly string[],
  rename: boolean,
): Transfer | undefined {
  const a = blockTokens(before);
  const changed = blockTokens(after);
  const b = blockTokens(target);
  if (a.length > maxTokens || changed.length > maxTokens || b.length > maxTokens) return undefined;
  const differences = diffTokens(a, b);
  const names = rename ? namesOf(a, b, differences) : new Map<string, string>();
  const result: string[] = [];
  let at = 0;
  for (const region of diffTokens(a, changed)) {
    const range = mapRange(region, differences);
    if (!range || range.from < at) return undefined;
    const { from, to } = range;
    result.push(...b.slice(at, from));
    const added = changed.slice(region.bStart, region.bEnd);
    const counted = countOn(a, b, changed, region, from, to);
    result.push(counted ?? substitute(added.join(''), names));
    at = to;
  }
  result.push(...b.slice(at));
  return { lines: result.join('').split(lineBreak), differences: differences.length, names: names.size };
}

/** The names that stand in `b` where others stand in `a`, in every way of writing them. */
export function namesOf(
  a: readonly string[],
  b: readonly string[],
  differences: readonly Region[],
): Map<string, string> {
  const names = new Map<string, string>();
  for (const { aStart, aEnd, bStart, bEnd } of differences) {
    const old = a[aStart];
    const now = b[bStart];
    if (aEnd - aStart !== 1 || bEnd - bStart !== 1 || old === undefined || now === undefined) continue;
    if (isIdentifier(old) && isIdentifier(now)) {
      for (const [from, to] of nameForms(old, now)) if (!names.has(from)) names.set(from, to);
    } else if (isNumber(old) && isNumber(now)) names.set(old, now);
  }
  return names;
}

/** A number that the example counted up or down is counted up or down by as much. */
function countOn(
  a: readonly string[],
  b: readonly string[],
  changed: readonly string[],
  region: Region,
  from: number,
  to: number,
): string | undefined {
  if (region.aEnd - region.aStart !== 1 || region.bEnd - region.bStart !== 1 || to - from !== 1) return undefined;
  const [old, now, here] = [a[region.aStart], changed[region.bStart], b[from]];
  if (old === here || !isWhole(old) || !isWhole(now) || !isWhole(here)) return undefined;
  const value = Number(here) + Number(now) - Number(old);
  return value >= 0 ? String(value) : undefined;
}

function isWhole(token: string | undefined): boolean {
  return token !== undefined && /^\d{1,9}$/.test(token);
}

/** Where a changed region of the example lies in the target; undefined where the two differ across its edge. */
function mapRange(region: Region, differences: readonly Region[]): { from: number; to: number } | undefined {
  const { aStart: start, aEnd: end } = region;
  let before = 0;
  let within: number | undefined;
  for (const d of differences) {
    if (d.aEnd <= start) before = d.bEnd - d.aEnd;
    else if (d.aStart >= end) break;
    else if (d.aStart >= start && d.aEnd <= end) within = d.bEnd - d.aEnd;
    else return undefined;
  }
  return { from: start + before, to: end + (within ?? before) };
}

export function isBlank(lines: readonly string[]): boolean {
  return lines.every((line) => line.trim() === '');
}

/** How many of the tokens are not white space. */
export function solidTokens(lines: readonly string[]): number {
  let count = 0;
  for (const line of lines) for (const token of tokenize(line)) if (!isSpace(token)) count++;
  return count;
}
