import type { TokenizerFiles } from './tokenizer/tokenizerFiles.ts';

/** The configuration values of a decoder that the weights do not show, named as in config.json if possible. */
export interface ModelConfig {
  /** e.g. `Qwen2ForCausalLM`. */
  readonly architecture: string;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabularySize: number;
  readonly contextLength: number;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
  readonly ropeScaling?: RopeScaling;
  /** Whether the output projection is the embedding matrix. */
  readonly tiedEmbeddings: boolean;
  readonly endOfSequence: readonly number[];
  readonly beginningOfSequence?: number;
}

export type RopeScaling =
  | { readonly kind: 'linear'; readonly factor: number }
  | {
      readonly kind: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalContextLength: number;
    }
  | { readonly kind: 'dynamic'; readonly factor: number; readonly originalContextLength: number };

/**
 * How a tensor's numbers are stored. The GGUF kinds are blocks along a row: `Q8_0`/`Q4_0` of 32 numbers with one fp16 scale.
 * `Q5_0` and `Q5_1` are what llama.cpp falls back to where rows are no multiple of 256, as in every Qwen2.5 0.5B "Q4_K_M" file.
 */
export type StoredType =
  | 'F32'
  | 'F16'
  | 'BF16'
  | 'F8_E4M3'
  | 'Q8_0'
  | 'Q4_0'
  | 'Q4_1'
  | 'Q5_0'
  | 'Q5_1'
  | 'Q4_K'
  | 'Q5_K'
  | 'Q6_K';

export interface TensorInfo {
  /** Hugging Face's name, e.g. `model.layers.0.self_attn.q_proj.weight`, whatever the file calls it. */
  readonly name: string;
  /** Row-major, outermost first: a projection is `[out, in]`. */
  readonly shape: readonly number[];
  readonly type: StoredType;
}

/**
 * Published weights, opened for reading. Only the table of tensors is in memory: rows are read on request, so that a
 * model larger than memory can be imported.
 */
export interface WeightSource {
  readonly config: ModelConfig;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly tokenizer: TokenizerFiles;
  /** The model's own name, for a default name and for recognising its prompt format. */
  readonly displayName: string;
  /**
   * Rows `first` to `last` (half-open) of a tensor as float32, row-major; a vector is one row. Rows of attention
   * projections come in Hugging Face's order (rotary halves), also from files that store them interleaved.
   */
  readRows(tensor: TensorInfo, first: number, last: number): Promise<Float32Array>;
  /** The same rows as stored: for `Q8_0` and `Q4_0`, which are copied without loss. */
  readRawRows(tensor: TensorInfo, first: number, last: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Weights that cannot be imported, in one sentence that says what is wrong and what to do. */
export class ModelFileError extends Error {
  override readonly name = 'ModelFileError';
}
