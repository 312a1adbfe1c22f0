import type { Engine } from '../../server/engines/engine.ts';
import type { Conversation, PredictedEdit, Prediction } from '../../shared/conversation/conversation.ts';

interface Call {
  readonly conversation: Conversation;
  readonly signal: AbortSignal;
  answer(edits: readonly (Omit<PredictedEdit, 'confidence'> & { confidence?: number })[]): void;
  fail(error: Error): void;
}

/** An engine whose answers the test gives, when it likes. */
export class ManualEngine implements Engine {
  readonly name = 'manual';
  supportsInstructions = false;
  readonly calls: Call[] = [];

  predict(conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      this.calls.push({
        conversation,
        signal,
        answer: (edits) => resolve({ edits: edits.map((edit) => ({ confidence: 1, ...edit })) }),
        fail: reject,
      });
    });
  }

  async dispose(): Promise<void> {}
}
