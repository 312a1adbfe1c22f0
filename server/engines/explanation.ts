import type { PredictedEdit } from '../../shared/conversation/conversation.ts';
import type { LineRange } from '../../shared/edits/lines.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

/** An engine's reasons for a prediction for one conversation. Plain data, for people; it contains text of documents. */
export type Explanation = CandidateExplanation | GenerationExplanation;

/** All candidates of an engine that chooses among candidates. */
export interface CandidateExplanation {
  readonly kind: 'candidates';
  /** The threshold, 0 to 1. */
  readonly minConfidence: number;
  /** Why there are no candidates, a sentence. */
  readonly silence?: string;
  /** The programmer's changes that it is based on; those in this document in the order of the text. */
  readonly changes: readonly ExplainedChange[];
  /** First those shown, then those ranked, the most certain first, then those not even ranked. */
  readonly candidates: readonly ExplainedCandidate[];
  /** The prediction. */
  readonly edits: readonly PredictedEdit[];
}

export interface ExplainedChange {
  /** Lines of the current text, half-open, from 0; of another document if `elsewhere`. */
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
  /** Its title when shown. */
  readonly reason: string;
  /** The generators' kinds that proposed it, the first one's first. */
  readonly kinds: readonly string[];
  /** Index into `changes` of its example. */
  readonly example: number;
  /** The probability that it is wanted, 0 to 1; absent if it was not ranked. */
  readonly confidence?: number;
  /** Whether a rule gave it its confidence, not the ranker. */
  readonly byRule: boolean;
  /** The ranker's input for it, by name; absent if it was not ranked. */
  readonly features?: { readonly [name: string]: number };
  /** Why it is not shown, the end of a sentence about it; absent if it is shown. */
  readonly refused?: string;
}

/** What a model was shown, what it wrote, and the result. */
export interface GenerationExplanation {
  readonly kind: 'generation';
  /** The prompt format. */
  readonly format: string;
  /** Why the model was not asked, a sentence; then all else is absent. */
  readonly silence?: string;
  /** Lines of the current text that were shown, and those that the answer may change, if not all. */
  readonly excerpt?: LineRange;
  readonly editable?: LineRange;
  /** The prompt as written, control tokens by their names; what the model's own chat template adds is left out. */
  readonly prompt?: string;
  readonly promptTokens?: number;
  /** Tokens of the prompt that were already in the model's cache. */
  readonly reusedTokens?: number;
  /** The whole answer as the model wrote it, and why it ended. */
  readonly answer?: string;
  readonly ended?: string;
  /** Why the answer, or the text behind the edits, was not read. */
  readonly problem?: string;
  /** What was read from the answer, whether it is shown or not. */
  readonly read?: readonly OffsetEdit[];
  /** Why some of that is not shown. */
  readonly refusals?: readonly string[];
  /** The prediction, once the whole answer is complete. */
  readonly edits: readonly PredictedEdit[];
}
