export interface SilenceWatchOptions {
  /** So long, in milliseconds, may nothing be heard of what is waited for. */
  readonly silenceMs: number;
  /** Called several times in that time, for whoever has to ask to hear something. */
  readonly onTick?: () => void;
  readonly onSilence: () => void;
}

const ticksOfSilence = 10;
/** Before its first sign a process loads its code, on a busy machine from a cold disk. */
const ticksToStart = 60;

/**
 * Notices that something of which an answer is waited for gives no sign of life. It counts ticks of its own timer rather
 * than time: whoever was stopped itself, or slept with the machine, does not take its own absence for the other's.
 */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #heard = false;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
  }

  /** Something is waited for from now on. */
  start(): void {
    if (this.#timer) return;
    this.#ticks = 0;
    this.#timer = setInterval(() => this.#tick(), this.#options.silenceMs / ticksOfSilence).unref();
  }

  /** Nothing is waited for: silence is as it should be. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Something was heard. */
  heard(): void {
    this.#heard = true;
    this.#ticks = 0;
  }

  #tick(): void {
    if (++this.#ticks <= (this.#heard ? ticksOfSilence : ticksToStart)) {
      this.#options.onTick?.();
    } else {
      this.stop();
      this.#options.onSilence();
    }
  }
}
