/** A tokenizer in Hugging Face's form, as `@huggingface/tokenizers` takes it. */
export interface TokenizerFiles {
  /** The content of `tokenizer.json`. */
  readonly tokenizer: object;
  /** The content of `tokenizer_config.json`; holds the chat template. */
  readonly config: object;
}
