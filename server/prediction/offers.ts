import type { PredictedEdit } from '../../shared/conversation/conversation.ts';
import { toHunks } from '../../shared/edits/hunks.ts';
import { pickHunk } from '../../shared/edits/pick.ts';
import type { DocumentPrediction, PendingEdit } from './documentPrediction.ts';
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
}

/** An offer as ghost text: `insert` goes in at the cursor, which does the same as the offer's edits. */
export interface GhostTextOffer extends Offer {
  readonly insert: string;
}

/** The hunk, or else the single edit, that can be shown at the cursor as inserted text. */
export function ghostTextOffer(prediction: DocumentPrediction, cursor: number): GhostTextOffer | undefined {
  const { text, pending } = prediction;
  const candidates = [...toHunks(text, pending).map((hunk) => hunk.edits), ...pending.map((edit) => [edit])];
  for (const edits of candidates) {
    const insert = ghostText(text, mergeEdits(text, edits), cursor);
    if (insert !== undefined) return { ...toOffer(prediction, edits, 1), insert };
  }
  return undefined;
}

/** The hunk to offer first, see `pickHunk`. */
export function nextOffer(prediction: DocumentPrediction, cursor: number): Offer | undefined {
  const hunk = pickHunk(prediction.text, prediction.pending, cursor);
  return hunk && toOffer(prediction, hunk.edits, 1);
}

/** All hunks as one offer, where there is more than one. */
export function offerOfAll(prediction: DocumentPrediction): Offer | undefined {
  const hunks = toHunks(prediction.text, prediction.pending).length;
  return hunks > 1 ? toOffer(prediction, prediction.pending, hunks) : undefined;
}

/** The offer that `id` names as it stands now, or undefined when it no longer holds. */
export function namedOffer(prediction: DocumentPrediction, id: string): Offer | undefined {
  const edits = namedEdits(prediction, id);
  return edits.length > 0 ? toOffer(prediction, edits, toHunks(prediction.text, edits).length) : undefined;
}

/** The pending edits that an offer's id names; those that are gone are left out. */
export function namedEdits(prediction: DocumentPrediction, id: string): PendingEdit[] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(id) ?? [];
  return prediction.pending.filter((edit) => Number(first) <= edit.id && edit.id <= Number(last));
}

/** Pending edits follow each other in the text as their ids do, so that the first and the last name them all. */
function toOffer({ text, version }: DocumentPrediction, edits: readonly PendingEdit[], hunks: number): Offer {
  return { id: `${edits[0]?.id}-${edits.at(-1)?.id}`, version, text, edits, hunks };
}
