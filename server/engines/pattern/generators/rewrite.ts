import type { Candidate, GeneratorKind } from '../candidate.ts';
import type { Rule, RuleSite } from '../rule.ts';
import type { Scene } from '../scene.ts';
import { isRename } from '../siteLook.ts';

export interface RuleSites {
  readonly rule: Rule;
  readonly sites: readonly RuleSite[];
}

interface LineSites {
  readonly line: number;
  readonly text: string;
  readonly used: readonly { rule: Rule; site: RuleSite; all: readonly RuleSite[] }[];
}

/** Applies rules to whole lines, each line a candidate of its own. */
export function* rewriteLines(scene: Scene, kind: GeneratorKind, matches: readonly RuleSites[]): Generator<Candidate> {
  const byLine = new Map<number, { rule: Rule; site: RuleSite; all: readonly RuleSite[] }[]>();
  for (const { rule, sites } of matches) {
    for (const site of sites) {
      const here = byLine.get(site.line);
      const entry = { rule, site, all: sites };
      if (here) here.push(entry);
      else byLine.set(site.line, [entry]);
    }
  }
  const passed = passedFrom(scene);
  for (const line of nearest(
    scene,
    [...byLine.keys()].sort((a, b) => a - b),
  )) {
    const rewritten = rewrite(scene, line, byLine.get(line) ?? []);
    if (rewritten) yield toCandidate(scene, kind, rewritten, passed);
  }
}

const maxLinesBelow = 40;
const maxLinesAbove = 12;

/** The lines nearest the cursor, in order. */
function nearest(scene: Scene, lines: readonly number[]): readonly number[] {
  if (lines.length <= maxLinesAbove) return lines;
  const below = lines.findIndex((line) => line >= scene.cursorLine);
  const at = below < 0 ? lines.length : below;
  return lines.slice(Math.max(0, at - maxLinesAbove), at + maxLinesBelow);
}

function rewrite(scene: Scene, line: number, entries: LineSites['used'][number][]): LineSites | undefined {
  // Longer matches win where rules overlap, then better surroundings.
  const sorted = [...entries].sort(
    (a, b) =>
      b.site.end - b.site.start - (a.site.end - a.site.start) ||
      b.site.left + b.site.right - (a.site.left + a.site.right),
  );
  const used: LineSites['used'][number][] = [];
  for (const entry of sorted) {
    const clash = used.some(({ site }) =>
      site.start === site.end || entry.site.start === entry.site.end
        ? entry.site.start <= site.end && entry.site.end >= site.start
        : entry.site.start < site.end && entry.site.end > site.start,
    );
    if (!clash) used.push(entry);
  }
  used.sort((a, b) => a.site.start - b.site.start);
  const old = scene.lines[line] ?? '';
  let text = '';
  let at = 0;
  for (const { site } of used) {
    text += old.slice(at, site.start) + site.newText;
    at = site.end;
  }
  text += old.slice(at);
  return text === old ? undefined : { line, text, used };
}

const many = Number.POSITIVE_INFINITY;

/** How many of a rule's places the programmer skipped, from a line down to the newest change; counted once. */
type Passed = (all: readonly RuleSite[], from: number) => number;

function passedFrom({ latest }: Scene): Passed {
  const known = new Map<readonly RuleSite[], Map<number, number>>();
  return (all, from) => {
    const counts = known.get(all) ?? new Map<number, number>();
    known.set(all, counts);
    // A name that refers to something else was not skipped.
    const count =
      counts.get(from) ??
      all.filter((site) => site.line >= from && site.line < latest.start && site.look.scope > 0).length;
    counts.set(from, count);
    return count;
  };
}

function toCandidate(scene: Scene, kind: GeneratorKind, { line, text, used }: LineSites, passed: Passed): Candidate {
  const from = workedFrom(scene, used);
  const rules: Rule[] = [];
  let [support, age, oldTokens, newTokens, likeness] = [many, many, many, many, 0];
  let [left, right, allSites, skipped] = [many, many, 0, 0];
  let [scope, orphaned, declared] = [many, true, -1];
  let [inString, inComment, asMember, asLabel] = [0, 0, 0, 0];
  for (const { rule, site, all } of used) {
    const { look } = site;
    if (!rules.includes(rule)) rules.push(rule);
    support = Math.min(support, rule.examples.length);
    age = Math.min(age, rule.age);
    oldTokens = Math.min(oldTokens, rule.oldTokens);
    newTokens = Math.min(newTokens, rule.newTokens);
    likeness = Math.max(likeness, rule.share);
    left = Math.min(left, site.left);
    right = Math.min(right, site.right);
    allSites = Math.max(allSites, all.length);
    skipped = Math.max(skipped, passed(all, from));
    scope = Math.min(scope, look.scope);
    orphaned &&= look.orphaned;
    declared = Math.max(declared, look.declared);
    if (look.inString) inString++;
    if (look.inComment) inComment++;
    if (look.asMember) asMember++;
    if (look.asLabel) asLabel++;
  }
  return {
    start: line,
    end: line + 1,
    lines: [text],
    evidence: {
      kind,
      support,
      age,
      left,
      right,
      sites: used.length,
      allSites,
      skipped,
      oldTokens,
      newTokens,
      likeness,
      extra: rules.length,
      scope,
      orphaned,
      declared,
      inString,
      inComment,
      asMember,
      asLabel,
      example: used[0]?.rule.examples.at(-1) ?? 0,
    },
    reason: rules.length === 1 && rules[0] ? describe(rules[0]) : [...new Set(rules.map(describe))].join(', '),
  };
}

/** The first change that shows one of the rules, or the newest change if no other is further up. */
function workedFrom(scene: Scene, used: LineSites['used']): number {
  let from = scene.latest.start;
  for (const { rule } of used) {
    for (const index of rule.examples) {
      const change = scene.changes[index];
      if (change && !change.elsewhere) from = Math.min(from, change.start);
    }
  }
  return from;
}

/** In full, because the title of an offer names everything that changes. */
function describe(rule: Rule): string {
  if (rule.oldText === '') return `insert \`${short(rule.newText)}\``;
  if (rule.newText === '') return `delete \`${short(rule.oldText)}\``;
  if (isRename(rule)) return `rename \`${short(rule.oldText)}\` to \`${short(rule.newText)}\``;
  return `replace \`${short(rule.oldText)}\` by \`${short(rule.newText)}\``;
}

function short(text: string): string {
  return text.length > 24 ? `${text.slice(0, 23)}…` : text;
}
