import type { PredictedEdit } from '../../shared/conversation/conversation.ts';
import { toHunks } from '../../shared/edits/hunks.ts';
import { pickHunk } from '../../shared/edits/pick.ts';
import type { DocumentPrediction } from './documentPrediction.ts';
import type { PendingEdit } from './pendingEdits.ts';
import { ghostText, mergeEdits } from './presentation.ts';

/** Something to be offered to the user: applying `edits` together to `text`, which is the document at `version`. */
export interface Offer {
  /** Names the offer in `accept` and `reject`; stays the same while the user types what the offer says. */
  readonly id: string;
  readonly version: number;
  readonly text: string;
  /** Sorted, apart from each other. */
  readonly edits: readonly PredictedEdit[];
  /** How many hunks the edits make up. */
  readonly hunks: number;
  /** Whether the engine stopped at these, and more may come when it is asked to go on. */
  readonly partial: boolean;
}

/** An offer as ghost text: `insert` goes in at the cursor, which does the same as the offer's edits. */
export interface GhostTextOffer extends Offer {
  readonly insert: string;
}

/** The hunk, or else the single edit, that can be shown at the cursor as inserted text; the first engine's that has one. */
export function ghostTextOffer(prediction: DocumentPrediction, cursor: number): GhostTextOffer | undefined {
  const { text } = prediction;
  for (const pending of prediction.pendingByStage) {
    const candidates = [...toHunks(text, pending).map((hunk) => hunk.edits), ...pending.map((edit) => [edit])];
    for (const edits of candidates) {
      const insert = ghostText(text, mergeEdits(text, edits), cursor);
      if (insert !== undefined) return { ...toOffer(prediction, edits, 1), insert };
    }
  }
  return undefined;
}

/** The hunk to offer first, see `pickHunk`; of one stage where it is given. */
export function nextOffer(prediction: DocumentPrediction, cursor: number, stage?: number): Offer | undefined {
  const pending = stage === undefined ? prediction.pending : (prediction.pendingByStage[stage] ?? []);
  const hunk = pickHunk(prediction.text, pending, cursor);
  return hunk && toOffer(prediction, hunk.edits, 1);
}

/** All hunks as one offer, where there may be more than the one to offer first. */
export function offerOfAll(prediction: DocumentPrediction): Offer | undefined {
  const hunks = toHunks(prediction.text, prediction.pending).length;
  if (hunks < 2 && !prediction.isPartial) return undefined;
  return { ...toOffer(prediction, prediction.pending, hunks), partial: prediction.isPartial };
}

/** The offer that `id` names as it stands now, or undefined when it no longer holds. */
export function namedOffer(prediction: DocumentPrediction, id: string): Offer | undefined {
  const edits = namedEdits(prediction, id);
  return edits.length > 0 ? toOffer(prediction, edits, toHunks(prediction.text, edits).length) : undefined;
}

/** The pending edits that an offer's id names; those that are gone are left out. */
export function namedEdits(prediction: DocumentPrediction, id: string): PendingEdit[] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(id) ?? [];
  return prediction.pendingByStage.flat().filter(({ id }) => Number(first) <= id && id <= Number(last));
}

/** An engine's pending edits follow each other in the text as their ids do, so that the first and the last name them all. */
function toOffer({ text, version }: DocumentPrediction, edits: readonly PendingEdit[], hunks: number): Offer {
  return { id: `${edits[0]?.id}-${edits.at(-1)?.id}`, version, text, edits, hunks, partial: false };
}
