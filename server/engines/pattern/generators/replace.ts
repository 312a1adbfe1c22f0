import { lineAtOffset } from '../../../../shared/positions/lineIndex.ts';
import type { Candidate } from '../candidate.ts';
import { isWord, tokensAround } from '../lexer.ts';
import type { Scene } from '../scene.ts';
import { rewriteLines } from './rewrite.ts';
import { cutsWord, learnRules, matchLeft, matchRight, type Rule, type Site } from './rules.ts';

const maxSites = 300;

/** The same token replacement elsewhere: alone, and together with all others that fit the line. */
export function* replaceGenerator(scene: Scene): Generator<Candidate> {
  const rules = learnRules(scene);
  const found = rules.map((rule) => ({ rule, sites: findSites(scene, rule) }));
  for (const { rule, sites } of found) {
    yield* rewriteLines(scene, 'replace', [{ rule, sites }]);
    const strict = sites.filter((site) => site.left > 0 && site.right > 0);
    if (strict.length > 0 && strict.length < sites.length)
      yield* rewriteLines(scene, 'replace', [{ rule, sites: strict }]);
  }
  const used = found.filter(({ sites }) => sites.length > 0);
  if (used.length > 1) {
    yield* rewriteLines(scene, 'replaceAll', used);
    yield* rewriteLines(
      scene,
      'replaceAll',
      used.map(({ rule, sites }) => ({ rule, sites: sites.filter((site) => site.left > 0 && site.right > 0) })),
    );
  }
}

/** Where `rule` could be applied in the current text, changed blocks left out. */
export function findSites(scene: Scene, rule: Rule): Site[] {
  const { text, lineStarts, lines } = scene;
  const anchored = rule.oldText === '';
  const needle = anchored ? anchorOf(rule) : { text: rule.oldText, before: 0 };
  if (needle.text.trim() === '') return [];
  const sites: Site[] = [];
  for (let at = text.indexOf(needle.text); at >= 0; at = text.indexOf(needle.text, at + 1)) {
    const line = lineAtOffset(lineStarts, at);
    if (inChange(scene, line)) continue;
    const content = lines[line] ?? '';
    const start = at - (lineStarts[line] ?? 0) + needle.before;
    const end = start + rule.oldText.length;
    if (cutsWord(content, start) && (anchored || isWord(rule.oldText[0]))) continue;
    if (cutsWord(content, end) && (anchored || isWord(rule.oldText.at(-1)))) continue;
    if (end > content.length) continue;
    const left = matchLeft(rule.left, tokensAround(content, start)[0]);
    const right = matchRight(rule.right, tokensAround(content, end)[1]);
    // An insertion has nothing but its surroundings to go by.
    if (anchored && (left === 0 || right === 0 || left + right < 3)) continue;
    if (content.startsWith(rule.newText, start) && rule.newText.length > rule.oldText.length) continue;
    sites.push({ line, start, end, newText: rule.newText, left, right });
    if (sites.length >= maxSites) break;
  }
  return sites;
}

/** The text beside an insertion that has to be there again: up to the nearest word on its left, or else on its right. */
function anchorOf(rule: Rule): { text: string; before: number } {
  const { left, right } = rule;
  for (let i = left.length - 1; i >= 0 && i >= left.length - 4; i--) {
    if (isWord(left[i])) {
      const text = left.slice(i).join('');
      return { text, before: text.length };
    }
  }
  for (let i = 0; i < right.length && i < 4; i++) {
    if (isWord(right[i])) return { text: right.slice(0, i + 1).join(''), before: 0 };
  }
  return { text: '', before: 0 };
}

export function inChange(scene: Scene, line: number): boolean {
  for (const change of scene.changes) {
    if (!change.elsewhere && line >= change.start && line < change.end) return true;
  }
  return false;
}
