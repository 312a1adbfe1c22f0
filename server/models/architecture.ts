/**
 * All that tells one decoder architecture from another, in every kind of file and in the graphs. What every architecture
 * has in common is `DecoderBody`: pre-norm layers of grouped-query attention with rotary embedding of whole heads, and SwiGLU.
 */
export interface Architecture {
  /** transformers' name, as `architectures` of config.json has it; also what `ModelConfig` and manifests hold. */
  readonly name: string;
  /** llama.cpp's name, as `general.architecture` of a GGUF file has it. */
  readonly ggufName: string;
  /** What people call its models, for messages. */
  readonly family: string;
  /** What transformers takes where config.json leaves it out or null. */
  readonly defaults: ConfigDefaults;
  /**
   * The order of the rows of a query or key head in GGUF files: as in transformers, or number i of the first half beside
   * number i of the second (convert_hf_to_gguf's `permute`), for rotary embedding of adjacent numbers.
   */
  readonly ggufRotaryOrder: 'halves' | 'pairs';
  /** The pre-tokenizer that all its models have, by GGUF's name; without one, a folder needs its tokenizer.json. */
  readonly preTokenizer?: string;
  readonly tensors: TensorNames;
  /**
   * The matrices that have a bias: always these, and no others; or those of which the weights hold one, where that is an
   * option of the configuration.
   */
  readonly biases: readonly MatrixPart[] | 'as stored';
}

export interface ConfigDefaults {
  /** Tokens. */
  readonly contextLength: number;
  /** The number of query heads where left out. */
  readonly kvHeads?: number;
  /** The hidden size divided by the number of heads where left out. */
  readonly headSize?: number;
}

/** A tensor in each kind of file, without the layer in front and `.weight` or `.bias` behind. */
export interface TensorName {
  readonly huggingFace: string;
  readonly gguf: string;
}

export type MatrixPart = 'query' | 'key' | 'value' | 'output' | 'gate' | 'up' | 'down';
export type LayerPart = MatrixPart | 'inputNorm' | 'postAttentionNorm' | 'queryNorm' | 'keyNorm';
export type OuterPart = 'embedding' | 'finalNorm' | 'head';

export interface TensorNames {
  readonly outer: Readonly<Record<OuterPart, TensorName>>;
  /** What stands before the number of a layer. */
  readonly layers: TensorName;
  /** Norms of query and key heads are the only parts that an architecture may be without. */
  readonly layer: Readonly<Record<Exclude<LayerPart, 'queryNorm' | 'keyNorm'>, TensorName>> &
    Readonly<Partial<Record<'queryNorm' | 'keyNorm', TensorName>>>;
}
