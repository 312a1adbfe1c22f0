import type { PredictedEdit } from '../../shared/conversation/conversation.ts';

/** How an engine comes to its prediction for one conversation. Plain data, for people; it holds text of documents. */
export type Explanation = CandidateExplanation;

/** Everything that an engine thought of which chooses among candidates. */
export interface CandidateExplanation {
  readonly kind: 'candidates';
  /** The threshold, 0 to 1. */
  readonly minConfidence: number;
  /** Why nothing was thought of, a sentence. */
  readonly silence?: string;
  /** The programmer's changes that it goes by; those in this document in the order of the text. */
  readonly changes: readonly ExplainedChange[];
  /** Those shown first, then those that were ranked, the most certain first, then those that were not even ranked. */
  readonly candidates: readonly ExplainedCandidate[];
  /** The prediction. */
  readonly edits: readonly PredictedEdit[];
}

export interface ExplainedChange {
  /** Lines of the current text, half-open, from 0; of another document where `elsewhere`. */
  readonly start: number;
  readonly end: number;
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  /** Steps since; 0 for the newest edit. */
  readonly age: number;
  readonly elsewhere: boolean;
}

export interface ExplainedCandidate {
  /** The lines that it replaces, half-open, from 0. */
  readonly start: number;
  readonly end: number;
  readonly oldLines: readonly string[];
  readonly newLines: readonly string[];
  /** What it would be called where it is shown. */
  readonly reason: string;
  /** The generators' kinds that proposed it, the first one's first. */
  readonly kinds: readonly string[];
  /** Index into `changes` of the example it goes by. */
  readonly example: number;
  /** The probability that it is wanted, 0 to 1; absent where it was not ranked. */
  readonly confidence?: number;
  /** Whether a rule gave it its confidence, not the ranker. */
  readonly byRule: boolean;
  /** What the ranker was told of it, by name; absent where it was not ranked. */
  readonly features?: { readonly [name: string]: number };
  /** Why it is not shown, the end of a sentence about it; absent where it is. */
  readonly refused?: string;
}
