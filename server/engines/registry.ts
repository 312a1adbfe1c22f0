import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import type { Settings } from '../../shared/settings.ts';
import type { ModelSearch } from './cursorcore/findModel.ts';
import type { Engine } from './engine.ts';
import { WorkerEngine } from './workerEngine.ts';

export type EngineSettings = Pick<
  Settings,
  Extract<keyof Settings, 'engine' | `pattern.${string}` | `model.${string}`>
>;

export interface EngineChoice {
  /** At least one. The first is asked first; the others where it is silent, or on top of what it said. */
  readonly engines: readonly Engine[];
  /** What the user has to know about the choice, e.g. that the engine asked for cannot be had. */
  readonly notices: readonly string[];
  /** Why the engines are not those that were asked for, a sentence. */
  readonly problem?: string;
  /** Whether a model was looked for in vain, so that choosing again may lead to more once one is installed. */
  readonly lacksModel?: boolean;
}

/** Where an engine says what it does. */
export interface EngineEvents {
  /** For the log: names, counts and times, never text of documents. */
  readonly log: (message: string) => void;
  /** For the user, once. */
  readonly notify: (message: string) => void;
}

type Choose = (settings: EngineSettings, events: EngineEvents) => EngineChoice | Promise<EngineChoice>;

/** What each value of the setting `engine` means. A new engine is one line here. */
const choices: { readonly [K in EngineSettings['engine']]: Choose } = {
  auto: async (settings, events) => {
    const found = await find(settings);
    if (found.model) return { engines: [pattern(settings), cursorcore(settings, found.model, events)], notices: [] };
    // Someone who has installed nothing misses nothing.
    if (found.missing && settings['model.name'] === '') {
      return { engines: [pattern(settings)], notices: [], lacksModel: true };
    }
    return { ...instead(settings, found.problem), lacksModel: true };
  },
  pattern: (settings) => ({ engines: [pattern(settings)], notices: [] }),
  cursorcore: async (settings, events) => {
    const found = await find(settings);
    if (found.model) return { engines: [cursorcore(settings, found.model, events)], notices: [] };
    return { ...instead(settings, found.problem), lacksModel: true };
  },
  remote: (settings) => instead(settings, 'The engine "remote" is not available in this version of cursorcore-lsp.'),
};

/** Makes the engines that the settings name, or the embedded one with a notice where they are not to be had. */
export async function createEngines(settings: EngineSettings, events: EngineEvents): Promise<EngineChoice> {
  return choices[settings.engine](settings, events);
}

/** Whether both lead to the same engines. */
export function isSameChoice(a: EngineSettings, b: EngineSettings): boolean {
  return JSON.stringify(engineSettings(a)) === JSON.stringify(engineSettings(b));
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

function pattern(settings: EngineSettings): Engine {
  const setup = { engine: 'pattern', minConfidence: settings['pattern.minConfidence'] } as const;
  return new WorkerEngine({ name: 'pattern', setup });
}

/** On a thread too: cutting and reading texts for the model takes longer than the thread that speaks LSP may be held up. */
function cursorcore(
  settings: EngineSettings,
  { folder, manifest }: NonNullable<ModelSearch['model']>,
  { log, notify }: EngineEvents,
): Engine {
  return new WorkerEngine({
    name: 'cursorcore',
    setup: {
      engine: 'cursorcore',
      host: {
        folder,
        device: settings['model.device'],
        deviceId: settings['model.gpuDevice'],
        gpuMemoryLimit: settings['model.gpuMemoryLimit'] * 1024 * 1024,
        threads: settings['model.threads'],
        idleMs: settings['model.idleMinutes'] * 60_000,
      },
      promptFormat: manifest.promptFormat,
      contextLength: manifest.contextLength,
      maxPromptTokens: settings['model.maxPromptTokens'],
      maxNewTokens: settings['model.maxNewTokens'],
      minConfidence: settings['model.minConfidence'],
    },
    supportsInstructions: true,
    restMs: settings['model.debounceMs'],
    modelName: manifest.name,
    timeoutMs: 0,
    disposeMs: 2_000,
    onMessage: (kind, message) => (kind === 'log' ? log(message) : notify(message)),
  });
}

/** The store's code is loaded only where a model may be wanted. */
async function find(settings: EngineSettings): Promise<ModelSearch> {
  try {
    const { findModel } = await import('./cursorcore/findModel.ts');
    return await findModel(settings['model.name']);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: `The installed models cannot be read: ${why}.`, missing: false };
  }
}

function instead(settings: EngineSettings, reason: string): EngineChoice {
  const problem = `${reason.charAt(0).toUpperCase()}${reason.slice(1)}`;
  return { engines: [pattern(settings)], notices: [`${problem} The pattern engine is used instead.`], problem };
}

function engineSettings(settings: EngineSettings): [string, unknown][] {
  const isOurs = (name: string) => name === 'engine' || name.startsWith('pattern.') || name.startsWith('model.');
  return Object.entries(settings).filter(([name]) => isOurs(name));
}
