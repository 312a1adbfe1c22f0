import type { Engine } from '../../server/engines/engine.ts';
import type { Conversation, PredictedEdit, Prediction } from '../../shared/conversation/conversation.ts';

type Edits = readonly (Omit<PredictedEdit, 'confidence'> & { confidence?: number })[];

interface Call {
  readonly kind: 'predict' | 'finish';
  readonly conversation: Conversation;
  readonly signal: AbortSignal;
  answer(edits: Edits, more?: Omit<Prediction, 'edits'>): void;
  fail(error: Error): void;
}

/** An engine whose answers the test gives, when it likes. */
export class ManualEngine implements Engine {
  readonly name: string;
  supportsInstructions = false;
  debounceMs = 0;
  readonly calls: Call[] = [];

  constructor(name = 'manual') {
    this.name = name;
  }

  predict(conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    return this.#call('predict', conversation, signal);
  }

  finish(conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    return this.#call('finish', conversation, signal);
  }

  async dispose(): Promise<void> {}

  #call(kind: Call['kind'], conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason));
      this.calls.push({
        kind,
        conversation,
        signal,
        answer: (edits, more) => resolve({ ...more, edits: edits.map((edit) => ({ confidence: 1, ...edit })) }),
        fail: reject,
      });
    });
  }
}
