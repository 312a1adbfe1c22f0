import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';

/** What an engine worker is told. Everything is a plain value, cloned on its way to the thread. */
export type WorkerRequest =
  | { readonly kind: 'predict'; readonly id: number; readonly conversation: Conversation }
  | { readonly kind: 'abort'; readonly id: number };

/** What it answers: `engine` tells whether `message` is an `EngineError`'s, meant for the user, or a crash's. */
export type WorkerResponse =
  | { readonly kind: 'prediction'; readonly id: number; readonly prediction: Prediction }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string; readonly engine: boolean };

/** What the worker starts with. */
export interface WorkerSetup {
  readonly minConfidence: number;
}
