import type { Candidate } from '../candidate.ts';
import { blockBefore, type Copy, findCopies } from '../copies.ts';
import { nextAfter } from '../counters.ts';
import { evidence } from '../evidence.ts';
import { indentOf, isIdentifier, isNumber, isWord, tokenize } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { diffTokens } from '../tokenAlignment.ts';
import { WordPairs } from '../wordPairs.ts';

const maxLines = 24;

/**
 * A block was copied and one of its words has been replaced: adapt the rest of the copy, including names that contain
 * the word, strings and comments. The original stays unchanged. If a block like the original is above it, what
 * differs between these two shows what differs in each copy: numbers that increase, and lines that are always the same.
 */
export function* copyAdaptGenerator(scene: Scene): Generator<Candidate> {
  for (const copy of findCopies(scene)) yield* adapted(scene, copy);
}

function* adapted(scene: Scene, copy: Copy): Generator<Candidate> {
  const { lines, latest, signal } = scene;
  signal?.throwIfAborted();
  const pairs = new WordPairs();
  const changed = learnPairs(scene, copy, pairs);
  const older = copy.delta > 0 ? blockBefore(scene, copy.start - copy.delta, copy.end - copy.delta) : undefined;
  const sibling = older === undefined ? undefined : new Sibling(scene, copy, older, pairs);
  if (pairs.size === 0 && !sibling?.onlyCounts) return;
  const found: { line: number; text: string; sites: number; exact: number; counted: number }[] = [];
  for (let line = copy.start; line < copy.end; line++) {
    const text = lines[line] ?? '';
    const rewritten = sibling?.isConstant(line)
      ? { text, sites: 0, exact: 0 }
      : pairs.rewrite(text, indentOf(text).length);
    const counted = sibling?.countOn(line, rewritten.text) ?? { text: rewritten.text, sites: 0 };
    if (counted.text === text) continue;
    const sites = rewritten.sites + counted.sites;
    found.push({ line, text: counted.text, sites, exact: rewritten.exact, counted: counted.sites });
  }
  const passed = found.filter(({ line }) => line < latest.start).length;
  const away = ({ line }: { line: number }) =>
    line >= scene.cursorLine ? line - scene.cursorLine : copy.end + scene.cursorLine - line;
  const example = scene.changes.indexOf(latest);
  for (const one of found.sort((a, b) => away(a) - away(b)).slice(0, maxLines)) {
    yield {
      start: one.line,
      end: one.line + 1,
      lines: [one.text],
      evidence: evidence('copyAdapt', scene, example, {
        support: changed,
        left: Math.min(copy.exact, 20),
        right: one.exact,
        sites: one.sites,
        allSites: found.length,
        skipped: one.line < latest.start ? 0 : passed,
        oldTokens: pairs.size,
        newTokens: one.counted,
        likeness: copy.likeness,
        extra: (copy.inserted ? 1 : 0) + (sibling ? 2 : 0),
      }),
      reason: 'adapt the copy',
    };
  }
}

/** Learns from the lines of the copy that differ from the original's; returns how many there are. */
function learnPairs({ lines }: Scene, { start, end, delta }: Copy, pairs: WordPairs): number {
  let changed = 0;
  for (let line = start; line < end; line++) {
    const a = tokenize((lines[line - delta] ?? '').trim());
    const b = tokenize((lines[line] ?? '').trim());
    const regions = diffTokens(a, b);
    if (regions.length > 0) changed++;
    for (const { aStart, aEnd, bStart, bEnd } of regions) {
      const [old, now] = [a.slice(aStart, aEnd).join(''), b.slice(bStart, bEnd).join('')];
      const [word, mark] = [a[aStart - 2] ?? '', a[aStart - 1] ?? ''];
      const isNumbered = isNumber(old) && isNumber(now) && isIdentifier(word) && /^[- ]$/.test(mark);
      if (isNumbered) pairs.learn(word + mark + old, word + mark + now);
      else pairs.learn(old, now);
    }
  }
  return changed;
}

/** The block before the original: original and copy follow it in a row. */
class Sibling {
  readonly #scene: Scene;
  readonly #copy: Copy;
  /** From a line of the copy to the same line of this block. */
  readonly #shift: number;
  readonly #tellsApart: boolean;
  /** Whether nothing but numbers and the like differs between this block and the original. */
  readonly onlyCounts: boolean;

  constructor(scene: Scene, copy: Copy, start: number, pairs: WordPairs) {
    this.#scene = scene;
    this.#copy = copy;
    this.#shift = copy.start - start;
    let [differing, counting] = [0, 0];
    let tellsApart = false;
    for (let line = copy.start; line < copy.end; line++) {
      const { older, original } = this.#tokensOf(line);
      for (const { aStart, aEnd, bStart, bEnd } of diffTokens(older, original)) {
        differing++;
        const [a, b] = [older.slice(aStart, aEnd).join(''), original.slice(bStart, bEnd).join('')];
        if (nextAfter(a, b) !== undefined) counting++;
        tellsApart ||= pairs.rewrite(b).sites > 0;
      }
    }
    this.onlyCounts = differing > 0 && counting === differing;
    this.#tellsApart = tellsApart;
  }

  /** The line is the same in both blocks although they differ in the changed word: here it means something else. */
  isConstant(line: number): boolean {
    if (!this.#tellsApart) return false;
    const { lines } = this.#scene;
    return lines[line - this.#shift] === lines[line - this.#copy.delta];
  }

  /** `text`, adapted from line `line`, with numbers that increase per block increased, unless changed already. */
  countOn(line: number, text: string): { text: string; sites: number } {
    const { older, original } = this.#tokensOf(line);
    const now = tokenize(text.trim());
    if (now.length !== original.length || older.length !== original.length) return { text, sites: 0 };
    let sites = 0;
    const counted = now.map((token, i) => {
      const [a = '', b = ''] = [older[i], original[i]];
      if (token !== b || a === b || !isWord(token)) return token;
      const next = nextAfter(a, b);
      if (next === undefined) return token;
      sites++;
      return next;
    });
    return { text: sites === 0 ? text : indentOf(text) + counted.join('') + text.slice(text.trimEnd().length), sites };
  }

  #tokensOf(line: number): { older: readonly string[]; original: readonly string[] } {
    const { lines } = this.#scene;
    return {
      older: tokenize((lines[line - this.#shift] ?? '').trim()),
      original: tokenize((lines[line - this.#copy.delta] ?? '').trim()),
    };
  }
}
