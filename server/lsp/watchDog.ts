import type { InitializeParams, WatchDog } from 'vscode-languageserver';
import type { Log } from './log.ts';

/** How often the client's process is looked for, in milliseconds. */
const watchIntervalMs = 3000;

/** Tells when to stop serving: when the client says so, or its process is gone. */
export class ClientWatchDog implements WatchDog {
  shutdownReceived = false;
  /** The process's exit code (LSP 3.18, "Exit Notification"). */
  readonly exited: Promise<number>;
  readonly #log: Log;
  #exit: (code: number) => void = () => {};

  constructor(log: Log) {
    this.#log = log;
    this.exited = new Promise((resolve) => {
      this.#exit = resolve;
    });
  }

  exit(code: number): void {
    this.#exit(code);
  }

  initialize({ processId }: InitializeParams): void {
    if (typeof processId !== 'number') return;
    const timer = setInterval(() => {
      try {
        process.kill(processId, 0);
      } catch (error) {
        // EPERM means that it lives but is somebody else's.
        if (error instanceof Error && 'code' in error && error.code === 'EPERM') return;
        clearInterval(timer);
        this.#log.info('the client is gone');
        this.exit(1);
      }
    }, watchIntervalMs);
    timer.unref();
  }
}
