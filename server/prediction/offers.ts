import type { PredictedEdit } from '../../shared/conversation/conversation.ts';
import { mergeEdits } from '../../shared/edits/apply.ts';
import { toHunks } from '../../shared/edits/hunks.ts';
import { pickHunk } from '../../shared/edits/pick.ts';
import type { DocumentPrediction } from './documentPrediction.ts';
import { type PendingEdit, type ShownInsertion, withIds } from './pendingEdits.ts';
import { ghostText } from './presentation.ts';
import type { StageNumber } from './stages.ts';

/** Runs of more edits than this are shown only where they are a whole hunk. */
const maxRun = 8;

/** How an offer reaches the client: `elsewhere` is a next edit in another document than the one it was asked for. */
export const offerChannels = ['ghostText', 'nextEdit', 'elsewhere', 'codeAction'] as const;
export type OfferChannel = (typeof offerChannels)[number];

/** Something to be offered to the user: applying `edits` together to `text`, which is the document at `version`. */
export interface Offer {
  /** Names the offer in `accept` and `reject`; stays the same while the user types what the offer inserts. */
  readonly id: string;
  readonly version: number;
  readonly text: string;
  /** Sorted, apart from each other. */
  readonly edits: readonly PredictedEdit[];
  /** How many hunks the edits make up. */
  readonly hunks: number;
  /** Whether the engine stopped after these edits and may predict more when asked to continue. */
  readonly partial: boolean;
}

/** An offer as ghost text: inserting `insert` at the cursor has the same effect as the offer's edits. */
export interface GhostTextOffer extends Offer {
  readonly insert: string;
}

/**
 * The edits that can be shown at the cursor as inserted text: a hunk, or else as many neighbours of it as possible,
 * because edits of adjacent lines make one hunk. Taken from the first engine that has any.
 */
export function ghostTextOffer(prediction: DocumentPrediction, cursor: number): GhostTextOffer | undefined {
  const { text } = prediction;
  for (const pending of prediction.pendingByStage) {
    for (const { edits } of toHunks(text, pending)) {
      for (const run of runsOf(edits)) {
        const insert = ghostText(text, mergeEdits(text, run), cursor);
        if (insert !== undefined) return { ...toOffer(prediction, run, 1), insert };
      }
    }
  }
  return undefined;
}

/**
 * All runs of neighbours, the longest first; of a long list, only short runs and the whole. Before them comes the rest
 * of what was already shown, so that it stays shown.
 */
function* runsOf(edits: readonly PendingEdit[]): Generator<PendingEdit[]> {
  for (const edit of edits) if (edit.lastId !== undefined) yield [edit];
  for (let length = edits.length; length > 0; length--) {
    if (length > maxRun && length < edits.length) continue;
    for (let from = 0; from + length <= edits.length; from++) yield edits.slice(from, from + length);
  }
}

/** The hunk to offer first, see `pickHunk`; only from `stage` where it is given. */
export function nextOffer(prediction: DocumentPrediction, cursor: number, stage?: StageNumber): Offer | undefined {
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

/** The current state of the offer that `id` names, or undefined when it no longer holds. */
export function namedOffer(prediction: DocumentPrediction, id: string): Offer | undefined {
  const edits = namedEdits(prediction, id);
  return edits.length > 0 ? toOffer(prediction, edits, toHunks(prediction.text, edits).length) : undefined;
}

/** The pending edits that an offer's id names; those that are gone are left out. */
export function namedEdits(prediction: DocumentPrediction, id: string): PendingEdit[] {
  return withIds(prediction.pendingByStage.flat(), idsOf(id));
}

/** The ids of the edits that an offer's id names. */
export function idsOf(id: string): ShownInsertion['ids'] {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(id) ?? [];
  return { first: Number(first), last: Number(last) };
}

/** The ids of an engine's pending edits are in text order, so the first and the last id name them all. */
function toOffer({ text, version }: DocumentPrediction, edits: readonly PendingEdit[], hunks: number): Offer {
  const last = edits.at(-1);
  return { id: `${edits[0]?.id}-${last?.lastId ?? last?.id}`, version, text, edits, hunks, partial: false };
}
