export interface DecoderRun {
  /** Tokens that follow the first `past` tokens of the cache; at least one. */
  readonly tokens: readonly number[];
  /** How many tokens of the cache are kept; those behind them are overwritten. At most `cachedTokens`. */
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

/** A loaded model with its KV cache. One run at a time; a run blocks the thread it is called on. */
export interface Decoder {
  /** Tokens whose keys and values are cached, in the order they were run. */
  readonly cachedTokens: number;
  run(run: DecoderRun): Promise<DecoderResult>;
  /** Frees session and cache. */
  dispose(): Promise<void>;
}
