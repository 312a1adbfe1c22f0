import { EngineError } from '../../shared/errors.ts';
import type { Device } from '../models/manifest.ts';
import type { GenerateRequest, GenerationStats } from './hostProtocol.ts';

/** What a host is asked to write. */
export interface GenerationRequest extends Omit<GenerateRequest, 'kind' | 'id'> {
  /** The text of `answered`, for a host that asks a server: few of these take ids. */
  readonly answeredText?: string;
}

/** What came out of one run of the model. */
export interface GeneratedChunk {
  readonly text: string;
  readonly ids: readonly number[];
  /** Natural logarithms, one for each of `ids`; NaN where a server does not say. */
  readonly logProbabilities: readonly number[];
  /** How many UTF-16 code units of `text` each of `ids` added; a character made of several tokens counts for its last. */
  readonly lengths: readonly number[];
}

export interface GenerationEnd {
  readonly reason: 'stop' | 'length' | 'cancelled';
  readonly stats: GenerationStats;
}

/** The host's process is gone, or was ended because it gave no sign of life: asked once more, another may well answer. */
export class HostDied extends EngineError {
  override readonly name = 'HostDied';
}

/**
 * A model in a process of its own, or on a server, as its callers see it. The process is started with the first request,
 * ended when idle, and started again, with a back-off, after it died; a server that fails is left alone likewise.
 */
export interface ModelHost {
  /**
   * Streams an answer and returns how it ended. Leaving the loop or aborting `signal` frees the host within one run;
   * the latter rejects with `signal.reason`. Rejects with an `EngineError` when the host cannot load or is left alone, and
   * with a `HostDied` when it died.
   */
  generate(request: GenerationRequest, signal: AbortSignal): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined>;
  /** How many tokens each text takes, by itself, as plain text. */
  count(texts: readonly string[], signal: AbortSignal): Promise<readonly number[]>;
  /** Where the model runs; undefined until it is loaded. */
  readonly device: Device | undefined;
  /** Tokens of prompt and answer together, where the host finds that out itself; undefined until it has. */
  readonly contextLength?: number | undefined;
  dispose(): Promise<void>;
}
