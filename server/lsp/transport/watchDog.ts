import type { InitializeParams, WatchDog } from 'vscode-languageserver';
import type { Log } from '../log.ts';

/** How often the client's process is checked, in milliseconds. */
const watchIntervalMs = 3000;

/** Reports when to stop serving: when the client requests it, or when its process is gone. */
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

  /**
   * Watches the client's process where it is visible. If it is not visible at the start, its id belongs to another
   * container or sandbox and means nothing here, even if a process has that id later; then the end of the stream tells.
   */
  initialize({ processId }: InitializeParams): void {
    if (typeof processId !== 'number') return;
    if (!isAlive(processId)) {
      this.#log.info('the client’s process cannot be seen from here, and is not watched');
      return;
    }
    const timer = setInterval(() => {
      if (isAlive(processId)) return;
      clearInterval(timer);
      this.#log.info('the client is gone');
      this.exit(1);
    }, watchIntervalMs);
    timer.unref();
  }
}

function isAlive(processId: number): boolean {
  try {
    return process.kill(processId, 0);
  } catch (error) {
    // It is alive but belongs to another user.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
