import type { PromptFormatName } from '../../../shared/conversation/formats.ts';
import type { HostSetup } from '../../model-host/hostProtocol.ts';
import { autoOr, number, oneOf, setting, string, wholeNumber } from '../../settings/setting.ts';
import { engineKind } from '../engineKind.ts';
import { WorkerEngine } from '../workerEngine.ts';
import type { ModelSearch } from './findModel.ts';
import { leastConfidence } from './leastConfidence.ts';

/** All that the engine needs to know of the model and the settings; a plain value, for the engine's thread. */
export interface ModelOptions {
  readonly host: HostSetup;
  /** Milliseconds without a request after which the model is unloaded; 0 never. */
  readonly idleMs: number;
  readonly promptFormat: PromptFormatName;
  /** Tokens of prompt and answer together. */
  readonly contextLength: number;
  /** As `ModelEngineOptions` has them. */
  readonly maxPromptTokens: number;
  readonly maxNewTokens: number;
  readonly minConfidence: number;
  readonly readAhead: 'auto' | 'on' | 'off';
}

export const model = engineKind({
  name: 'model',
  aliases: ['cursorcore'],
  summary: 'a language model that you have installed',

  settings: {
    'model.name': setting(
      string,
      '',
      'The model: a name that `cursorcore-lsp model list` shows, or the absolute path of a folder that holds one; empty takes the first, those made to predict edits before others.',
    ),
    'model.device': setting(
      oneOf(['auto', 'cpu', 'cuda']),
      'auto',
      'Where the model runs; `auto` takes the GPU where it can be used.',
    ),
    'model.gpuDevice': setting(wholeNumber(0, 63), 0, 'Which GPU, counted from 0.'),
    'model.gpuMemoryLimit': setting(
      wholeNumber(0, 1024 * 1024),
      0,
      'A model whose files are larger than so many MiB is kept off the GPU and runs on the CPU; 0 lets any onto it. What a model takes there once it runs is not limited.',
    ),
    'model.threads': setting(
      wholeNumber(0, 512),
      0,
      'How many threads the model takes on the CPU; 0 is one for each physical core.',
    ),
    'model.idleMinutes': setting(
      wholeNumber(0, 1440),
      15,
      'After how many minutes without a request the model leaves memory; 0 is never.',
    ),
    'model.debounceMs': setting(
      wholeNumber(0, 10_000),
      150,
      'How long the text must rest, in milliseconds, before the model is asked.',
    ),
    'model.readAhead': setting(
      oneOf(['auto', 'on', 'off']),
      'auto',
      'Whether the model loads and reads while you type, so that it answers sooner when you pause; `auto`: not on battery, nor while the machine is busy.',
    ),
    'model.maxPromptTokens': setting(
      wholeNumber(0, 131_072),
      0,
      'How many tokens of code, current and earlier, the model is shown at most; 0 is 768 on the CPU and 6144 on a GPU.',
    ),
    'model.maxNewTokens': setting(
      wholeNumber(0, 32_768),
      0,
      'How many tokens the model writes at most for one answer; 0 is 320 on the CPU and 2048 on a GPU. Models that repeat what they are shown are shown no more than this.',
    ),
    'model.minConfidence': setting(
      autoOr(number(0, 1)),
      'auto',
      'Edits that the model is less sure of are not shown, 0 to 1; `auto` is 0.5 for models that answer with a patch, else 0.3.',
    ),
  },

  async create(settings, { log, notify }) {
    const found = await find(settings['model.name']);
    if (!found.model) {
      return { problem: found.problem, isOptional: found.missing && settings['model.name'] === '' };
    }
    const { folder, manifest } = found.model;
    const { formats } = await import('../../../shared/conversation/formats.ts');
    const options: ModelOptions = {
      host: {
        folder,
        device: settings['model.device'],
        deviceId: settings['model.gpuDevice'],
        gpuMemoryLimit: settings['model.gpuMemoryLimit'] * 1024 * 1024,
        threads: settings['model.threads'],
      },
      idleMs: settings['model.idleMinutes'] * 60_000,
      promptFormat: manifest.promptFormat,
      contextLength: manifest.contextLength,
      maxPromptTokens: settings['model.maxPromptTokens'],
      maxNewTokens: settings['model.maxNewTokens'],
      minConfidence: leastConfidence(settings['model.minConfidence'], formats[manifest.promptFormat]),
      readAhead: settings['model.readAhead'],
    };
    const engine = new WorkerEngine({
      name: 'model',
      options,
      minConfidence: options.minConfidence,
      supportsInstructions: formats[manifest.promptFormat].takesInstructions,
      debounceMs: settings['model.debounceMs'],
      canPrepare: settings['model.readAhead'] !== 'off',
      modelName: manifest.name,
      // Cutting and reading texts for the model would block the thread that handles LSP for too long, but most of the
      // waiting is for the model.
      timeoutMs: 0,
      disposeMs: 2_000,
      onMessage: (kind, message) => (kind === 'log' ? log(message) : notify(message)),
    });
    return { engine };
  },

  async start(options: ModelOptions, post) {
    const { startModelEngine } = await import('./startModelEngine.ts');
    return startModelEngine(options, post);
  },
});

/** The store's code is loaded only if a model may be needed. */
async function find(name: string): Promise<ModelSearch> {
  try {
    const { findModel } = await import('./findModel.ts');
    return await findModel(name);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: `The installed models cannot be read: ${why}.`, missing: false };
  }
}
