import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import type { ModelStatus } from '../../shared/protocol.ts';
import type { Explanation } from './explanation.ts';

export { EngineError } from '../../shared/errors.ts';

/** Something that predicts edits. Every engine, embedded or not, is used through this. */
export interface Engine {
  readonly name: string;
  /** Whether `Conversation.instruction` is understood. Callers must not send one otherwise. */
  readonly supportsInstructions: boolean;
  /** How long, in milliseconds, the text must be unchanged before an expensive question; none if asking is cheap. */
  readonly debounceMs?: number;
  /** Edits of less confidence are not among what it predicts, 0 to 1; none are left out if absent. */
  readonly minConfidence?: number;
  /** The model that answers, if there is one. */
  readonly model?: ModelStatus | undefined;
  /**
   * Predicts the edits that come next; an empty prediction means silence.
   * Rejects with `signal.reason` once `signal` aborts, and with an `EngineError` when it cannot answer.
   */
  predict(conversation: Conversation, signal: AbortSignal): Promise<Prediction>;
  /**
   * The whole of a prediction that was returned `partial`, for the same conversation, including edits already returned.
   * Rejects as `predict` does.
   */
  finish?(conversation: Conversation, signal: AbortSignal): Promise<Prediction>;
  /**
   * Does ahead what it can for a question that is likely to come soon, such as to load a model and to read a prompt. Rejects as
   * `predict` does; absent where there is nothing to do ahead.
   */
  prepare?(conversation: Conversation, signal: AbortSignal): Promise<void>;
  /** The reasons for what `predict` returns for the conversation. Rejects as `predict` does. */
  explain?(conversation: Conversation, signal: AbortSignal): Promise<Explanation>;
  /** Frees the engine's resources. `predict` must not be called afterwards. */
  dispose(): Promise<void>;
}
