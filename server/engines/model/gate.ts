import type { Conversation, PredictedEdit } from '../../../shared/conversation/conversation.ts';
import type { AnswerRange } from '../../../shared/conversation/format.ts';
import { type Hunk, toHunks } from '../../../shared/edits/hunks.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import { editConfidences, type ScoredText, sourceConfidences } from './confidence.ts';
import { answerRefusal, type GateScene, gateScene, hunkRefusal } from './gateRules.ts';
import { reasonFor } from './reason.ts';

type PredictedHunk = Hunk<PredictedEdit>;

export interface GateOptions {
  /** The answer from which the edits were read, with its tokens' probabilities, if known. */
  readonly answer?: ScoredText;
  /** Where in the answer each edit is said, if edits are all that it says. */
  readonly sources?: readonly AnswerRange[] | undefined;
  /** The conversation as the rules see it, if it is known already. */
  readonly scene?: GateScene | undefined;
  /** Less certain hunks are not shown, 0 to 1. */
  readonly leastConfidence?: number;
  /** Called with the reason why a hunk is not shown. Never text of documents. */
  readonly onRefused?: (why: string) => void;
}

/**
 * The one place that decides whether a model's edits are shown, for every format, local or remote. Returns the shown
 * edits with the model's confidence in each hunk (1 if unknown) and a few words for a title. What an instruction
 * asked for is always shown.
 */
export function gate(
  conversation: Conversation,
  edits: readonly OffsetEdit[],
  { answer, sources, scene: known, leastConfidence = 0, onRefused = () => {} }: GateOptions = {},
): PredictedEdit[] {
  const { current, instruction } = conversation;
  const confidences = !answer
    ? []
    : sources
      ? sourceConfidences(sources, answer)
      : editConfidences(current, edits, answer);
  const hunks = toHunks(
    current,
    edits.map((edit, i): PredictedEdit => ({ ...edit, confidence: answer ? (confidences[i] ?? 0) : 1 })),
  );
  if (hunks.length === 0) return [];
  const scene = known ?? gateScene(conversation);
  const refusal = (hunk: PredictedHunk, left: readonly PredictedHunk[]) =>
    confidenceOf(hunk) < leastConfidence ? 'the model is not sure enough of it' : hunkRefusal(scene, hunk, left);
  const whole = instruction === undefined ? answerRefusal(scene, edits) : undefined;
  if (whole !== undefined) {
    onRefused(whole);
    return [];
  }
  const shown = instruction === undefined ? standing(hunks, refusal, onRefused) : hunks;
  return shown.flatMap((hunk) => {
    const confidence = confidenceOf(hunk);
    const reason = reasonFor(current, hunk);
    return hunk.edits.map((edit) => ({ ...edit, confidence, ...(reason === undefined ? {} : { reason }) }));
  });
}

/**
 * The hunks of an answer that are not refused. Some are wanted only for what others do, such as lines taken out that are
 * put in elsewhere, so each has to stand without those that are refused. `refusal` says why not, beside the hunks that are left.
 */
function standing(
  hunks: readonly PredictedHunk[],
  refusal: (hunk: PredictedHunk, left: readonly PredictedHunk[]) => string | undefined,
  onRefused: (why: string) => void,
): readonly PredictedHunk[] {
  const left = hunks.filter((hunk) => {
    const why = refusal(hunk, hunks);
    if (why !== undefined) onRefused(why);
    return why === undefined;
  });
  return left.length === hunks.length ? left : standing(left, refusal, onRefused);
}

function confidenceOf({ edits }: PredictedHunk): number {
  return Math.min(...edits.map(({ confidence }) => confidence));
}
