export interface DecoderRun {
  /** Tokens that follow the first `past` tokens of the sequence; at least one. */
  readonly tokens: readonly number[];
  /** How many tokens of the sequence are kept; those behind them are overwritten. At most its `length`. */
  readonly past: number;
  /** Maximum number of tokens to decode greedily, including the one after `tokens`; 0 only fills the cache. */
  readonly decode: number;
  /** How many of the last positions of `tokens` give an id: 1, or more to verify draft tokens. */
  readonly verify?: number;
  /** Ids after which decoding ends early; such an id is the last one returned. */
  readonly stop: readonly number[];
}

/** One run's outcome. The last decoded id is not in the cache yet. */
export interface DecoderResult {
  /** Greedy ids: of the `verify` last positions, then of each decoded token. Ends after a `stop` id. */
  readonly ids: readonly number[];
  /** Natural logarithm of the probability of each of `ids`. */
  readonly logProbabilities: readonly number[];
}

/** A sequence of tokens with their keys and values, the *cache*. */
export interface DecoderSequence {
  /** Tokens whose keys and values are cached, in the order they were run. */
  readonly length: number;
  /** Memory that the cache takes. */
  readonly bytes: number;
  /** Rejects with a `RunInterrupted` if the decoder was interrupted; what is behind `past` is then undefined. */
  run(run: DecoderRun): Promise<DecoderResult>;
  /** Another sequence that begins with the first `count` tokens of this one. */
  fork(count: number): DecoderSequence;
  /** Frees the cache. */
  release(): void;
}

/** A loaded model. One run at a time, whatever the sequence. */
export interface Decoder {
  /** An empty sequence. */
  begin(): DecoderSequence;
  /** Ends the run in progress soon; absent where a run cannot be ended and blocks the thread that it is called on. */
  interrupt?(): void;
  /** Frees the session; its sequences cannot be run any more. */
  dispose(): Promise<void>;
}

/** A run was ended by `Decoder.interrupt`. */
export class RunInterrupted extends Error {
  override readonly name = 'RunInterrupted';
}
