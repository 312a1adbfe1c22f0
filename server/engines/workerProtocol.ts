import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import type { Explanation } from './explanation.ts';

/** The questions about a conversation, and their answers. */
export interface Answers {
  readonly predict: Prediction;
  readonly finish: Prediction;
  readonly prepare: undefined;
  readonly explain: Explanation | undefined;
}

/** The messages to an engine worker. Everything is a plain value, cloned for the thread. */
export type WorkerRequest =
  | { readonly kind: keyof Answers; readonly id: number; readonly conversation: Conversation }
  | { readonly kind: 'abort'; readonly id: number }
  /** To be answered with `alive`, at once. */
  | { readonly kind: 'ping' }
  /** To be answered with `disposed`, once the engine has freed its resources outside the thread. */
  | { readonly kind: 'dispose' };

/**
 * The worker's messages. A failure has the message of an `EngineError`, meant for the user, or the crash's location:
 * a crash's own message may quote the text.
 */
export type WorkerResponse =
  | { readonly kind: 'answer'; readonly id: number; readonly answer: Answers[keyof Answers] }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string; readonly topic: string }
  | { readonly kind: 'crash'; readonly id: number; readonly where: string }
  /** For the log, or for the user. */
  | { readonly kind: 'log' | 'notice'; readonly message: string }
  /** Where the engine's model runs; undefined while it is not loaded. */
  | { readonly kind: 'device'; readonly device: string | undefined }
  | { readonly kind: 'alive' }
  | { readonly kind: 'disposed' };

/** What the worker starts with: which engine, and its options, a plain value. */
export interface WorkerSetup {
  readonly engine: string;
  readonly options: unknown;
}
