import type { Tokenizer } from '@huggingface/tokenizers';

/**
 * Makes a byte-level tokenizer drop characters that are no token before it merges, as Hugging Face's reference does:
 * `@huggingface/tokenizers` 0.2 merges around them and drops them afterwards. Vocabularies that were trained without
 * some bytes have such characters, SmolLM2's for one (control characters, and bytes that start no common character).
 */
export function dropUnknownCharacters(tokenizer: Tokenizer): void {
  const { model } = tokenizer;
  if (!model || model.unk_token_id !== undefined || !isByteLevel(model.config)) return;
  const unknown = byteCharacters().filter((character) => !model.tokens_to_ids.has(character));
  if (unknown.length === 0) return;
  const pattern = new RegExp(
    `[${unknown.map((character) => `\\u{${character.charCodeAt(0).toString(16)}}`).join('')}]`,
    'gu',
  );
  const encode: (pieces: string[]) => string[] = model.encode.bind(model);
  model.encode = (pieces: string[]) =>
    encode(pieces.map((piece) => piece.replace(pattern, '')).filter((piece) => piece !== ''));
}

function isByteLevel(config: object): boolean {
  return !('byte_fallback' in config && config.byte_fallback === true);
}

/** GPT-2's character for each byte: itself where it can be printed, else the next free one from U+0100 on. */
function byteCharacters(): string[] {
  const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
  let free = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : free++));
}
