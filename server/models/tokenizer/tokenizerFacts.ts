import type { TokenizerFiles } from './tokenizerFiles.ts';

type Json = Record<string, unknown>;

/** The highest id that tokenizer.json gives a token; -1 without any. */
export function highestTokenId({ tokenizer }: TokenizerFiles): number {
  let highest = -1;
  for (const id of Object.values(vocabulary(tokenizer))) if (typeof id === 'number' && id > highest) highest = id;
  for (const { id } of addedTokens(tokenizer)) if (id > highest) highest = id;
  return highest;
}

/** The id of a token that tokenizer_config.json names, such as `eos_token`. */
export function tokenIdOf({ tokenizer, config }: TokenizerFiles, key: 'bos_token' | 'eos_token'): number | undefined {
  const token = record(config)[key];
  // Either the text itself, or an added token with its flags.
  const content = typeof token === 'string' ? token : record(token).content;
  return typeof content === 'string' ? idOf(tokenizer, content) : undefined;
}

/**
 * The token that this tokenizer puts before a text, if it does. `add_bos_token` decides where it is given, as in
 * transformers, which makes the post-processor over by it; else the post-processor.
 */
export function beginningOfSequenceId(files: TokenizerFiles): number | undefined {
  const addBos = record(files.config).add_bos_token;
  if (typeof addBos === 'boolean') return addBos ? tokenIdOf(files, 'bos_token') : undefined;
  for (const template of templateProcessors(record(files.tokenizer).post_processor)) {
    const [first] = Array.isArray(template.single) ? template.single : [];
    const token = record(record(first).SpecialToken).id;
    if (typeof token === 'string') return idOf(files.tokenizer, token);
  }
  return undefined;
}

function templateProcessors(processor: unknown): Json[] {
  const { type, processors } = record(processor);
  if (type === 'TemplateProcessing') return [record(processor)];
  return type === 'Sequence' && Array.isArray(processors) ? processors.flatMap(templateProcessors) : [];
}

function idOf(tokenizer: object, content: string): number | undefined {
  const added = addedTokens(tokenizer).find((token) => token.content === content);
  if (added) return added.id;
  const vocab = vocabulary(tokenizer);
  const id = Object.hasOwn(vocab, content) ? vocab[content] : undefined;
  return typeof id === 'number' ? id : undefined;
}

function vocabulary(tokenizer: object): Json {
  return record(record(record(tokenizer).model).vocab);
}

function addedTokens(tokenizer: object): { id: number; content: string }[] {
  const tokens = record(tokenizer).added_tokens;
  if (!Array.isArray(tokens)) return [];
  return tokens.flatMap((token: unknown) => {
    const { id, content } = record(token);
    return typeof id === 'number' && typeof content === 'string' ? [{ id, content }] : [];
  });
}

function record(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}
