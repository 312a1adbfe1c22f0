import type { Conversation, PredictedEdit } from '../../../shared/conversation/conversation.ts';
import { type Hunk, toHunks } from '../../../shared/edits/hunks.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import { editConfidences, type ScoredText } from './confidence.ts';
import { answerRefusal, gateScene, hunkRefusal } from './gateRules.ts';
import { reasonFor } from './reason.ts';

export interface GateOptions {
  /** The answer that the edits were read from, with its tokens' probabilities, where they are known. */
  readonly answer?: ScoredText;
  /** Hunks that the model is less sure of are not shown, 0 to 1. */
  readonly leastConfidence?: number;
  /** Told why a hunk is not shown. Never text of documents. */
  readonly onRefused?: (why: string) => void;
}

/**
 * The one place that decides whether what a model said is shown, for every format, run here or served: those of the edits
 * that are, with how sure the model is of each hunk (1 where that is not known) and a few words for a title. What an
 * instruction asked for is shown whatever it is.
 */
export function gate(
  conversation: Conversation,
  edits: readonly OffsetEdit[],
  { answer, leastConfidence = 0, onRefused = () => {} }: GateOptions = {},
): PredictedEdit[] {
  const { current, instruction } = conversation;
  const confidences = answer ? editConfidences(current, edits, answer) : [];
  const hunks = toHunks(
    current,
    edits.map((edit, i): PredictedEdit => ({ ...edit, confidence: answer ? (confidences[i] ?? 0) : 1 })),
  );
  if (hunks.length === 0) return [];
  const scene = gateScene(conversation);
  const refusal = (hunk: Hunk<PredictedEdit>) => {
    if (instruction !== undefined) return undefined;
    if (confidenceOf(hunk) < leastConfidence) return 'the model is not sure enough of it';
    return hunkRefusal(scene, hunk, hunks);
  };
  const whole = instruction === undefined ? answerRefusal(scene, edits) : undefined;
  if (whole !== undefined) {
    onRefused(whole);
    return [];
  }
  return hunks.flatMap((hunk) => {
    const why = refusal(hunk);
    if (why !== undefined) {
      onRefused(why);
      return [];
    }
    const confidence = confidenceOf(hunk);
    const reason = reasonFor(current, hunk);
    return hunk.edits.map((edit) => ({ ...edit, confidence, ...(reason === undefined ? {} : { reason }) }));
  });
}

function confidenceOf({ edits }: Hunk<PredictedEdit>): number {
  return Math.min(...edits.map(({ confidence }) => confidence));
}
