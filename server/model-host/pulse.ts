/**
 * The model host's thread that reports that it is alive while the main thread is inside native code. Started by
 * `LifeSigns`. It waits only in futexes, so it uses no processor time while the host is idle.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { beatMs, type PulseData, Sign, Slot } from './pulseProtocol.ts';

const { shared, descriptor }: PulseData = workerData;
const state = new Int32Array(shared);
let turn = Atomics.load(state, Slot.turn);
let beats = 0;

for (;;) {
  const limitMs = Atomics.load(state, Slot.limitMs);
  if (limitMs === 0) {
    Atomics.wait(state, Slot.limitMs, 0);
    continue;
  }
  const now = Atomics.load(state, Slot.turn);
  // Beats are counted, not time: a sleep of the machine does not count.
  beats = now === turn ? beats + 1 : 0;
  turn = now;
  beat(beats * beatMs < limitMs ? Sign.alive : Sign.stuck);
  Atomics.wait(state, Slot.never, 0, beatMs);
}

function beat(sign: number): void {
  try {
    writeSync(descriptor, Uint8Array.of(sign));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // Nobody is left to answer, and the main thread may never learn of it.
    if (code === 'EPIPE' || code === 'ECONNRESET') process.kill(process.pid, 'SIGKILL');
  }
}
