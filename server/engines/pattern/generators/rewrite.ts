import type { Candidate, GeneratorKind } from '../candidate.ts';
import type { Scene } from '../scene.ts';
import type { Rule, Site } from './rules.ts';

export interface RuleSites {
  readonly rule: Rule;
  readonly sites: readonly Site[];
}

interface LineSites {
  readonly line: number;
  readonly text: string;
  readonly used: readonly { rule: Rule; site: Site; all: readonly Site[] }[];
}

/** Applies rules to whole lines at once; neighbouring changed lines become one candidate. */
export function* rewriteLines(scene: Scene, kind: GeneratorKind, matches: readonly RuleSites[]): Generator<Candidate> {
  const byLine = new Map<number, { rule: Rule; site: Site; all: readonly Site[] }[]>();
  for (const { rule, sites } of matches) {
    for (const site of sites) {
      const here = byLine.get(site.line);
      const entry = { rule, site, all: sites };
      if (here) here.push(entry);
      else byLine.set(site.line, [entry]);
    }
  }
  let block: LineSites[] = [];
  for (const line of nearest(
    scene,
    [...byLine.keys()].sort((a, b) => a - b),
  )) {
    const rewritten = rewrite(scene, line, byLine.get(line) ?? []);
    if (!rewritten) continue;
    if (block.length > 0 && block.at(-1)?.line !== line - 1) {
      yield toCandidate(scene, kind, block);
      block = [];
    }
    block.push(rewritten);
  }
  if (block.length > 0) yield toCandidate(scene, kind, block);
}

const maxLinesBelow = 40;
const maxLinesAbove = 12;

/** Of many lines, in order, those nearest the cursor. */
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

function toCandidate(scene: Scene, kind: GeneratorKind, block: readonly LineSites[]): Candidate {
  const used = block.flatMap((line) => line.used);
  const least = (pick: (entry: LineSites['used'][number]) => number) => Math.min(...used.map(pick));
  const most = (pick: (entry: LineSites['used'][number]) => number) => Math.max(...used.map(pick));
  const start = block[0]?.line ?? 0;
  const rule = used[0]?.rule;
  const { from, to } = worked(scene, used);
  return {
    start,
    end: start + block.length,
    lines: block.map((line) => line.text),
    evidence: {
      kind,
      support: least(({ rule }) => rule.examples.length),
      age: least(({ rule }) => rule.age),
      left: least(({ site }) => site.left),
      right: least(({ site }) => site.right),
      sites: used.length,
      allSites: most(({ all }) => all.length),
      skipped: most(({ all }) => all.filter((site) => site.line >= from && site.line < to).length),
      oldTokens: least(({ rule }) => rule.oldTokens),
      newTokens: least(({ rule }) => rule.newTokens),
      likeness: most(({ rule }) => rule.share),
      extra: new Set(used.map((entry) => entry.rule)).size,
      example: rule?.examples.at(-1) ?? 0,
    },
    reason: rule ? describe(rule) : '',
  };
}

/** The stretch of lines between the first change that shows one of the rules and the newest change. */
function worked(scene: Scene, used: LineSites['used']): { from: number; to: number } {
  let from = scene.latest.start;
  for (const { rule } of used) {
    for (const index of rule.examples) {
      const change = scene.changes[index];
      if (change && !change.elsewhere) from = Math.min(from, change.start);
    }
  }
  return { from, to: scene.latest.start };
}

function describe(rule: Rule): string {
  const short = (text: string) => (text.length > 24 ? `${text.slice(0, 23)}…` : text);
  if (rule.oldText === '') return `insert \`${short(rule.newText)}\``;
  if (rule.newText === '') return `delete \`${short(rule.oldText)}\``;
  return `replace \`${short(rule.oldText)}\` by \`${short(rule.newText)}\``;
}
