import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type PulseData, pulseDescriptor, pulseVariable, Slot, slots } from './pulseProtocol.ts';

/**
 * Tells the parent process that this one is alive. Loading a model and running it block the event loop, so a thread
 * does this, as long as the main thread keeps within the time limit of its task.
 */
export class LifeSigns {
  readonly #shared = new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT);
  readonly #state = new Int32Array(this.#shared);

  constructor() {
    if (process.env[pulseVariable] === undefined) return;
    const pulse = startPulse({ shared: this.#shared, descriptor: pulseDescriptor });
    // Without the pipe the host works as well; its messages then show that it is alive.
    pulse.on('error', () => {});
    pulse.unref();
  }

  /** The main thread begins a task that takes no longer than `limitMs`. */
  begin(limitMs: number): void {
    Atomics.add(this.#state, Slot.turn, 1);
    if (Atomics.exchange(this.#state, Slot.limitMs, limitMs) === 0) Atomics.notify(this.#state, Slot.limitMs);
  }

  idle(): void {
    Atomics.store(this.#state, Slot.limitMs, 0);
  }
}

/** The script is beside this module as source; in the build, scripts/build.mjs names it `modelHostPulse.js`. */
function startPulse(workerData: PulseData): Worker {
  const { url } = import.meta;
  if (!url.endsWith('.ts')) return new Worker(new URL('./modelHostPulse.js', url), { workerData });
  // This thread's loader for TypeScript does not apply to other threads.
  const loader = JSON.stringify(createRequire(url).resolve('tsx/cjs/api'));
  const script = JSON.stringify(fileURLToPath(new URL('./pulse.ts', url)));
  return new Worker(`require(${loader}).register(); require(${script})`, { eval: true, workerData });
}
