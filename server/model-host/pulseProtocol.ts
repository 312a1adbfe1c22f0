/** How often a host that works gives a sign of life, in milliseconds. */
export const beatMs = 500;

/**
 * The file descriptor of the pipe that signs of life go through: those before it are standard streams and IPC. The variable
 * says that it is there; in a process that others started, 4 may be anything.
 */
export const pulseDescriptor = 4;
export const pulseVariable = 'CURSORCORE_PULSE';

/** What the host's main thread and its pulse share, as places in an Int32Array. */
export const Slot = {
  /** How many milliseconds the main thread may take for what it does; 0 while it is idle. */
  limitMs: 0,
  /** Counts up whenever the main thread begins something. */
  turn: 1,
  /** Always 0. */
  never: 2,
} as const;

export const slots = 3;

/** The bytes that go through the pipe. */
export const Sign = {
  alive: 1,
  /** The main thread has taken longer than it may. */
  stuck: 2,
} as const;

export interface PulseData {
  readonly shared: SharedArrayBuffer;
  readonly descriptor: number;
}
