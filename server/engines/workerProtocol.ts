import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';

/** What an engine worker is told. Everything is a plain value, cloned on its way to the thread. */
export type WorkerRequest =
  | { readonly kind: 'predict'; readonly id: number; readonly conversation: Conversation }
  | { readonly kind: 'abort'; readonly id: number };

/**
 * What it answers. A failure has the message of an `EngineError`, meant for the user, or else where the engine crashed:
 * a crash's own message may quote the text.
 */
export type WorkerResponse =
  | { readonly kind: 'prediction'; readonly id: number; readonly prediction: Prediction }
  | { readonly kind: 'failure'; readonly id: number; readonly message: string }
  | { readonly kind: 'crash'; readonly id: number; readonly where: string };

/** What the worker starts with. */
export interface WorkerSetup {
  readonly minConfidence: number;
}
