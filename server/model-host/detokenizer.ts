import type { ModelTokenizer } from './tokenizer.ts';

/** A UTF-8 character has at most four bytes, each possibly a separate token. */
const maxTokensPerCharacter = 4;

/**
 * Turns ids into text as they arrive. A character split over several tokens is held back until it is complete, so
 * the joined pieces are the text of all ids. Bytes that are not UTF-8 become U+FFFD, at the latest after four tokens.
 */
export class Detokenizer {
  readonly #tokenizer: ModelTokenizer;
  /** Ids already turned into text, kept because some decoders treat the first token of a text differently. */
  #context: readonly number[];
  #pending: number[] = [];

  /** `context`: the last few ids before the first one pushed. */
  constructor(tokenizer: ModelTokenizer, context: readonly number[]) {
    this.#tokenizer = tokenizer;
    this.#context = context.slice(-maxTokensPerCharacter);
  }

  /** The text that `id` completes, possibly empty. */
  push(id: number): string {
    this.#pending.push(id);
    const piece = this.#pendingText();
    if (!piece.endsWith('\uFFFD')) return this.#take(piece);
    return this.#pending.length < maxTokensPerCharacter ? '' : this.#takeBeforeLast(piece);
  }

  /** The rest of a character that was never completed. */
  flush(): string {
    return this.#take(this.#pendingText());
  }

  /** What is not text, or is U+FFFD itself, is followed by a character that may not be complete yet: that is held back. */
  #takeBeforeLast(piece: string): string {
    const whole = piece.slice(0, -1);
    for (let count = this.#pending.length - 1; count > 0 && whole !== ''; count--) {
      if (this.#pendingText(count) !== whole) continue;
      const rest = this.#pending.splice(count);
      this.#take(whole);
      this.#pending = rest;
      return whole;
    }
    return this.#take(piece);
  }

  /** The text of the first `count` pending ids. */
  #pendingText(count = this.#pending.length): string {
    if (count === 0) return '';
    const before = this.#tokenizer.decode(this.#context);
    return this.#tokenizer.decode([...this.#context, ...this.#pending.slice(0, count)]).slice(before.length);
  }

  #take(piece: string): string {
    if (this.#pending.length > 0) this.#context = this.#pending;
    this.#pending = [];
    return piece;
  }
}
