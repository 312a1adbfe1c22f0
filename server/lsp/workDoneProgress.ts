import { errorText } from '../../shared/errors.ts';
import type { LanguageServer } from './server.ts';

/** Work that takes less time than this, in milliseconds, is not announced. */
const announceAfterMs = 1000;

/** Shows `work` to the user under `title` when it takes long; `cancel` is called when the user cancels. */
export type ShowProgress = (title: string, work: Promise<unknown>, cancel: () => void) => void;

/** Work-done progress that the server begins (LSP 3.18, "Server Initiated Progress"), where the client can show it. */
export function registerProgress({ connection, log }: LanguageServer): ShowProgress {
  const announce = async (title: string, done: Promise<void>, cancel: () => void) => {
    try {
      const progress = await connection.window.createWorkDoneProgress();
      progress.token.onCancellationRequested(cancel);
      progress.begin(title, undefined, undefined, true);
      await done;
      progress.done();
    } catch (error) {
      log.debug(`progress: ${errorText(error)}`);
    }
  };

  return (title, work, cancel) => {
    const timer = setTimeout(() => void announce(title, done, cancel), announceAfterMs);
    const done = work.then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
  };
}
