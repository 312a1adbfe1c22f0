import { StoreError, UsageError } from '../../models/store/storeError.ts';
import { ModelFileError } from '../../models/weightSource.ts';
import { failure } from '../failure.ts';

/**
 * Runs a `model` command and returns its exit code: 1 for what cannot be done, 2 for what was asked wrongly, 130 when
 * it was interrupted. Failures are one sentence on standard error.
 */
export async function reported(command: string, work: () => Promise<number>): Promise<number> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Interrupted) return fail(command, error.message, 130);
    if (error instanceof UsageError) return fail(command, error.message, 2);
    if (error instanceof StoreError || error instanceof ModelFileError) return fail(command, error.message);
    throw error;
  }
}

export function fail(command: string, message: string, code = 1): number {
  return failure(`model ${command}`, message.replace(/\.$/, ''), code);
}

class Interrupted extends Error {}

/**
 * Runs `work` with a signal that aborts when the user presses Ctrl-C or the process is told to end, so that it can
 * clean up. A second Ctrl-C ends the process as it would without this.
 */
export async function interruptible<T>(note: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort(new Interrupted(note));
  process.once('SIGINT', abort);
  process.once('SIGTERM', abort);
  // The terminal was closed.
  process.once('SIGHUP', abort);
  try {
    return await work(controller.signal);
  } catch (error) {
    // What an abort makes libraries throw says less than why.
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    process.off('SIGINT', abort);
    process.off('SIGTERM', abort);
    process.off('SIGHUP', abort);
  }
}
