/** The interval of a working host's pulse, in milliseconds. */
export const beatMs = 500;

/**
 * The file descriptor of the pipe for the pulse: those before it are standard streams and IPC. The variable
 * says that the pipe exists; in a process started by other programs, 4 may be anything.
 */
export const pulseDescriptor = 4;
export const pulseVariable = 'CURSORCORE_PULSE';

/** Memory shared by the host's main thread and its pulse, as places in an Int32Array. */
export const Slot = {
  /** How many milliseconds the main thread may take for its current task; 0 while it is idle. */
  limitMs: 0,
  /** Incremented whenever the main thread begins a task. */
  turn: 1,
  /** Always 0. */
  never: 2,
} as const;

export const slots = 3;

/** The bytes sent through the pipe. */
export const Sign = {
  alive: 1,
  /** The main thread has exceeded its limit. */
  stuck: 2,
} as const;

export interface PulseData {
  readonly shared: SharedArrayBuffer;
  readonly descriptor: number;
}
