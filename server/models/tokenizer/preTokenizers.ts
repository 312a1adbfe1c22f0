import { gpt2Pattern, splitStep } from './exactPreTokenizer.ts';

/** A step of tokenizer.json's `pre_tokenizer`. */
type Step = Readonly<Record<string, unknown>>;

/** How a byte-level BPE tokenizer splits text before it merges, and other settings of its family. */
export interface PreTokenizer {
  readonly normalizer: Step | null;
  readonly steps: readonly Step[];
  /** Whether a piece that is itself a token is used whole. */
  readonly ignoreMerges: boolean;
  /** Whether a text begins with the token for that, if the file does not state it. */
  readonly addsBeginningOfSequence: boolean;
}

const digits: Step = { type: 'Digits', individual_digits: true };
/** The pattern of GPT-2 is ByteLevel's own, used unless `use_regex` is false. */
const gpt2Bytes: Step = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
const bytes: Step = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false };
const nfc: Step = { type: 'NFC' };

/** The pattern that GPT-4 began: words with their leading sign, numbers of so many digits, signs, line ends, white space. */
const wordsAndNumbers = (number: string) =>
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|" +
  `${number}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const plain = { normalizer: null, ignoreMerges: false, addsBeginningOfSequence: false };

const gpt2: PreTokenizer = { ...plain, steps: [gpt2Bytes] };
const digitsThenGpt2: PreTokenizer = { ...plain, steps: [digits, gpt2Bytes] };
const llama3: PreTokenizer = {
  ...plain,
  steps: [splitStep(wordsAndNumbers('\\p{N}{1,3}')), bytes],
  ignoreMerges: true,
  addsBeginningOfSequence: true,
};

const chineseJapaneseKorean = '[一-龥ࠀ-一가-퟿]+';
const deepseekCoder: PreTokenizer = {
  ...plain,
  steps: [
    splitStep('[\\r\\n]'),
    splitStep('\\s?\\p{L}+'),
    splitStep('\\s?\\p{P}+'),
    splitStep(chineseJapaneseKorean),
    digits,
    bytes,
  ],
};

/** llama.cpp's own, for files whose family was not known when they were converted; it is nobody's tokenizer.json. */
const fallback: PreTokenizer = {
  ...plain,
  steps: [
    splitStep('[\\p{P}\\$\\+<=>\\^~\\|]+'),
    splitStep(gpt2Pattern),
    splitStep('\\p{N}+'),
    splitStep('[0-9][0-9][0-9]'),
    bytes,
  ],
};

/** By the names that GGUF's `tokenizer.ggml.pre` knows, each as the family's own tokenizer.json has it. */
const preTokenizers: ReadonlyMap<string, PreTokenizer> = new Map([
  ['qwen2', { ...plain, normalizer: nfc, steps: [splitStep(wordsAndNumbers('\\p{N}')), bytes] }],
  ['deepseek-r1-qwen', { ...plain, steps: [splitStep(wordsAndNumbers('\\p{N}')), bytes] }],
  ['llama-bpe', llama3],
  ['llama3', llama3],
  ['llama-v3', llama3],
  ['smollm', digitsThenGpt2],
  ['starcoder', digitsThenGpt2],
  ['refact', digitsThenGpt2],
  ['codeshell', digitsThenGpt2],
  ['command-r', { ...digitsThenGpt2, normalizer: nfc }],
  ['deepseek-coder', deepseekCoder],
  ['gpt-2', gpt2],
  ['default', fallback],
  ['phi-2', gpt2],
]);

/** The pre-tokenizer of that name, if it is known. */
export function findPreTokenizer(name: string): PreTokenizer | undefined {
  return preTokenizers.get(name);
}

export function preTokenizerNames(): string[] {
  return [...preTokenizers.keys()];
}
