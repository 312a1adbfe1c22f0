import type { Settings } from '../../shared/settings.ts';
import type { Engine } from './engine.ts';
import { WorkerEngine } from './workerEngine.ts';

export type EngineSettings = Pick<Settings, 'engine' | 'pattern.minConfidence'>;

export interface EngineChoice {
  readonly engine: Engine;
  /** What the user has to know about the choice, e.g. that the engine asked for cannot be had. */
  readonly notice?: string;
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

/** Makes the engine that the settings name, or the embedded one with a notice where that is not to be had. */
export function createEngine(settings: EngineSettings): EngineChoice {
  const make = engines[settings.engine];
  if (make) return { engine: make(settings) };
  return {
    engine: pattern(settings),
    notice: `The engine "${settings.engine}" is not available in this version of cursorcore-lsp; the pattern engine is used instead.`,
  };
}
