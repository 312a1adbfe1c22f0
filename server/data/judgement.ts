import { pythonWords } from '../../shared/conversation/python.ts';
import { type Difference, difference } from './segments.ts';

/** A moment of a process: what was done (H), what is there (C), and what is still to come (M), by segments. */
export interface Moment {
  readonly history: readonly string[];
  readonly current: string;
  readonly change: Difference;
}

export interface Judgement {
  readonly kept: boolean;
  /** A few words. */
  readonly why: string;
}

/** Lines of a segment, old or new, that someone at work would have foreseen at most. */
const maxLines = 30;
/** Without a history, and beside the last change, only this much. */
const maxNearbyLines = 8;
/** How far from the last change a place still lies beside it, in lines. */
const nearby = 10;
const name = /[\p{L}_][\p{L}\p{N}_]*/gu;
const number = /\b\d+(?:\.\d+)?\b/g;

/**
 * The rule-based judge: says of each segment of M whether it is in line with what the programmer is doing, as far as H and C
 * show it. It asks for evidence that a reader could point to: the same replacement, a name that was just made or taken
 * away, or a small change of known words right where the last one was. What has none is left out, right or not.
 */
export function judgeByRules({ history, current, change }: Moment): Judgement[] {
  const evidence = evidenceOf(history, current);
  const known = new Set(current.match(name));
  return change.segments.map((segment) => {
    const removed = change.before.slice(segment.start, segment.end);
    const added = change.after.slice(segment.newStart, segment.newEnd);
    if (sameWords(removed, added)) return out('only white space');
    if (removed.length > maxLines || added.length > maxLines) return out('too much at once');
    const [gone, come] = [namesOf(removed), namesOf(added)];
    const strange = [...come].filter((word) => !known.has(word) && !evidence.come.has(word));
    const small = Math.max(removed.length, added.length) <= maxNearbyLines;
    if (!evidence.any) {
      if (added.length === 0) return out('takes away, and nothing says why');
      if (strange.length > 0) return out('brings in what is not there');
      return small ? kept('made of what is there') : out('nothing says where it goes');
    }
    if (replacementsOf(removed, added).some((pair) => evidence.replacements.has(pair)))
      return kept('the same replacement');
    if ([...gone].some((word) => !come.has(word) && evidence.gone.has(word)))
      return kept('goes on with what was taken away');
    if ([...come].some((word) => !gone.has(word) && evidence.come.has(word)))
      return kept('uses what was just brought in');
    const distance = Math.max(segment.start - evidence.last.end, evidence.last.start - segment.end, 0);
    if (small && distance <= nearby && strange.length === 0) return kept(besideLastChange);
    return out('nothing done points to it');
  });
}

/** Why a small change of known words is kept: it is likely to come, not sure. */
export const besideLastChange = 'beside the last change';

const kept = (why: string): Judgement => ({ kept: true, why });
const out = (why: string): Judgement => ({ kept: false, why });

interface Evidence {
  readonly any: boolean;
  /** Names that H brought in, and that it took away. */
  readonly come: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  /** `old\0new` of words that became others. */
  readonly replacements: ReadonlySet<string>;
  /** Lines of C that the last step changed. */
  readonly last: { readonly start: number; readonly end: number };
}

function evidenceOf(history: readonly string[], current: string): Evidence {
  const [come, gone, replacements] = [new Set<string>(), new Set<string>(), new Set<string>()];
  const states = [...history, current];
  let last = { start: 0, end: 0 };
  for (const [i, after] of states.slice(1).entries()) {
    const step = difference(states[i] ?? '', after);
    for (const { start, end, newStart, newEnd } of step.segments) {
      const [removed, added] = [step.before.slice(start, end), step.after.slice(newStart, newEnd)];
      const [old, fresh] = [namesOf(removed), namesOf(added)];
      for (const word of fresh) if (!old.has(word)) come.add(word);
      for (const word of old) if (!fresh.has(word)) gone.add(word);
      for (const pair of replacementsOf(removed, added)) replacements.add(pair);
    }
    const [first, final] = [step.segments[0], step.segments.at(-1)];
    if (first && final) last = { start: first.newStart, end: final.newEnd };
  }
  // Words that code is full of are evidence of nothing.
  for (const words of [come, gone]) for (const word of common) words.delete(word);
  return { any: history.length > 0, come, gone, replacements, last };
}

const common = new Set(
  'if else for while return def function const let var import from export class new in of is not and or this self true false null None True False int string void public private static final end do then fn func type struct use pub mut the a to'.split(
    ' ',
  ),
);

function namesOf(lines: readonly string[]): Set<string> {
  return new Set(lines.flatMap((line) => line.match(name) ?? []).filter((word) => word.length > 1));
}

/** Words that became others in lines that otherwise stayed: `old\0new`. */
function replacementsOf(removed: readonly string[], added: readonly string[]): string[] {
  if (removed.length !== added.length) return [];
  return removed.flatMap((line, i) => {
    const [old, now] = [wordsOf(line), wordsOf(added[i] ?? '')];
    if (old.length !== now.length) return [];
    const different = old.flatMap((word, k) => (word === now[k] ? [] : [`${word}\0${now[k]}`]));
    return different.length * 2 <= old.length ? different : [];
  });
}

function wordsOf(line: string): string[] {
  return [...(line.match(name) ?? []), ...(line.match(number) ?? [])];
}

function sameWords(a: readonly string[], b: readonly string[]): boolean {
  return a.flatMap(pythonWords).join(' ') === b.flatMap(pythonWords).join(' ');
}
