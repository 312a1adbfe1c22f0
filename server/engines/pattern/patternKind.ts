import { defaultMinConfidence } from '../../../shared/minConfidence.ts';
import { number, setting } from '../../settings/setting.ts';
import { engineKind } from '../engineKind.ts';
import { WorkerEngine } from '../workerEngine.ts';
import type { PatternEngineOptions } from './patternEngine.ts';

export const pattern = engineKind({
  name: 'pattern',
  summary: 'the embedded engine',

  settings: {
    'pattern.minConfidence': setting(
      number(0, 1),
      defaultMinConfidence,
      'The pattern engine stays silent below this confidence, 0 to 1.',
    ),
  },

  async create(settings) {
    const options: PatternEngineOptions = { minConfidence: settings['pattern.minConfidence'] };
    return { engine: new WorkerEngine({ name: 'pattern', options, ...options }) };
  },

  async start(options: PatternEngineOptions) {
    const { PatternEngine } = await import('./patternEngine.ts');
    return new PatternEngine(options);
  },
});
