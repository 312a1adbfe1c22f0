import { formats } from '../../../shared/conversation/formats.ts';
import { counted } from '../../../shared/plural.ts';
import { ProcessModelHost } from '../../model-host/processModelHost.ts';
import type { WorkerResponse } from '../workerProtocol.ts';
import { InstalledCheck } from './installedCheck.ts';
import { ModelEngine } from './modelEngine.ts';
import type { ModelOptions } from './modelKind.ts';
import { isScarce } from './power.ts';

/** The engine with a model in a separate process. Information about the model is posted. */
export function startModelEngine(options: ModelOptions, post: (response: WorkerResponse) => void): ModelEngine {
  const log = (message: string) => post({ kind: 'log', message });
  const check = new InstalledCheck(options.host.folder, {
    log,
    notify: (message) => post({ kind: 'notice', message }),
  });
  const host = new ProcessModelHost({
    setup: options.host,
    idleMs: options.idleMs,
    onReady: ({ device, loadMs, notice }) => {
      post({ kind: 'device', device });
      log(`model: model loaded for ${device} in ${loadMs.toFixed(0)} ms`);
      if (notice !== undefined) post({ kind: 'notice', message: notice });
      check.loaded();
    },
    onGone: () => post({ kind: 'device', device: undefined }),
    // A generation that was stopped early has them too.
    onDone: ({ reason, stats }) => {
      const how = reason === 'length' && stats.generatedTokens === 0 ? 'read ahead' : 'read';
      log(
        `model: ${how} ${stats.promptTokens - stats.reusedTokens} of ${stats.promptTokens} tokens in ${stats.prefillMs.toFixed(0)} ms, ${stats.reusedTokens} reused; wrote ${stats.generatedTokens} in ${stats.decodeMs.toFixed(0)} ms; ${counted(stats.runs, 'run')} (${reason})`,
      );
      check.answered();
    },
  });
  return new ModelEngine({
    ...options,
    host,
    format: formats[options.promptFormat],
    log,
    ...(options.readAhead === 'auto' ? { mustSpare: isScarce } : {}),
  });
}
