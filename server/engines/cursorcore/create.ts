import { formats } from '../../../shared/conversation/formats.ts';
import { ProcessModelHost } from '../../model-host/processModelHost.ts';
import type { WorkerResponse } from '../workerProtocol.ts';
import { CursorCoreEngine } from './cursorCoreEngine.ts';
import { InstalledCheck } from './installedCheck.ts';
import type { CursorCoreSetup } from './setup.ts';

/** The engine over a model in a process of its own. What is to be known of the model is posted. */
export function createCursorCoreEngine(
  setup: CursorCoreSetup,
  post: (response: WorkerResponse) => void,
): CursorCoreEngine {
  const log = (message: string) => post({ kind: 'log', message });
  const check = new InstalledCheck(setup.host.folder, { log, notify: (message) => post({ kind: 'notice', message }) });
  const host = new ProcessModelHost({
    setup: setup.host,
    onReady: ({ device, loadMs, notice }) => {
      post({ kind: 'device', device });
      log(`cursorcore: model loaded for ${device} in ${loadMs.toFixed(0)} ms`);
      if (notice !== undefined) post({ kind: 'notice', message: notice });
      check.loaded();
    },
    onGone: () => post({ kind: 'device', device: undefined }),
    // A generation that was left early has them too.
    onDone: ({ reason, stats }) => {
      log(
        `cursorcore: prompt of ${stats.promptTokens} tokens, ${stats.reusedTokens} of them reused, ${stats.promptTokens - stats.reusedTokens} prefilled in ${stats.prefillMs.toFixed(0)} ms; ${stats.generatedTokens} generated in ${stats.decodeMs.toFixed(0)} ms (${reason})`,
      );
      check.answered();
    },
  });
  return new CursorCoreEngine({ ...setup, host, format: formats[setup.promptFormat], log });
}
