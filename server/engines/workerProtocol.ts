import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import type { Explanation } from './explanation.ts';

/** What can be asked about a conversation, and what is answered. */
export interface Answers {
  readonly predict: Prediction;
  readonly finish: Prediction;
  readonly explain: Explanation | undefined;
}

/** What an engine worker is told. Everything is a plain value, cloned on its way to the thread. */
export type WorkerRequest =
  | { readonly kind: keyof Answers; readonly id: number; readonly conversation: Conversation }
  | { readonly kind: 'abort'; readonly id: number }
  /** To be answered with `alive`, at once. */
  | { readonly kind: 'ping' }
  /** To be answered with `disposed`, once the engine has freed what it holds outside the thread. */
  | { readonly kind: 'dispose' };

/**
 * What it answers. A failure has the message of an `EngineError`, meant for the user, or else where the engine crashed:
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
