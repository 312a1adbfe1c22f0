import { exactPreTokenizer } from './exactPreTokenizer.ts';
import { findPreTokenizer } from './preTokenizers.ts';

/** A token of tokenizer.json's `added_tokens`. */
export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special?: unknown;
  readonly single_word?: unknown;
  readonly lstrip?: unknown;
  readonly rstrip?: unknown;
  readonly normalized?: unknown;
}

export interface ByteLevelVocabulary {
  /** A name that `findPreTokenizer` knows. */
  readonly preTokenizer: string;
  /** Tokens, each byte written as GPT-2's character for it, with their ids. */
  readonly vocab: Readonly<Record<string, unknown>>;
  /** Two tokens with a space between, best first. */
  readonly merges: readonly string[];
  readonly addedTokens: readonly AddedToken[];
}

/** The content of a tokenizer.json for byte-level BPE. */
export function byteLevelTokenizer({ preTokenizer, vocab, merges, addedTokens }: ByteLevelVocabulary) {
  const family = findPreTokenizer(preTokenizer);
  if (!family) throw new RangeError(`Unknown pre-tokenizer ${preTokenizer}`);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens.toSorted((a, b) => a.id - b.id),
    normalizer: family.normalizer,
    pre_tokenizer: exactPreTokenizer({ type: 'Sequence', pretokenizers: family.steps }),
    post_processor: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: family.ignoreMerges,
      vocab,
      merges: merges.map((merge) => splitMerge(merge)),
    },
  };
}

/** A byte is never written as a space, so that the first one divides the two. */
function splitMerge(merge: string): [string, string] {
  const at = merge.indexOf(' ', 1);
  return [merge.slice(0, at), merge.slice(at + 1)];
}
