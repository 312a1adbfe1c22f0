import { mergeEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { rebaseEdit } from '../../shared/edits/rebase.ts';
import { sameEffect, touchSameLine, widenInWord } from './editPlaces.ts';

/** How many decisions are kept per document (the newest), and how many UTF-16 code units the edit of one may have. */
const maxDecisions = 128;
const maxLength = 16 * 1024;
/** Up to this many edits that an engine writes in place of a refused one are compared with it together. */
const maxRun = 8;
/** The longest word that people retype, in UTF-16 code units. */
const maxWord = 64;

/** A predicted edit that the user accepted or refused. `start` to `end` is its place in the current text. */
export interface Decision {
  readonly start: number;
  readonly end: number;
  /** The text there before the edit, and the text that the edit puts there. */
  readonly oldText: string;
  readonly newText: string;
  /** Whether the user refused the edit, undid it or is undoing it. */
  readonly refused: boolean;
}

/** What a change of the text means for the decisions. */
export interface DecisionStep {
  /** The decision that the change undoes or redoes, as it is after the change. */
  readonly from: Decision;
  readonly to: Decision;
}

/** An edit that was just accepted; `edit` is in offsets of `before`, and `start` is its place in the current text. */
export function taken(before: string, edit: OffsetEdit, start = edit.start): Decision {
  const { newText } = edit;
  return { start, end: start + newText.length, oldText: before.slice(edit.start, edit.end), newText, refused: false };
}

/** A pending edit of `text` that the user refused. */
export function turnedDown(text: string, { start, end, newText }: OffsetEdit): Decision {
  return { start, end, oldText: text.slice(start, end), newText, refused: true };
}

/** The decisions together with newer ones, which replace older ones at the same place. */
export function withDecisions(decisions: readonly Decision[], newer: readonly Decision[]): readonly Decision[] {
  const short = newer.filter(({ oldText, newText }) => oldText.length + newText.length <= maxLength);
  if (short.length === 0) return decisions;
  const others = decisions.filter((old) => !short.some((one) => one.start <= old.start && old.end <= one.end));
  return [...others, ...short].slice(-maxDecisions);
}

/**
 * A change that undoes or redoes several edits at once, split into one change per edit, last place first, so all keep
 * the offsets of `text`. Any other change is returned as it is.
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

/** The decision that a change of `text` undoes or redoes, wholly or in part, as typing does. */
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
  // In repeated text, the same change may be written at a nearby place.
  for (const from of decisions.filter((decision) => !near.includes(decision) && isNear(decision, change))) {
    const to = steppedTo(text, from, change);
    if (to) return { from, to };
  }
  return undefined;
}

/**
 * The decisions that still hold after a change of `text`. `expected`: the change does what was predicted, or undoes it;
 * any other change of its line ends a refusal.
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

/** An engine's edits without those that repeat a refused edit. Sorted, without overlap. */
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
 * The decision after a change that leads back to the text before its edit, or on to the text after it. After an undo,
 * the change must redo the whole edit: a user who types there is starting something else.
 */
function steppedTo(text: string, decision: Decision, change: OffsetEdit): Decision | undefined {
  const content = text.slice(decision.start, decision.end);
  for (const returns of [true, false]) {
    const goal = returns ? back(decision) : again(decision);
    if (goal.newText === content) continue;
    // The remaining change may be written with or without what both texts have in common.
    const kinds = [rebaseEdit(goal, change, text).kind, rebaseEdit(goal, change).kind];
    const steps = kinds.includes('consumed') || (kinds.includes('progressed') && (returns || !decision.refused));
    if (steps) return { ...decision, end: decision.end + growth(change), refused: returns };
  }
  return undefined;
}

/**
 * The decision extended to the whole word that its edit changes a part of, where the change covers more of that word.
 */
function widened(text: string, decision: Decision, change: OffsetEdit): Decision | undefined {
  const { start, end, oldText, newText } = decision;
  const wide = widenInWord(text, { start, end, newText: '' }, change);
  const [before, after] = [text.slice(wide.start, start), text.slice(end, wide.end)];
  if (before + after === '') return undefined;
  return { ...decision, ...wide, oldText: before + oldText + after, newText: before + newText + after };
}

/** Whether a change touches a place, or shares a word with it. */
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

/** Whether two places are no farther apart than an edit can move within repeated text. */
function isNear(a: { start: number; end: number }, b: OffsetEdit): boolean {
  const reach = Math.max(a.end - a.start, b.end - b.start, b.newText.length);
  return a.start <= b.end + reach && b.start <= a.end + reach;
}
