import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { type PulseData, pulseDescriptor, pulseVariable, Slot, slots } from './pulseProtocol.ts';

/**
 * Tells whoever started this process that it lives. Loading a model and running it block the event loop, so that a thread
 * does it, as long as the main thread takes no longer for one thing than it may.
 */
export class LifeSigns {
  readonly #shared = new SharedArrayBuffer(slots * Int32Array.BYTES_PER_ELEMENT);
  readonly #state = new Int32Array(this.#shared);

  constructor() {
    if (process.env[pulseVariable] === undefined) return;
    const pulse = startPulse({ shared: this.#shared, descriptor: pulseDescriptor });
    // Without it the host works as well; whoever waits takes its messages for signs of life.
    pulse.on('error', () => {});
    pulse.unref();
  }

  /** The main thread begins something that takes no longer than `limitMs`. */
  begin(limitMs: number): void {
    Atomics.add(this.#state, Slot.turn, 1);
    if (Atomics.exchange(this.#state, Slot.limitMs, limitMs) === 0) Atomics.notify(this.#state, Slot.limitMs);
  }

  idle(): void {
    Atomics.store(this.#state, Slot.limitMs, 0);
  }
}

/** The script lies beside this module as source; as built, scripts/build.mjs calls it `modelHostPulse.js`. */
function startPulse(workerData: PulseData): Worker {
  const { url } = import.meta;
  if (!url.endsWith('.ts')) return new Worker(new URL('./modelHostPulse.js', url), { workerData });
  // The loader for TypeScript that this thread has does not reach into others.
  const loader = JSON.stringify(createRequire(url).resolve('tsx/cjs/api'));
  const script = JSON.stringify(fileURLToPath(new URL('./pulse.ts', url)));
  return new Worker(`require(${loader}).register(); require(${script})`, { eval: true, workerData });
}
