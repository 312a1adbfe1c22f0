import { EngineError } from '../../shared/errors.ts';
import type { Device } from '../models/manifest.ts';
import type { GenerateRequest, GenerationStats } from './hostProtocol.ts';

/** The request for an answer. */
export interface GenerationRequest extends Omit<GenerateRequest, 'kind' | 'id'> {
  /** The text of `answered`, for a host that asks a server: few servers accept ids. */
  readonly answeredText?: string;
}

/** The output of one run of the model. */
export interface GeneratedChunk {
  readonly text: string;
  readonly ids: readonly number[];
  /** Natural logarithms, one for each of `ids`; NaN if a server does not report it. */
  readonly logProbabilities: readonly number[];
  /** How many UTF-16 code units of `text` each of `ids` added; a character made of several tokens counts for its last. */
  readonly lengths: readonly number[];
}

export interface GenerationEnd {
  readonly reason: 'stop' | 'length' | 'cancelled';
  readonly stats: GenerationStats;
}

/** The host's process has ended, or was ended because it was silent: if asked again, a new one may well answer. */
export class HostDied extends EngineError {
  override readonly name = 'HostDied';
}

/**
 * The interface of a model in a separate process, or on a server. The process is started with the first request,
 * ended when idle, and started again, with a back-off, after a crash; the same back-off applies to a server that fails.
 */
export interface ModelHost {
  /**
   * Streams an answer and returns how it ended. Leaving the loop or aborting `signal` frees the host within one run;
   * the latter rejects with `signal.reason`. Rejects with an `EngineError` if the host cannot load or must not start
   * yet, and with a `HostDied` when it died.
   */
  generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined>;
  /**
   * Reads a prompt ahead of a request whose prompt begins like it; of one that is like the last, what it shares with that. Absent
   * where it would cost others. Rejects as `generate` does.
   */
  read?(prompt: GenerationRequest['prompt'], signal: AbortSignal): Promise<void>;
  /** Whether it goes on with an answer that was begun, which few servers do; a host does if absent. */
  readonly continuesAnswers?: boolean;
  /** How many tokens each text takes, by itself, as plain text. */
  count(texts: readonly string[], signal: AbortSignal): Promise<readonly number[]>;
  /** Where the model runs; undefined until it is loaded. */
  readonly device: Device | undefined;
  /** Tokens of prompt and answer together, if the host finds this out itself; undefined until then. */
  readonly contextLength?: number | undefined;
  dispose(): Promise<void>;
}
