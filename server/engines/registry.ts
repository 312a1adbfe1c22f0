import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Engine } from './engine.ts';
import { WorkerEngine } from './workerEngine.ts';

export type EngineSettings = Pick<Settings, 'engine' | 'pattern.minConfidence'>;

export interface EngineChoice {
  /** At least one. The first is asked first; the others where it is silent, or on top of what it said. */
  readonly engines: readonly Engine[];
  /** What the user has to know about the choice, e.g. that the engine asked for cannot be had. */
  readonly notices: readonly string[];
}

/** Where an engine says what it does. */
export interface EngineEvents {
  /** For the log: names, counts and times, never text of documents. */
  readonly log: (message: string) => void;
  /** For the user, once. */
  readonly notify: (message: string) => void;
}

type EngineName = EngineSettings['engine'];

function pattern(settings: EngineSettings): Engine {
  return new WorkerEngine({ name: 'pattern', setup: { minConfidence: settings['pattern.minConfidence'] } });
}

/** How to make each engine; without an entry it is not part of this version. A new engine is one line here. */
const engines: { readonly [K in EngineName]?: (settings: EngineSettings) => Engine } = {
  auto: pattern,
  pattern,
};

/** Makes the engines that the settings name, or the embedded one with a notice where they are not to be had. */
export async function createEngines(settings: EngineSettings, _events: EngineEvents): Promise<EngineChoice> {
  const make = engines[settings.engine];
  if (make) return { engines: [make(settings)], notices: [] };
  return {
    engines: [pattern(settings)],
    notices: [
      `The engine "${settings.engine}" is not available in this version of cursorcore-lsp; the pattern engine is used instead.`,
    ],
  };
}

/** Whether both lead to the same engines. */
export function isSameChoice(a: EngineSettings, b: EngineSettings): boolean {
  return a.engine === b.engine && a['pattern.minConfidence'] === b['pattern.minConfidence'];
}

/** The first prediction that is not empty, of the engines in their order, and who made it. Rejects as `Engine.predict`. */
export async function firstPrediction(
  engines: readonly Engine[],
  conversation: Conversation,
  signal: AbortSignal,
): Promise<{ engine: string; prediction: Prediction }> {
  let engine = '';
  let prediction: Prediction = { edits: [] };
  for (const one of engines) {
    engine = one.name;
    prediction = await one.predict(conversation, signal);
    if (prediction.partial && one.finish) prediction = await one.finish(conversation, signal);
    if (prediction.edits.length > 0 || prediction.chat !== undefined) break;
  }
  return { engine, prediction };
}
