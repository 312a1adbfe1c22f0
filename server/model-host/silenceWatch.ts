export interface SilenceWatchOptions {
  /** Maximum silence, in milliseconds, while something is awaited. */
  readonly silenceMs: number;
  /** Called several times in that time, for callers that get a response only if they ask. */
  readonly onTick?: () => void;
  readonly onSilence: () => void;
}

const ticksOfSilence = 10;
/** Before its first message a process loads its code, on a busy machine from a cold disk. */
const ticksToStart = 60;

/**
 * Detects silence of a process or thread that must answer. It counts ticks of its own timer, not
 * time: if this process was stopped, or the machine slept, the other side does not count as silent.
 */
export class SilenceWatch {
  readonly #options: SilenceWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  #heard = false;

  constructor(options: SilenceWatchOptions) {
    this.#options = options;
  }

  /** The wait for an answer begins. */
  start(): void {
    if (this.#timer) return;
    this.#ticks = 0;
    this.#timer = setInterval(() => this.#tick(), this.#options.silenceMs / ticksOfSilence).unref();
  }

  /** No answer is awaited: silence is normal. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** The other side sent something. */
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
