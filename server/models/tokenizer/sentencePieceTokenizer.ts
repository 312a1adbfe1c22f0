import type { AddedToken } from './byteLevelTokenizer.ts';

export interface SentencePieceVocabulary {
  /** Pieces that text is merged to, in the order of their ids. */
  readonly pieces: readonly { readonly id: number; readonly content: string; readonly score: number }[];
  /** `<0x00>` to `<0xFF>`, for characters that are no piece. */
  readonly bytes: readonly { readonly id: number; readonly content: string }[];
  readonly addedTokens: readonly AddedToken[];
  /** Whether a text is read as if a space came before it. */
  readonly spacePrefix: boolean;
}

/**
 * The content of a tokenizer.json for SentencePiece BPE with byte fallback, as Llama 2 and Yi have it. SentencePiece joins
 * the two neighbours that make the piece of the highest score; as merges, that is every way to part a piece into two,
 * best piece first (transformers' `SentencePieceExtractor`).
 */
export function sentencePieceTokenizer({ pieces, bytes, addedTokens, spacePrefix }: SentencePieceVocabulary) {
  const space = '▁';
  const normalizers = [
    ...(spacePrefix ? [{ type: 'Prepend', prepend: space }] : []),
    { type: 'Replace', pattern: { String: ' ' }, content: space },
  ];
  const decoders = [
    { type: 'Replace', pattern: { String: space }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...(spacePrefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ];
  // Added tokens stand in the vocabulary too, where the families' own files have them.
  const vocab = [...pieces, ...bytes, ...addedTokens].map(({ id, content }) => [content, id] as const);
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens.toSorted((a, b) => a.id - b.id),
    normalizer: { type: 'Sequence', normalizers },
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: 'Sequence', decoders },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(vocab),
      merges: mergesOf(pieces),
    },
  };
}

function mergesOf(pieces: SentencePieceVocabulary['pieces']): [string, string][] {
  const ids = new Map(pieces.map(({ id, content }) => [content, id]));
  const merges = pieces.flatMap(({ content, score }) => partings(content, ids).map((parts) => ({ parts, score })));
  return merges.sort((a, b) => b.score - a.score).map(({ parts }) => parts);
}

/** Every way to part a piece into two pieces, the one with the lowest ids first. */
function partings(content: string, ids: ReadonlyMap<string, number>): [string, string][] {
  const found: { parts: [string, string]; left: number; right: number }[] = [];
  for (let at = 1; at < content.length; at++) {
    const parts: [string, string] = [content.slice(0, at), content.slice(at)];
    const left = ids.get(parts[0]);
    const right = ids.get(parts[1]);
    if (left !== undefined && right !== undefined) found.push({ parts, left, right });
  }
  return found.sort((a, b) => a.left - b.left || a.right - b.right).map(({ parts }) => parts);
}
