import { indentOf, isIdentifier, isNumber, isSpace, isWord, tokenize } from './lexer.ts';
import { diffTokens, type Region } from './tokenAlignment.ts';
import { nameForms } from './wordForms.ts';

export interface Transfer {
  readonly lines: readonly string[];
  /** Places in which the target differs from the example. */
  readonly differences: number;
  /** How many tokens of the change were put in another form for the target. */
  readonly adapted: number;
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
 * What `target` becomes if it is changed as `before` became `after`: A is to A' as B is to what? The differences
 * between `before` and `target` show which words and phrases correspond. Undefined when a change affects tokens
 * that the target does not have.
 */
export function transfer(
  before: readonly string[],
  after: readonly string[],
  target: readonly string[],
  adapt: boolean,
): Transfer | undefined {
  const from = indentOf(before[0] ?? '');
  const to = indentOf(target[0] ?? '');
  const a = blockTokens(reindent(before, from, ''));
  const changed = blockTokens(reindent(after, from, ''));
  const b = blockTokens(reindent(target, to, ''));
  if (a.length > maxTokens || changed.length > maxTokens || b.length > maxTokens) return undefined;
  const differences = diffTokens(a, b);
  const wording = new Wording(a, b, adapt ? differences : []);
  const result: string[] = [];
  let at = 0;
  for (const region of diffTokens(a, changed)) {
    const range = mapRange(region, differences);
    if (!range || range.from < at) return undefined;
    result.push(...b.slice(at, range.from));
    const counted = countOn(a, b, changed, region, range);
    result.push(counted ?? wording.adapt(changed.slice(region.bStart, region.bEnd)));
    at = range.to;
  }
  result.push(...b.slice(at));
  const lines = reindent(result.join('').split(lineBreak), '', to);
  return { lines, differences: differences.length, adapted: wording.adapted };
}

/** Rewrites text from one place with the words of another. */
export class Wording {
  /** Names in every form. */
  readonly names = new Map<string, string>();
  /** Longer differences, by their first token. */
  readonly #phrases = new Map<string, { old: readonly string[]; now: string }[]>();
  adapted = 0;

  constructor(a: readonly string[], b: readonly string[], differences: readonly Region[]) {
    for (const { aStart, aEnd, bStart, bEnd } of differences) {
      const old = a.slice(aStart, aEnd);
      const now = b.slice(bStart, bEnd);
      const [first, other] = [old[0], now[0]];
      if (first === undefined || other === undefined) continue;
      if (old.length === 1 && now.length === 1) this.#learnName(first, other);
      else if (old.some(isWord)) {
        const phrase = { old, now: now.join('') };
        this.#phrases.set(first, [...(this.#phrases.get(first) ?? []), phrase]);
      }
    }
  }

  #learnName(old: string, now: string): void {
    if (isIdentifier(old) && isIdentifier(now)) {
      for (const [from, to] of nameForms(old, now)) if (!this.names.has(from)) this.names.set(from, to);
    } else if (isNumber(old) && isNumber(now)) this.names.set(old, now);
  }

  adapt(tokens: readonly string[]): string {
    let text = '';
    for (let i = 0; i < tokens.length; i++) {
      const token = tokens[i] ?? '';
      const phrase = this.#phrases.get(token)?.find(({ old }) => old.every((part, k) => tokens[i + k] === part));
      if (phrase) {
        text += phrase.now;
        i += phrase.old.length - 1;
        this.adapted++;
        continue;
      }
      const name = this.names.get(token);
      if (name !== undefined) this.adapted++;
      text += name ?? token;
    }
    return text;
  }
}

/** A number that the example increased or decreased is changed by the same amount. */
function countOn(
  a: readonly string[],
  b: readonly string[],
  changed: readonly string[],
  region: Region,
  range: { from: number; to: number },
): string | undefined {
  if (region.aEnd - region.aStart !== 1 || region.bEnd - region.bStart !== 1 || range.to - range.from !== 1) {
    return undefined;
  }
  const [old, now, here] = [a[region.aStart], changed[region.bStart], b[range.from]];
  if (old === here || !isWhole(old) || !isWhole(now) || !isWhole(here)) return undefined;
  const value = Number(here) + Number(now) - Number(old);
  return value >= 0 ? String(value) : undefined;
}

function isWhole(token: string | undefined): boolean {
  return token !== undefined && /^\d{1,9}$/.test(token);
}

/** Where a changed region of the example is in the target; undefined if the two differ across its edge. */
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

/** Moves a block from one indentation to another; lines that are indented less than `from` stay as they are. */
export function reindent(lines: readonly string[], from: string, to: string): string[] {
  if (from === to) return [...lines];
  return lines.map((line) => (line.trim() === '' || !line.startsWith(from) ? line : to + line.slice(from.length)));
}
