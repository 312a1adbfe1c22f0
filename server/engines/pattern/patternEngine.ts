import type { Conversation, Prediction } from '../../../shared/conversation/conversation.ts';
import { defaultMinConfidence } from '../../../shared/minConfidence.ts';
import type { Engine } from '../engine.ts';
import type { Explanation } from '../explanation.ts';
import { editsOf } from './predictedEdits.ts';
import { buildScene } from './scene.ts';

export interface PatternEngineOptions {
  /** Candidates the ranker thinks less likely than this are not shown, 0 to 1. */
  readonly minConfidence?: number;
}

/** The embedded engine: recognizes what the programmer does and proposes the same elsewhere. Deterministic. */
export class PatternEngine implements Engine {
  readonly name = 'pattern';
  readonly supportsInstructions = false;
  readonly #minConfidence: number;

  constructor(options: PatternEngineOptions = {}) {
    this.#minConfidence = options.minConfidence ?? defaultMinConfidence;
  }

  async predict(conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    signal.throwIfAborted();
    const scene = buildScene(conversation, signal);
    if (!scene) return { edits: [] };
    return { edits: editsOf(scene, this.#minConfidence) };
  }

  async explain(conversation: Conversation, signal: AbortSignal): Promise<Explanation> {
    signal.throwIfAborted();
    const { explain } = await import('./explain.ts');
    return explain(conversation, this.#minConfidence);
  }

  async dispose(): Promise<void> {}
}
