import { ModelFileError } from '../weightSource.ts';
import type { GgufMetadata } from '../weights/ggufMetadata.ts';
import { byteLevelTokenizer } from './byteLevelTokenizer.ts';
import { findPreTokenizer, preTokenizerNames } from './preTokenizers.ts';
import { sentencePieceTokenizer } from './sentencePieceTokenizer.ts';
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
  const vocabulary = readVocabulary(metadata);
  if (model === 'gpt2') return byteLevel(metadata, vocabulary);
  if (model === 'llama') return sentencePiece(metadata, vocabulary);
  throw cannotRebuild(metadata, `a tokenizer of kind ${JSON.stringify(model)} cannot be rebuilt`);
}

function byteLevel(metadata: GgufMetadata, vocabulary: Vocabulary): GgufTokenizer {
  const pre = metadata.string('tokenizer.ggml.pre');
  const family = findPreTokenizer(pre);
  if (!family) {
    const known = preTokenizerNames().join(', ');
    throw cannotRebuild(metadata, `the pre-tokenizer ${JSON.stringify(pre)} is not known (known are ${known})`);
  }
  const merges = metadata.strings('tokenizer.ggml.merges');
  const malformed = merges.find((merge) => merge.indexOf(' ', 1) < 1);
  if (malformed !== undefined) throw damaged(metadata, `the merge ${JSON.stringify(malformed)} is not two tokens`);
  const { plain, added } = vocabulary;
  // Control tokens at the end are separate; the others are in the vocabulary, too, as in Hugging Face's files.
  const last = plain.at(-1)?.id ?? -1;
  const vocab = [...plain, ...added.filter(({ id }) => id < last)];
  const tokenizer = byteLevelTokenizer({
    preTokenizer: pre,
    vocab: Object.fromEntries(vocab.map(({ id, content }) => [content, id])),
    merges,
    addedTokens: added,
  });
  return finish(metadata, vocabulary, tokenizer, family.addsBeginningOfSequence);
}

function sentencePiece(metadata: GgufMetadata, vocabulary: Vocabulary): GgufTokenizer {
  const { plain, bytes, added } = vocabulary;
  const scores = metadata.optionalNumbers('tokenizer.ggml.scores');
  const normalized =
    metadata.optionalNumbers('tokenizer.ggml.precompiled_charsmap') !== undefined ||
    metadata.optionalBoolean('tokenizer.ggml.remove_extra_whitespaces') === true;
  if (normalized) throw cannotRebuild(metadata, 'a tokenizer that changes the text cannot be rebuilt');
  if (bytes.length !== 256)
    throw cannotRebuild(metadata, `a tokenizer with ${bytes.length} byte tokens cannot be rebuilt`);
  // Some conversions give all pieces one score, which shows no order of merges.
  if (scores?.length !== vocabulary.tokens.length || new Set(plain.map(({ id }) => scores[id])).size < 2) {
    throw cannotRebuild(metadata, 'its tokenizer has no scores, so that it cannot be rebuilt');
  }
  const tokenizer = sentencePieceTokenizer({
    pieces: plain.map(({ id, content }) => ({ id, content, score: scores[id] ?? 0 })),
    bytes,
    addedTokens: added,
    spacePrefix: metadata.optionalBoolean('tokenizer.ggml.add_space_prefix') ?? true,
  });
  return finish(metadata, vocabulary, tokenizer, true);
}

interface Vocabulary {
  readonly tokens: readonly string[];
  /** Tokens that result from merging text. */
  readonly plain: readonly { id: number; content: string }[];
  /** Tokens of SentencePiece that represent a byte. */
  readonly bytes: readonly { id: number; content: string }[];
  /** Tokens that are found in text literally. */
  readonly added: ReturnType<typeof addedToken>[];
}

function readVocabulary(metadata: GgufMetadata): Vocabulary {
  const tokens = metadata.strings('tokenizer.ggml.tokens');
  const types = metadata.optionalNumbers('tokenizer.ggml.token_type');
  if (tokens.length === 0) throw damaged(metadata, 'its tokenizer has no tokens');
  if (types && types.length !== tokens.length) {
    throw damaged(metadata, `it has ${tokens.length} tokens and types for ${types.length}`);
  }
  const plain: { id: number; content: string }[] = [];
  const bytes: { id: number; content: string }[] = [];
  const added: Vocabulary['added'] = [];
  const seen = new Set<string>();
  tokens.forEach((content, id) => {
    const type = types?.[id] ?? tokenTypes.normal;
    // Unused ones are padding, up to the rows of the embedding.
    if (type === tokenTypes.unused || content === '') return;
    if (seen.has(content)) {
      const twice = `its tokenizer has the token ${JSON.stringify(content)} twice, so that it cannot be rebuilt`;
      throw cannotRebuild(metadata, twice);
    }
    seen.add(content);
    if (type === tokenTypes.normal) plain.push({ id, content });
    else if (type === tokenTypes.byte) bytes.push({ id, content });
    else added.push(addedToken(id, content, type !== tokenTypes.userDefined));
  });
  return { tokens, plain, bytes, added };
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

function cannotRebuild(metadata: GgufMetadata, what: string): ModelFileError {
  return new ModelFileError(`${metadata.path}: ${what}; take the model as safetensors with its tokenizer.json.`);
}

function damaged(metadata: GgufMetadata, what: string): ModelFileError {
  return new ModelFileError(`${metadata.path} is damaged: ${what}; download it again.`);
}
