import type { PredictedEdit } from '../../shared/conversation/conversation.ts';
import { checkEdits, mergeEdits } from '../../shared/edits/apply.ts';
import { narrowEdit } from '../../shared/edits/diff.ts';
import { splitsCharacter } from '../../shared/edits/lines.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { rebaseEdit } from '../../shared/edits/rebase.ts';
import { type Decision, taken } from './decisions.ts';
import { type OffsetRange, widenInWord } from './editPlaces.ts';
import { withoutSteering } from './steering.ts';

/** A predicted edit that waits to be accepted. Its id stays its own while the edit is rebased. */
export interface PendingEdit extends PredictedEdit {
  readonly id: number;
  /** If this edit is the rest of shown ghost text: the last id of the edits that the ghost text was made of. */
  readonly lastId?: number;
  /** Set once it was kept while the user typed elsewhere in its line. */
  readonly carried?: Carried;
}

/** What a kept edit depends on: its engine will not predict it again, because the user has changed its line. */
export interface Carried {
  /**
   * Where the user had changed the text before the engine predicted the edit; if that line changes, the reason for the
   * edit is gone.
   */
  readonly evidence: OffsetRange | undefined;
  /** How often the user has moved to another line since. */
  readonly moves: number;
}

/** Pending edits after a change that does not contradict them. */
export interface RebasedPending {
  readonly rest: readonly PendingEdit[];
  /** Whether the change did what one of their hunks predicts; otherwise it is apart from all of them. */
  readonly fits: boolean;
  /** The edits that the change did, or the last part of. */
  readonly taken: readonly Decision[];
}

/**
 * An engine's edits as they can be offered: sorted, each narrowed to what it changes, at places that LSP positions can
 * express, and without invisible characters. Throws a RangeError for edits that cannot be applied together.
 */
export function applicableEdits<T extends OffsetEdit>(text: string, edits: readonly T[]): T[] {
  const narrowed = edits
    .map((edit) => narrowEdit(text, wholeCharacters(text, edit)))
    .filter(({ start, end, newText }) => start < end || newText !== '');
  return withoutSteering(text, checkEdits(text.length, narrowed));
}

/**
 * The pending edits of `text` rebased over a change that leads to `after`, or undefined when the change contradicts
 * them, or when it is unclear which of them it does.
 */
export function rebasePending(
  text: string,
  after: string,
  pending: readonly PendingEdit[],
  change: OffsetEdit,
): RebasedPending | undefined {
  if (doesAll(text, after, pending, change)) return { rest: [], fits: true, taken: allTaken(text, pending) };
  const rest: PendingEdit[] = [];
  const touched: PendingEdit[] = [];
  const done: Decision[] = [];
  let fitting = 0;
  for (const edit of pending) {
    const wide = widenInWord(text, edit, change);
    const exact = rebaseEdit(edit, change, text);
    const rebased = exact.kind === 'conflict' ? rebaseEdit(wide, change) : exact;
    if (rebased.kind === 'consumed') done.push(taken(text, exact.kind === 'conflict' ? wide : edit));
    if (rebased.kind === 'conflict') touched.push(edit);
    else if (rebased.kind !== 'kept') fitting++;
    if (rebased.kind === 'kept' || rebased.kind === 'progressed') rest.push(rebased.edit);
  }
  if (!lieApart(after, rest)) return undefined;
  const [first] = touched;
  if (first) {
    // Clients may write the neighbouring edits of an accepted hunk as one change, which matches no single edit.
    const merged = rebaseEdit({ ...first, ...mergeEdits(text, touched) }, change, text);
    return fitting === 0 && merged.kind === 'consumed'
      ? { rest, fits: true, taken: allTaken(text, touched) }
      : undefined;
  }
  // In repeated text a change may fit two edits; it is unclear which one was meant.
  return fitting > 1 ? undefined : { rest, fits: fitting === 1, taken: done };
}

