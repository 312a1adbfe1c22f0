import type { Conversation, PredictedEdit } from '../../shared/conversation/conversation.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { movePlace, type OffsetRange, touchSameLine } from './editPlaces.ts';
import {
  type PendingEdit,
  type RebasedPending,
  rebasePending,
  type ShownInsertion,
  takeShown,
} from './pendingEdits.ts';

/** After more changes than this, the rest of a prediction that was cut short is no longer asked for. */
const maxSteps = 256;
/** Kept edits are forgotten once the user has moved to another line this often: what they depend on is too old. */
const maxMoves = 4;

/** A prediction of which only the first hunk is known, and the changes of its text since. */
interface Unfinished {
  readonly conversation: Conversation;
  /** The text that it was about; the conversation has it with its secrets masked. */
  readonly text: string;
  readonly steps: readonly { readonly edit: OffsetEdit; readonly agreed: boolean }[];
}

/**
 * Which engine a prediction is from: the engines in their order, from 0. The number after the last is for what the
 * embedded engine predicts for several documents as one.
 */
export type StageNumber = number;

export function stageBehind(engines: readonly unknown[]): StageNumber {
  return engines.length;
}

/** What one engine predicted. */
export interface PredictionStage {
  readonly pending: readonly PendingEdit[];
  /** Whether the engine has answered for this text, so that asking again would bring nothing new. */
  readonly settled: boolean;
  readonly unfinished?: Unfinished;
  /**
   * Whether the user has typed out one of the edits since: the others still hold, but the engine was asked when there was
   * one example less.
   */
  readonly outdated?: boolean;
  /** Where the text had been changed last when the engine predicted this. */
  readonly evidence?: OffsetRange | undefined;
}

export const unasked: PredictionStage = { pending: [], settled: false };

export function isEmpty({ pending, unfinished }: PredictionStage): boolean {
  return pending.length === 0 && !unfinished;
}

export interface MovedStages {
  /** Undefined where the prediction no longer holds. */
  readonly stages: readonly (PredictionStage | undefined)[];
  readonly outcomes: readonly (RebasedPending | undefined)[];
  /** Whether the change does what one of them predicts. */
  readonly fits: boolean;
}

/**
 * The stages after a change of the text. If the change does or undoes what one engine predicted, or was `agreed` to by
 * one that is not among them, the other predictions stay if the change is apart from them; otherwise all are dropped.
 */
export function rebaseStages(
  stages: readonly PredictionStage[],
  before: string,
  after: string,
  edit: OffsetEdit,
  agreed: boolean,
  shown?: ShownInsertion,
): MovedStages {
  const outcomes = stages.map(
    ({ pending }) => (shown && takeShown(pending, shown, edit)) ?? rebasePending(before, after, pending, edit),
  );
  const moved = stages.map((stage, index) => {
    const agreedByOther = agreed || outcomes.some((outcome, other) => other !== index && outcome?.fits);
    const outcome = outcomes[index];
    if (!outcome || !(outcome.fits || agreedByOther)) return undefined;
    const unfinished = stage.unfinished && nextStep(stage.unfinished, edit, agreedByOther);
    const usedUp = stage.pending.length > 0 && outcome.rest.length === 0;
    const evidence = stage.evidence && movePlace(stage.evidence, edit);
    const pending = outcome.rest.map((pending) => withEvidence(pending, pending.carried?.evidence, edit));
    const outdated = stage.outdated || isTypedOut(edit, stage.pending, outcome);
    return {
      pending,
      settled: stage.settled && !usedUp,
      evidence,
      ...(unfinished ? { unfinished } : {}),
      ...(outdated ? { outdated } : {}),
    };
  });
  return { stages: moved, outcomes, fits: outcomes.some((outcome) => outcome?.fits) };
}

/** Whether a change, a keystroke, ends what was left of a pending edit. What is accepted comes as a whole. */
function isTypedOut(change: OffsetEdit, pending: readonly PendingEdit[], { fits, rest }: RebasedPending): boolean {
  return fits && change.newText.length <= 1 && rest.length < pending.length;
}

/**
 * What stays of a stage after a change that was not predicted: edits in the changed line that it does not touch, and
 * edits kept before, unless the change is in the line that they depend on. `goesOn`: the change is on the line of the
 * last change.
 */
export function carriedAlong(
  { pending, evidence: last }: PredictionStage,
  outcome: RebasedPending | undefined,
  before: string,
  change: OffsetEdit,
  goesOn: boolean,
): PredictionStage {
  if (!outcome) return unasked;
  const stood = new Map(pending.map((edit) => [edit.id, edit]));
  const kept = outcome.rest.flatMap((edit) => {
    const old = stood.get(edit.id) ?? edit;
    const { evidence, moves } = old.carried ?? { evidence: last, moves: 0 };
    if (evidence && touchSameLine(before, evidence, change)) return [];
    const moved = withEvidence({ ...edit, carried: { evidence, moves } }, evidence, change);
    if (touchSameLine(before, old, change)) return isInLine(before, old) ? [moved] : [];
    if (!old.carried || moves >= maxMoves) return [];
    return [{ ...moved, carried: { evidence: moved.carried?.evidence, moves: goesOn ? moves : moves + 1 } }];
  });
  return { pending: kept, settled: false };
}

function withEvidence(edit: PendingEdit, evidence: OffsetRange | undefined, change: OffsetEdit): PendingEdit {
  return edit.carried
    ? { ...edit, carried: { ...edit.carried, evidence: evidence && movePlace(evidence, change) } }
    : edit;
}

/** Whether an edit keeps the number of lines; one that adds or removes lines is not in the line beside it. */
function isInLine(text: string, { start, end, newText }: OffsetEdit): boolean {
  return !/[\r\n]/.test(newText + text.slice(start, end));
}

/**
 * The engine's new edits merged with kept ones, all of `pending` that are apart from them where it was only `outdated`; if
 * there are both, all get new ids, because ids follow the order in the text.
 */
export function withCarried(
  predicted: readonly PredictedEdit[],
  { pending, outdated = false }: Pick<PredictionStage, 'pending' | 'outdated'>,
  nextId: () => number,
): readonly PendingEdit[] {
  const kept = pending.filter(
    (edit) => (outdated || edit.carried) && predicted.every(({ start, end }) => end < edit.start || start > edit.end),
  );
  if (predicted.length === 0) return kept;
  return [...predicted, ...kept].sort((a, b) => a.start - b.start).map((edit) => ({ ...edit, id: nextId() }));
}

function nextStep(unfinished: Unfinished, edit: OffsetEdit, agreed: boolean): Unfinished | undefined {
  const { steps } = unfinished;
  return steps.length < maxSteps ? { ...unfinished, steps: [...steps, { edit, agreed }] } : undefined;
}
