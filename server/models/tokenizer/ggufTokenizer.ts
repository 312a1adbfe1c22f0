import { ModelFileError } from '../weightSource.ts';
import type { GgufMetadata } from '../weights/ggufMetadata.ts';
import { byteLevelTokenizer } from './byteLevelTokenizer.ts';
import { findPreTokenizer, preTokenizerNames } from './preTokenizers.ts';
import type { TokenizerFiles } from './tokenizerFiles.ts';

/** A tokenizer made of a GGUF file's metadata. */
export interface GgufTokenizer {
  readonly files: TokenizerFiles;
  readonly highestId: number;
  readonly endOfSequence: readonly number[];
  readonly beginningOfSequence: number | undefined;
}

/** `tokenizer.ggml.token_type` (`enum llama_token_type`). */
const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** Control tokens that end an answer in the families supported, whatever the metadata names as the one. */
const endNames = new Set([
  '<|im_end|>',
  '<|endoftext|>',
  '<|eot_id|>',
  '<|end_of_text|>',
  '<|eom_id|>',
  '<|EOT|>',
  '</s>',
]);

/**
 * The tokenizer that a GGUF file's metadata describes, as tokenizer.json and tokenizer_config.json.
 * @throws ModelFileError when it is missing, malformed, or of a kind that cannot be rebuilt exactly.
 */
export function ggufTokenizer(metadata: GgufMetadata): GgufTokenizer {
  const model = metadata.string('tokenizer.ggml.model');
  if (model !== 'gpt2') {
    throw new ModelFileError(
      `${metadata.path}: a tokenizer of kind ${JSON.stringify(model)} cannot be rebuilt; take the model as safetensors with its tokenizer.json.`,
    );
  }
  const vocabulary = readVocabulary(metadata);
  const pre = metadata.string('tokenizer.ggml.pre');
  const family = findPreTokenizer(pre);
  if (!family) {
    throw new ModelFileError(
      `${metadata.path}: the pre-tokenizer ${JSON.stringify(pre)} is not known (known are ${preTokenizerNames().join(', ')}); ` +
        'take the model as safetensors with its tokenizer.json.',
    );
  }
  const merges = metadata.strings('tokenizer.ggml.merges');
  const malformed = merges.find((merge) => merge.indexOf(' ', 1) < 1);
  if (malformed !== undefined) throw damaged(metadata, `the merge ${JSON.stringify(malformed)} is not two tokens`);
  const tokenizer = byteLevelTokenizer({
    preTokenizer: pre,
    vocab: vocabulary.plain,
    merges,
    addedTokens: vocabulary.added,
  });
  return finish(metadata, vocabulary, tokenizer, family.addsBeginningOfSequence);
}

interface Vocabulary {
  readonly tokens: readonly string[];
  /** Tokens that text is merged to. */
  readonly plain: Record<string, number>;
  /** Tokens that are found in text as they stand. */
  readonly added: ReturnType<typeof addedToken>[];
}

function readVocabulary(metadata: GgufMetadata): Vocabulary {
  const tokens = metadata.strings('tokenizer.ggml.tokens');
  const types = metadata.optionalNumbers('tokenizer.ggml.token_type');
  if (tokens.length === 0) throw damaged(metadata, 'its tokenizer has no tokens');
  if (types && types.length !== tokens.length) {
    throw damaged(metadata, `it has ${tokens.length} tokens and types for ${types.length}`);
  }
  const plain = new Map<string, number>();
  const added: Vocabulary['added'] = [];
  tokens.forEach((content, id) => {
    const type = types?.[id] ?? tokenTypes.normal;
    // Unused ones are padding, up to the rows of the embedding.
    if (type === tokenTypes.unused) return;
    if (type === tokenTypes.normal || type === tokenTypes.byte) {
      if (plain.has(content)) throw damaged(metadata, `the token ${JSON.stringify(content)} is there twice`);
      plain.set(content, id);
    } else if (content !== '') {
      added.push(addedToken(id, content, type !== tokenTypes.userDefined));
    }
  });
  // Control tokens at the end stand apart; among the others the vocabulary has them too, as Hugging Face's files do.
  const highestPlain = Math.max(-1, ...[...plain.values()].slice(-1));
  for (const { id, content } of added) if (id < highestPlain) plain.set(content, id);
  return { tokens, plain: Object.fromEntries(plain), added };
}

function addedToken(id: number, content: string, special: boolean) {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special };
}

function finish(
  metadata: GgufMetadata,
  { tokens, added }: Vocabulary,
  tokenizer: object,
  addsByDefault: boolean,
): GgufTokenizer {
  const bos = tokenId(metadata, tokens, 'bos_token_id');
  const eos = tokenId(metadata, tokens, 'eos_token_id');
  const named = ['eot_token_id', 'eom_token_id'].map((key) => tokenId(metadata, tokens, key));
  const byName = added.filter((token) => token.special && endNames.has(token.content)).map((token) => token.id);
  const endOfSequence = new Set([eos, ...named, ...byName].filter((id) => id !== undefined));
  if (endOfSequence.size === 0) {
    throw new ModelFileError(
      `${metadata.path} has no tokenizer.ggml.eos_token_id; convert the model again with a current llama.cpp.`,
    );
  }
  const addsBos = metadata.optionalBoolean('tokenizer.ggml.add_bos_token') ?? addsByDefault;
  const chatTemplate = metadata.optionalString('tokenizer.chat_template');
  return {
    files: {
      tokenizer,
      config: {
        tokenizer_class: 'PreTrainedTokenizerFast',
        clean_up_tokenization_spaces: false,
        add_bos_token: addsBos,
        ...(bos !== undefined && { bos_token: tokens[bos] }),
        ...(eos !== undefined && { eos_token: tokens[eos] }),
        ...(chatTemplate !== undefined && { chat_template: chatTemplate }),
      },
    },
    highestId: tokens.length - 1,
    endOfSequence: [...endOfSequence],
    beginningOfSequence: addsBos ? bos : undefined,
  };
}

function tokenId(metadata: GgufMetadata, tokens: readonly string[], name: string): number | undefined {
  const key = `tokenizer.ggml.${name}`;
  const id = metadata.optionalNumber(key);
  if (id === undefined || (Number.isInteger(id) && id >= 0 && id < tokens.length)) return id;
  throw damaged(metadata, `${key} is ${id} and there are ${tokens.length} tokens`);
}

function damaged(metadata: GgufMetadata, what: string): ModelFileError {
  return new ModelFileError(`${metadata.path} is damaged: ${what}; download it again.`);
}
