import { MessageChannel } from 'node:worker_threads';

/** A port that is closed: what is transferred to it is gone. */
const { port1: nowhere, port2: otherEnd } = new MessageChannel();
otherEnd.close();

/**
 * Gives the memory of buffers back at once; afterwards they are empty. A KV cache is replaced with every run, and the
 * garbage collector, which sees only small objects, would let many of them pile up.
 */
export function freeBuffers(buffers: Iterable<ArrayBufferLike>): void {
  for (const buffer of buffers) if (buffer instanceof ArrayBuffer) nowhere.postMessage(undefined, [buffer]);
}
