import type { Change } from '../changes.ts';
import { isSpace, isWord, type LexedLine, tokenAt, tokenize, tokensBefore, tokensBehind } from '../lexer.ts';
import type { Rule } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { diffTokens, pairLines } from '../tokenAlignment.ts';

const maxRules = 24;

/** The token replacements in all changes, those made most often and most recently first. */
export function learnRules(scene: Scene): readonly Rule[] {
  scene.rules ??= learnt(scene);
  return scene.rules;
}

function learnt(scene: Scene): Rule[] {
  const rules = new Map<string, Rule>();
  scene.changes.forEach((change, index) => {
    for (const rule of rulesOf(change, index)) {
      const key = `${rule.oldText}\0${rule.newText}\0${rule.oldText === '' ? anchorKey(rule) : ''}`;
      const known = rules.get(key);
      if (!known) rules.set(key, rule);
      else {
        const newer = rule.age <= known.age ? rule : known;
        const share = Math.max(rule.share, known.share);
        const examples = known.examples.includes(index) ? known.examples : [...known.examples, index];
        rules.set(key, { ...newer, share, examples });
      }
    }
  });
  return [...rules.values()].sort((a, b) => b.examples.length - a.examples.length || a.age - b.age).slice(0, maxRules);
}

function anchorKey(rule: Rule): string {
  return `${rule.left.at(-1) ?? ''}\0${rule.right[0] ?? ''}`;
}

function* rulesOf(change: Change, index: number): Generator<Rule> {
  for (const [i, j] of pairLines(change.oldLines, change.newLines)) {
    const before = tokenize(change.oldLines[i] ?? '');
    const after = tokenize(change.newLines[j] ?? '');
    const regions = diffTokens(before, after);
    const size = (span: Span) => span.aEnd - span.aStart + span.bEnd - span.bStart;
    const total = regions.reduce((sum, region) => sum + size(region), 0);
    for (const region of joinClose(regions, before)) {
      const removed = before.slice(region.aStart, region.aEnd);
      const added = after.slice(region.bStart, region.bEnd);
      if (removed.every(isSpace) && added.every(isSpace)) continue;
      yield {
        oldText: removed.join(''),
        newText: added.join(''),
        left: before.slice(0, region.aStart),
        right: before.slice(region.aEnd),
        oldTokens: removed.filter((token) => !isSpace(token)).length,
        newTokens: added.filter((token) => !isSpace(token)).length,
        share: Math.min(1, size(region) / total),
        line: change.oldLines[i] ?? '',
        column: before.slice(0, region.aStart).join('').length,
        examples: [index],
        age: change.age,
      };
    }
  }
}

interface Span {
  readonly aStart: number;
  readonly aEnd: number;
  readonly bStart: number;
  readonly bEnd: number;
}

/** Each region by itself, and, where regions are close together, also everything between them as one. */
function joinClose(regions: readonly Span[], before: readonly string[]): Span[] {
  const first = regions[0];
  const last = regions.at(-1);
  const all: Span[] = [...regions];
  if (first && last && regions.length > 1) {
    all.push({ aStart: first.aStart, aEnd: last.aEnd, bStart: first.bStart, bEnd: last.bEnd });
    for (let i = 0; i + 1 < regions.length && regions.length > 2; i++) {
      const [a, b] = [regions[i], regions[i + 1]];
      if (a && b && before.slice(a.aEnd, b.aStart).length <= 3) {
        all.push({ aStart: a.aStart, aEnd: b.aEnd, bStart: a.bStart, bEnd: b.bEnd });
      }
    }
  }
  return all;
}

const maxContext = 12;
/** So many tokens are enough to find that much context: of two adjacent ones at most one is white space. */
const reach = 2 * maxContext + 4;

/** How many tokens, white space not counted, agree at the end of `a` and of `b`; a shared line start counts as one. */
export function matchLeft(a: readonly string[], b: readonly string[], endOfB = b.length): number {
  let count = 0;
  let [i, j] = [a.length - 1, endOfB - 1];
  for (;;) {
    while (i >= 0 && isSpace(a[i])) i--;
    while (j >= 0 && isSpace(b[j])) j--;
    if (i < 0 && j < 0) return count + 1;
    if (i < 0 || j < 0 || a[i] !== b[j] || count >= maxContext) return count;
    count++;
    i--;
    j--;
  }
}

/** The same to the right; a shared line end counts as one. */
export function matchRight(a: readonly string[], b: readonly string[], startOfB = 0): number {
  let count = 0;
  let [i, j] = [0, startOfB];
  for (;;) {
    while (i < a.length && isSpace(a[i])) i++;
    while (j < b.length && isSpace(b[j])) j++;
    if (i >= a.length && j >= b.length) return count + 1;
    if (i >= a.length || j >= b.length || a[i] !== b[j] || count >= maxContext) return count;
    count++;
    i++;
    j++;
  }
}

/** `matchLeft` and `matchRight` for a rule and the place from column `start` to `end` of a line. */
export function matchAround({ left, right }: Rule, line: LexedLine, start: number, end: number): [number, number] {
  const [from, to] = [tokenAt(line, start), tokenAt(line, end)];
  return [
    from.inside > 0 ? matchLeft(left, tokensBefore(line, start, reach)) : matchLeft(left, line.tokens, from.index),
    to.inside > 0 ? matchRight(right, tokensBehind(line, end, reach)) : matchRight(right, line.tokens, to.index),
  ];
}

/** Whether a word would be cut at `column` of `line`. */
export function cutsWord(line: string, column: number): boolean {
  return column > 0 && column < line.length && isWord(line[column - 1]) && isWord(line[column]);
}

/** Languages in which `$` in front of a name is not part of it. */
const sigils = new Set([
  'shellscript',
  'bash',
  'sh',
  'zsh',
  'perl',
  'php',
  'makefile',
  'dockerfile',
  'kotlin',
  'dart',
  'groovy',
  'scala',
]);

/** Whether a name that begins at `column` of `line` is only the rest of a longer one. */
export function cutsNameStart(line: string, column: number, languageId: string): boolean {
  if (!cutsWord(line, column)) return false;
  return !(line[column - 1] === '$' && sigils.has(languageId) && !isWord(line[column - 2]));
}
