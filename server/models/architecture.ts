/**
 * All differences between decoder architectures, in every kind of file and in the graphs. What all architectures share
 * is in `DecoderBody`: pre-norm layers of grouped-query attention with rotary embedding of whole heads, and SwiGLU.
 */
export interface Architecture {
  /** transformers' name, as `architectures` of config.json has it; also what `ModelConfig` and manifests hold. */
  readonly name: string;
  /** llama.cpp's name, as in `general.architecture` of a GGUF file. */
  readonly ggufName: string;
  /** The common name of its models, for messages. */
  readonly family: string;
  /** transformers' defaults for values that are missing or null in config.json. */
  readonly defaults: ConfigDefaults;
  /**
   * The order of the rows of a query or key head in GGUF files: as in transformers, or number i of the first half next
   * to number i of the second (convert_hf_to_gguf's `permute`), for rotary embedding of adjacent numbers.
   */
  readonly ggufRotaryOrder: 'halves' | 'pairs';
  /** The pre-tokenizer of all its models, by GGUF's name; if absent, a folder needs its tokenizer.json. */
  readonly preTokenizer?: string;
  readonly tensors: TensorNames;
  /**
   * The matrices that have a bias: exactly these; or those for which the weights contain one, if that is an option of
   * the configuration.
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
  /** Only the norms of query and key heads may be absent from an architecture. */
  readonly layer: Readonly<Record<Exclude<LayerPart, 'queryNorm' | 'keyNorm'>, TensorName>> &
    Readonly<Partial<Record<'queryNorm' | 'keyNorm', TensorName>>>;
}