/** Pending edits as they were shown: one insertion at the cursor with the effect of several of them. */
export interface ShownInsertion {
  readonly ids: { readonly first: number; readonly last: number };
  readonly at: number;
  readonly newText: string;
}

/** The pending edits from the first to the last of the given ids. */
export function withIds(pending: readonly PendingEdit[], { first, last }: ShownInsertion['ids']): PendingEdit[] {
  return pending.filter(({ id, lastId = id }) => first <= id && lastId <= last);
}

/**
 * The pending edits after the client accepted a part of the ghost text, a word or a line: the rest is one edit at the
 * cursor. Undefined for any other change.
 */
export function takeShown(
  pending: readonly PendingEdit[],
  { ids, at, newText }: ShownInsertion,
  change: OffsetEdit,
): RebasedPending | undefined {
  const parts = withIds(pending, ids);
  const [first, last] = [parts[0], parts.at(-1)];
  const made = change.newText;
  if (!first || !last || change.start !== at || change.end !== at || made === '' || !newText.startsWith(made))
    return undefined;
  const confidence = Math.min(...parts.map((part) => part.confidence));
  const whole = { ...first, start: at, end: at, newText, confidence, id: ids.first, lastId: ids.last };
  const others = pending.filter((edit) => !parts.includes(edit));
  // In repeated text the same may be inserted at several places, which are equal only if no other edit lies between.
  const before = others.filter((edit) => edit.end < Math.min(first.start, at));
  const after = others.filter((edit) => edit.start > Math.max(last.end, at));
  if (before.length + after.length < others.length) return undefined;
  const left = { ...whole, start: at + made.length, end: at + made.length, newText: newText.slice(made.length) };
  const moved = after.map((edit) => ({ ...edit, start: edit.start + made.length, end: edit.end + made.length }));
  const rest = [...before, ...(left.newText === '' ? [] : [left]), ...moved];
  // A single character may have been typed.
  const isTaken = made.length > 1;
  const decision = { start: at, end: at + made.length, oldText: '', newText, refused: false };
  return { rest, fits: true, taken: isTaken ? [decision] : [] };
}

/** Neighbouring edits that were all accepted at once. */
function allTaken(text: string, edits: readonly PendingEdit[]): Decision[] {
  let shift = 0;
  return edits.map((edit) => {
    const start = edit.start + shift;
    shift += edit.newText.length - (edit.end - edit.start);
    return taken(text, edit, start);
  });
}

export function sameEdit(a: OffsetEdit, b: OffsetEdit): boolean {
  return a.start === b.start && a.end === b.end && a.newText === b.newText;
}

/**
 * Whether the change does everything that the pending edits predict. In repeated text it may look like a part of one of
 * them.
 */
function doesAll(text: string, after: string, pending: readonly PendingEdit[], change: OffsetEdit): boolean {
  const grown = pending.reduce((sum, { start, end, newText }) => sum + newText.length - (end - start), 0);
  if (pending.length < 2 || after.length !== text.length + grown) return false;
  return sameEdit(narrowEdit(text, mergeEdits(text, pending)), narrowEdit(text, change));
}

/** Whether the edits are apart, and at places that LSP positions can express. */
function lieApart(text: string, edits: readonly OffsetEdit[]): boolean {
  return edits.every(
    ({ start, end }, index) =>
      (index === 0 || (edits[index - 1]?.end ?? 0) < start) &&
      !splitsCharacter(text, start) &&
      !splitsCharacter(text, end),
  );
}

/** The same edit without an end inside a surrogate pair or a `\r\n`, where LSP has no position. */
function wholeCharacters<T extends OffsetEdit>(text: string, edit: T): T {
  const start = splitsCharacter(text, edit.start) ? edit.start - 1 : edit.start;
  const end = splitsCharacter(text, edit.end) ? edit.end + 1 : edit.end;
  return { ...edit, start, end, newText: text.slice(start, edit.start) + edit.newText + text.slice(edit.end, end) };
}
