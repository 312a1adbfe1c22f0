import { lineAtOffset } from '../../../../shared/positions/lineIndex.ts';
import type { Candidate } from '../candidate.ts';
import { lexedAt } from '../knownLines.ts';
import { tokensBefore } from '../lexer.ts';
import type { LookAt, Rule, RuleSite } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { isRename, looksOf, textLooks } from '../siteLook.ts';
import { differingParts, isNamePart, nameForms } from '../wordForms.ts';
import { choices, findSites, inChange, isMeant } from './replace.ts';
import { type RuleSites, rewriteLines } from './rewrite.ts';
import { cutsNameStart, cutsWord, learnRules } from './rules.ts';

const maxNames = 4;
const maxSites = 300;

/** A renamed name in every naming style, and its changed part wherever it is part of other names. */
export function* renameGenerator(scene: Scene): Generator<Candidate> {
  const rules = learnRules(scene);
  const renames = rules.filter((rule) => isRename(rule) && rule.oldText.length > 1).slice(0, maxNames);
  const whole: RuleSites[] = [];
  const parts: RuleSites[] = [];
  const absent = new Set<string>();
  for (const rule of renames) {
    const forms = nameForms(rule.oldText, rule.newText);
    if (/^\$.*\0\$/.test(`${rule.oldText}\0${rule.newText}`)) forms.set(rule.oldText.slice(1), rule.newText.slice(1));
    const wholeSites = { rule, sites: findForms(scene, rule, forms, absent, false) };
    whole.push(wholeSites);
    for (const sites of choices(wholeSites.sites, rule)) yield* rewriteLines(scene, 'rename', [{ rule, sites }]);
    const { oldParts, newParts } = differingParts(rule.oldText, rule.newText);
    if (oldParts.join('').length < 2) continue;
    const partForms = nameForms(oldParts.join('_'), newParts.join('_'));
    const partSites = { rule, sites: findForms(scene, rule, new Map([...forms, ...partForms]), absent, true) };
    parts.push(partSites);
    yield* rewriteLines(scene, 'renamePart', [partSites]);
  }
  if (renames.length === 0 || rules.length === 1) return;
  const others = rules
    .filter((rule) => !renames.includes(rule))
    .map((rule) => ({ rule, sites: findSites(scene, rule) }));
  yield* rewriteLines(scene, 'rename', whole);
  yield* rewriteLines(scene, 'rename', [...whole, ...others]);
  if (parts.length > 0) yield* rewriteLines(scene, 'renamePart', [...whole, ...parts, ...others]);
}

/** `absent`: forms that were found nowhere in the text, as most are. */
function findForms(
  scene: Scene,
  rule: Rule,
  forms: ReadonlyMap<string, string>,
  absent: Set<string>,
  partial: boolean,
): RuleSite[] {
  const { text, lines, lineStarts } = scene;
  const sites: RuleSite[] = [];
  let lookAt: LookAt | undefined;
  // Another form is another name, declared elsewhere.
  let lookAtForm: LookAt | undefined;
  for (const [from, to] of forms) {
    if (from === '' || absent.has(from)) continue;
    const first = text.indexOf(from);
    if (first < 0) absent.add(from);
    for (let at = first; at >= 0 && sites.length < maxSites; at = text.indexOf(from, at + from.length)) {
      // A name contains no line break, so whether one is cut can be checked before the line is looked up.
      if (
        partial
          ? !isNamePart(text, at, at + from.length)
          : cutsNameStart(text, at, scene.languageId) || cutsWord(text, at + from.length)
      )
        continue;
      const line = lineAtOffset(lineStarts, at);
      const content = lines[line] ?? '';
      const start = at - (lineStarts[line] ?? 0);
      const end = start + from.length;
      if (end > content.length || inChange(scene, line, rule)) continue;
      if (content.startsWith(to, start) && to.length > from.length) continue;
      // PHP declares `$name` and reads members as `->name`.
      const isProperty = rule.oldText === `$${from}`;
      if (isProperty && !content.slice(0, start).endsWith('->')) continue;
      lookAt ??= looksOf(scene, rule);
      lookAtForm ??= textLooks(scene, rule);
      const look = from === rule.oldText || isProperty ? lookAt(line, start) : lookAtForm(line, start);
      if (!isMeant(look)) continue;
      const left = agree(rule.left, tokensBefore(lexedAt(scene, line), start, 1));
      sites.push({ line, start, end, newText: to, left, right: 0, look });
    }
  }
  return sites;
}

/** Whether the mark before the name is the same: `.`, `->`, a quote or a space. */
function agree(a: readonly string[], b: readonly string[]): number {
  return a.at(-1) === b.at(-1) ? 1 : 0;
}
