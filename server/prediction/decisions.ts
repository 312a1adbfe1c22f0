import { mergeEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { rebaseEdit } from '../../shared/edits/rebase.ts';
import { sameEffect, touchSameLine, widenInWord } from './editPlaces.ts';

/** So many decisions are kept of a document, the newest; and none about edits of more UTF-16 code units than that. */
const maxDecisions = 128;
const maxLength = 16 * 1024;
/** Edits that an engine writes where one was refused are compared with that one together, up to so many. */
const maxRun = 8;
/** No word that people retype is longer, in UTF-16 code units. */
const maxWord = 64;

/** A predicted edit that the user took or turned down. `start` to `end` is where its place is in the current text. */
export interface Decision {
  readonly start: number;
  readonly end: number;
  /** What stood there before the edit, and what the edit puts there. */
  readonly oldText: string;
  readonly newText: string;
  /** Whether the user turned the edit down, or undid it or is about to. */
  readonly refused: boolean;
}

/** What a change of the text means for the decisions. */
export interface DecisionStep {
  /** The decision that the change undoes or does again, as it is after the change. */
  readonly from: Decision;
  readonly to: Decision;
}

/** An edit that has just been taken; `edit` is in offsets of `before`, and `start` is where it stands in the text now. */
export function taken(before: string, edit: OffsetEdit, start = edit.start): Decision {
  const { newText } = edit;
  return { start, end: start + newText.length, oldText: before.slice(edit.start, edit.end), newText, refused: false };
}

/** A pending edit of `text` that the user turned down. */
export function turnedDown(text: string, { start, end, newText }: OffsetEdit): Decision {
  return { start, end, oldText: text.slice(start, end), newText, refused: true };
}

/** The decisions together with newer ones, which count for what they are about. */
export function withDecisions(decisions: readonly Decision[], newer: readonly Decision[]): readonly Decision[] {
  const short = newer.filter(({ oldText, newText }) => oldText.length + newText.length <= maxLength);
  if (short.length === 0) return decisions;
  const others = decisions.filter((old) => !short.some((one) => one.start <= old.start && old.end <= one.end));
  return [...others, ...short].slice(-maxDecisions);
}

/**
 * A change that undoes several edits at once, or does them again, as a change for each of them, last place first, so that
 * all keep the offsets of `text`. Any other change as it is.
 */
export function partsOf(text: string, decisions: readonly Decision[], change: OffsetEdit): readonly OffsetEdit[] {
  if (decisions.length < 2) return [change];
  for (const refused of [false, true]) {
    const goals = decisions
      .filter((decision) => decision.refused === refused)
      .map(refused ? again : back)
      .sort((a, b) => a.start - b.start || a.end - b.end);
    const first = goals.findIndex(({ end }) => end >= change.start);
    const last = goals.findLastIndex(({ start }) => start <= change.end);
    if (first < 0 || last < 0) continue;
    // Along repeated text a change may stop short of the first or the last.
    for (const [from, to] of [
      [first, last],
      [first - 1, last],
      [first, last + 1],
      [first - 1, last + 1],
    ] as const) {
      const parts = goals.slice(Math.max(0, from), to + 1);
      const apart = parts.every(({ start }, index) => index === 0 || (parts[index - 1]?.end ?? 0) <= start);
      if (parts.length > 1 && apart && sameEffect(text, mergeEdits(text, parts), change)) return parts.reverse();
    }
  }
  return [change];
}

/** The decision that a change of `text` undoes or does again, wholly or by a part, as typing does. */
export function stepOf(text: string, decisions: readonly Decision[], change: OffsetEdit): DecisionStep | undefined {
  const near = decisions.filter((decision) => reachesWord(text, decision, change));
  // What was decided last is more likely meant.
  for (const from of near.reverse()) {
    for (const [one, makes] of [
      [from, change],
      [widened(text, from, change), change],
    ] as const) {
      const to = one && steppedTo(text, one, makes);
      if (to) return { from, to };
    }
  }
  // The same may be written beside it, along repeated text.
  for (const from of decisions.filter((decision) => !near.includes(decision) && isNear(decision, change))) {
    const to = steppedTo(text, from, change);
    if (to) return { from, to };
  }
  return undefined;
}

/**
 * The decisions after a change of `text`, those that still hold. `expected`: the change does what was predicted, or undoes
 * it; any other change of its line ends a refusal.
 */
export function moveDecisions(
  text: string,
  decisions: readonly Decision[],
  change: OffsetEdit,
  expected: boolean,
  step: DecisionStep | undefined,
): readonly Decision[] {
  const shift = change.newText.length - (change.end - change.start);
  return decisions.flatMap((decision) => {
    if (decision === step?.from) return [step.to];
    if (decision.refused && !expected && touchSameLine(text, decision, change)) return [];
    const { start, end } = decision;
    if (change.end <= start && (change.start < start || start < end))
      return [{ ...decision, start: start + shift, end: end + shift }];
    return change.start >= end ? [decision] : [];
  });
}

/** An engine's edits without those that do what was refused. Sorted, apart. */
export function withoutRefused<T extends OffsetEdit>(
  text: string,
  edits: readonly T[],
  decisions: readonly Decision[],
): readonly T[] {
  let left = edits;
  for (const decision of decisions) {
    if (decision.refused) left = withoutRun(text, left, again(decision));
  }
  return left;
}

function withoutRun<T extends OffsetEdit>(text: string, edits: readonly T[], refused: OffsetEdit): readonly T[] {
  const grown = growth(refused);
  for (let from = 0; from < edits.length; from++) {
    let sum = 0;
    for (let to = from; to < Math.min(from + maxRun, edits.length); to++) {
      const edit = edits[to];
      if (!edit || (to > from && edit.start > refused.end + maxLength)) break;
      sum += growth(edit);
      if (sum !== grown) continue;
      const merged = mergeEdits(text, edits.slice(from, to + 1));
      if (isNear(merged, refused) && sameEffect(text, merged, refused))
        return [...edits.slice(0, from), ...edits.slice(to + 1)];
    }
  }
  return edits;
}

/**
 * The decision after a change that leads back to the text before its edit, or on to the text after it; after an undo only one
 * that does the whole edit again, for who types there begins something else.
 */
function steppedTo(text: string, decision: Decision, change: OffsetEdit): Decision | undefined {
  const content = text.slice(decision.start, decision.end);
  for (const returns of [true, false]) {
    const goal = returns ? back(decision) : again(decision);
    if (goal.newText === content) continue;
    // What is left of the way may be told with or without what both texts have in common.
    const kinds = [rebaseEdit(goal, change, text).kind, rebaseEdit(goal, change).kind];
    const steps = kinds.includes('consumed') || (kinds.includes('progressed') && (returns || !decision.refused));
    if (steps) return { ...decision, end: decision.end + growth(change), refused: returns };
  }
  return undefined;
}

/** The decision about all of the word that its edit changes a part of, where the change is about more of that. */
function widened(text: string, decision: Decision, change: OffsetEdit): Decision | undefined {
  const { start, end, oldText, newText } = decision;
  const wide = widenInWord(text, { start, end, newText: '' }, change);
  const [before, after] = [text.slice(wide.start, start), text.slice(end, wide.end)];
  if (before + after === '') return undefined;
  return { ...decision, ...wide, oldText: before + oldText + after, newText: before + newText + after };
}

/** Whether a change touches a place, or one word reaches from one to the other. */
function reachesWord(text: string, { start, end }: Decision, change: OffsetEdit): boolean {
  const [from, to] = [Math.min(end, change.end), Math.max(start, change.start)];
  return from >= to || (to - from <= maxWord && /^[\p{L}\p{N}_$]+$/u.test(text.slice(from, to)));
}

function back({ start, end, oldText }: Decision): OffsetEdit {
  return { start, end, newText: oldText };
}

function again({ start, end, newText }: Decision): OffsetEdit {
  return { start, end, newText };
}

function growth({ start, end, newText }: OffsetEdit): number {
  return newText.length - (end - start);
}

/** Whether two places are no farther apart than an edit can move along repeated text. */
function isNear(a: { start: number; end: number }, b: OffsetEdit): boolean {
  const reach = Math.max(a.end - a.start, b.end - b.start, b.newText.length);
  return a.start <= b.end + reach && b.start <= a.end + reach;
}
