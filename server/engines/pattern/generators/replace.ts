import { lineAtOffset } from '../../../../shared/positions/lineIndex.ts';
import type { Candidate } from '../candidate.ts';
import type { Change } from '../changes.ts';
import { lexedAt } from '../knownLines.ts';
import { isSpace, isWord } from '../lexer.ts';
import type { LookAt, Rule, RuleSite, SiteLook } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { isRename, looksOf } from '../siteLook.ts';
import { rewriteLines } from './rewrite.ts';
import { cutsNameStart, cutsWord, learnRules, matchAround } from './rules.ts';

const maxSites = 300;
const sure = 0.9;

/** The same token replacement elsewhere: alone, and together with all others that fit the line. */
export function* replaceGenerator(scene: Scene): Generator<Candidate> {
  const rules = learnRules(scene);
  const found = rules.map((rule) => ({ rule, sites: findSites(scene, rule) }));
  for (const { rule, sites } of found) {
    for (const some of choices(sites, rule)) yield* rewriteLines(scene, 'replace', [{ rule, sites: some }]);
  }
  const used = found.filter(({ sites }) => sites.length > 0);
  if (used.length > 1) {
    for (const keep of [() => true, isLikely, isAlike]) {
      yield* rewriteLines(
        scene,
        'replaceAll',
        used.map(({ rule, sites }) => ({ rule, sites: sites.filter(keep) })),
      );
    }
  }
}

/**
 * All of the places; those of the example's kind; and for names those that certainly refer to the same, for other texts
 * those with the same text beside them. Only the sets that differ.
 */
export function choices(sites: readonly RuleSite[], rule: Rule): (readonly RuleSite[])[] {
  const sets: (readonly RuleSite[])[] = [sites];
  for (const keep of isRename(rule) ? [isLikely, isSure] : [isLikely, isAlike]) {
    const some = sites.filter(keep);
    if (some.length > 0 && sets.every((other) => other.length !== some.length)) sets.push(some);
  }
  return sets;
}

/** Whether a place is of the example's kind: same name; a string, comment, member or label only if that is one. */
function isLikely({ look }: RuleSite): boolean {
  return look.scope > 0 && !look.inString && !look.inComment && !look.asMember && !look.asLabel;
}

/** Whether a name certainly refers to the same: in its scope, or a member of the same owner. */
function isSure(site: RuleSite): boolean {
  return isLikely(site) && site.look.scope >= sure;
}

function isAlike({ left, right }: RuleSite): boolean {
  return left > 0 && right > 0;
}

/** Where `rule` could be applied in the current text, changed blocks left out. */
export function findSites(scene: Scene, rule: Rule): readonly RuleSite[] {
  scene.sites ??= new Map();
  const known = scene.sites.get(rule);
  if (known) return known;
  const sites = searched(scene, rule);
  scene.sites.set(rule, sites);
  return sites;
}

function searched(scene: Scene, rule: Rule): RuleSite[] {
  const { text, lineStarts, lines } = scene;
  const anchored = rule.oldText === '';
  const needle = anchored ? anchorOf(rule) : { text: rule.oldText, before: 0 };
  if (needle.text.trim() === '') return [];
  const sites: RuleSite[] = [];
  const isName = isRename(rule);
  const [wholeStart, wholeEnd] = [anchored || isWord(rule.oldText[0]), anchored || isWord(rule.oldText.at(-1))];
  const { before } = needle;
  let lookAt: LookAt | undefined;
  for (let at = text.indexOf(needle.text); at >= 0; at = text.indexOf(needle.text, at + 1)) {
    // A word contains no line break, so whether one is cut can be checked before the line is looked up.
    if (wholeStart && cutsNameStart(text, at + before, scene.languageId)) continue;
    if (wholeEnd && cutsWord(text, at + before + rule.oldText.length)) continue;
    const line = lineAtOffset(lineStarts, at);
    if (inChange(scene, line, rule)) continue;
    const content = lines[line] ?? '';
    const start = at - (lineStarts[line] ?? 0) + before;
    const end = start + rule.oldText.length;
    if (end > content.length) continue;
    // White space inserted behind something is not indentation.
    if (isSpace(rule.newText[0]) && content.slice(0, start).trim() === '' && !rule.left.every(isSpace)) continue;
    const [left, right] = matchAround(rule, lexedAt(scene, line), start, end);
    // An insertion can be recognized only by its surroundings.
    if (anchored && (left === 0 || right === 0 || left + right < 3)) continue;
    if (content.startsWith(rule.newText, start) && rule.newText.length > rule.oldText.length) continue;
    lookAt ??= looksOf(scene, rule);
    const look = lookAt(line, start);
    if (isName && !isMeant(look)) continue;
    // A single letter counts as the name only if it is known to refer to the same.
    if (isName && rule.oldText.length === 1 && !isCertain(look) && left * right === 0) continue;
    sites.push({ line, start, end, newText: rule.newText, left, right, look });
    if (sites.length >= maxSites) break;
  }
  return sites;
}

/**
 * Whether a place can mean the changed name: it refers to the same, as far as is known, and is in a string or
 * a comment only if one was changed there before.
 */
export function isMeant({ scope, inString, inComment }: SiteLook): boolean {
  return scope > 0 && !inString && !inComment;
}

/** Whether a place certainly has the name: in its scope, or a member if the example is one. */
function isCertain({ scope, member }: SiteLook): boolean {
  return scope === 1 || (member && scope >= 0.5);
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

/**
 * Whether the programmer has changed a line. For a rule learnt inside a text inserted as one piece, this
 * piece is ordinary text.
 */
export function inChange(scene: Scene, line: number, rule?: Pick<Rule, 'examples'>): boolean {
  const changes = changesOn(scene, line);
  if (!changes || !rule) return changes !== undefined;
  return changes.some((change) => !rule.examples.some((example) => isWithin(scene.changes[example], change)));
}

/** The changes of this document that cover a line, undefined for none. */
function changesOn(scene: Scene, line: number): readonly Change[] | undefined {
  scene.covering ??= byLine(scene.changes);
  return scene.covering.get(line);
}

function byLine(changes: readonly Change[]): ReadonlyMap<number, readonly Change[]> {
  const covering = new Map<number, Change[]>();
  for (const change of changes) {
    if (change.elsewhere) continue;
    for (let line = change.start; line < change.end; line++) {
      const known = covering.get(line);
      if (known) known.push(change);
      else covering.set(line, [change]);
    }
  }
  return covering;
}

function isWithin(change: Change | undefined, piece: Change): boolean {
  const inside = change?.inside;
  return inside !== undefined && piece.inside === undefined && inside.start === piece.start && inside.end === piece.end;
}
