import { Tokenizer } from '@huggingface/tokenizers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { byteLevelTokenizer } from '../../../server/models/tokenizer/byteLevelTokenizer.ts';
import { exactPreTokenizer } from '../../../server/models/tokenizer/exactPreTokenizer.ts';
import { preTokenizerNames } from '../../../server/models/tokenizer/preTokenizers.ts';
import { sentencePieceTokenizer } from '../../../server/models/tokenizer/sentencePieceTokenizer.ts';
import { dropUnknownCharacters } from '../../../server/models/tokenizer/unknownCharacters.ts';

/** GPT-2's characters for the bytes, each a token; `left` out ones are none. */
function byteVocabulary(left: readonly number[] = []): Record<string, number> {
  const vocab: Record<string, number> = {};
  let free = 256;
  for (let byte = 0; byte < 256; byte++) {
    const printable = (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
    const character = String.fromCharCode(printable ? byte : free++);
    if (!left.includes(byte)) vocab[character] = byte;
  }
  return vocab;
}

const end = { id: 300, content: '<|im_end|>', special: true, normalized: false };

function tokenizerOf(preTokenizer: string, merges: string[] = [], left: readonly number[] = []): Tokenizer {
  const vocab: Record<string, number> = byteVocabulary(left);
  for (const merge of merges) vocab[merge.replace(' ', '')] = Object.keys(vocab).length + 400;
  const tokenizer = new Tokenizer(byteLevelTokenizer({ preTokenizer, vocab, merges, addedTokens: [end] }), {});
  dropUnknownCharacters(tokenizer);
  return tokenizer;
}

/** The pieces a text is cut into before merging. */
function pieces(tokenizer: Tokenizer, text: string): string[] {
  const cut: string[] = tokenizer.pre_tokenizer?.pre_tokenize(text) ?? [];
  return cut.map((piece) => tokenizer.decoder?.decode([piece]) ?? piece);
}

describe('pre-tokenizers', () => {
  // What Hugging Face's tokenizers 0.23 makes of the families' own definitions.
  const text = "don't  x12345½\ufeff\n\n\n\u0085日本 foo_bar()";
  const expected: [string, string[]][] = [
    [
      'qwen2',
      ['don', "'t", ' ', ' x', '1', '2', '3', '4', '5', '½', '\ufeff\n\n\n', '\u0085日本', ' foo', '_bar', '()'],
    ],
    ['llama-bpe', ['don', "'t", ' ', ' x', '123', '45½', '\ufeff\n\n\n', '\u0085日本', ' foo', '_bar', '()']],
    [
      'smollm',
      [
        'don',
        "'t",
        ' ',
        ' x',
        '1',
        '2',
        '3',
        '4',
        '5',
        '½',
        '\ufeff',
        '\n\n\n',
        '\u0085',
        '日本',
        ' foo',
        '_',
        'bar',
        '()',
      ],
    ],
    ['gpt-2', ['don', "'t", ' ', ' x', '12345½', '\ufeff', '\n\n\n', '\u0085', '日本', ' foo', '_', 'bar', '()']],
  ];
  for (const [name, cut] of expected) {
    test(`${name}`, () => expect(pieces(tokenizerOf(name), text)).toEqual(cut));
  }

  test('whatever the text, nothing of it is lost, and its ids bring it back', () => {
    const tokenizers = preTokenizerNames()
      .filter((name) => !['qwen2', 'command-r'].includes(name))
      .map((name) => tokenizerOf(name, ['a b', 'Ġ Ġ', 'Ċ Ċ']));
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(..." \t\r\n\u00a0ab1½日'_<|") }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...tokenizers), texts, (tokenizer, text) => {
        expect(pieces(tokenizer, text).join('')).toBe(text);
        const { ids } = tokenizer.encode(text, { add_special_tokens: false });
        expect(ids.length === 0 ? '' : tokenizer.decode(ids, { clean_up_tokenization_spaces: false })).toBe(text);
      }),
    );
  });

  test('Digits and ByteLevel become patterns; what is right stays', () => {
    const bytes = { type: 'ByteLevel', add_prefix_space: false, use_regex: false };
    expect(exactPreTokenizer(bytes)).toEqual(bytes);
    expect(exactPreTokenizer(null)).toBeNull();
    const sequence = { type: 'Sequence', pretokenizers: [{ type: 'Digits', individual_digits: false }, bytes] };
    expect(exactPreTokenizer(sequence)).toEqual({
      type: 'Sequence',
      pretokenizers: [{ type: 'Split', pattern: { Regex: '\\p{N}+' }, behavior: 'Isolated', invert: false }, bytes],
    });
    const prefixed = { type: 'ByteLevel', add_prefix_space: true, use_regex: true };
    expect(exactPreTokenizer(prefixed)).toEqual(prefixed);
  });
});

describe('characters that are no token', () => {
  test('are dropped before merging, as the reference does', () => {
    const tokenizer = tokenizerOf('deepseek-coder', ['= ='], [4]);
    const joined = tokenizer.encode('==', { add_special_tokens: false }).ids;
    expect(joined).toHaveLength(1);
    expect(tokenizer.encode('=\u0004=', { add_special_tokens: false }).ids).toEqual(joined);
  });
});

describe('SentencePiece', () => {
  const contents = ['▁', 'a', 'b', '▁a', 'ab', '▁ab'];
  const bytes = Array.from({ length: 256 }, (_, byte) => ({
    id: 3 + byte,
    content: `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`,
  }));
  const make = (scores: readonly number[], spacePrefix: boolean) =>
    sentencePieceTokenizer({
      pieces: contents.map((content, i) => ({ id: 400 + i, content, score: scores[i] ?? 0 })),
      bytes,
      addedTokens: [end],
      spacePrefix,
    });

  test('the piece of the highest score is made first', () => {
    expect(make([0, 0, 0, -1, -2, -3], true).model.merges).toEqual([
      ['▁', 'a'],
      ['a', 'b'],
      ['▁', 'ab'],
      ['▁a', 'b'],
    ]);
    const encode = (scores: number[], text: string) =>
      new Tokenizer(make(scores, true), {}).encode(text, { add_special_tokens: false }).tokens;
    expect(encode([0, 0, 0, -1, -2, -9], 'aab')).toEqual(['▁a', 'ab']);
    expect(encode([0, 0, 0, -1, -2, -9], 'ab')).toEqual(['▁ab']);
  });

  test('characters that are no piece fall back to their bytes, and come back', () => {
    const tokenizer = new Tokenizer(make([0, 0, 0, -1, -2, -3], true), {});
    const { ids } = tokenizer.encode('a é\n日', { add_special_tokens: false });
    expect(ids).toContain(3 + 0xc3);
    expect(tokenizer.decode(ids, { clean_up_tokenization_spaces: false })).toBe('a é\n日');
    const bare = new Tokenizer(make([0, 0, 0, -1, -2, -3], false), {});
    expect(bare.encode('ab', { add_special_tokens: false }).tokens).toEqual(['ab']);
  });
});
