/** Finds the end of an answer whose text arrives in pieces: behind the first of some strings. */
export class StopText {
  readonly #strings: readonly string[];
  /** How much of the text can be the start of one of them. */
  readonly #overlap: number;
  /** The end of the text received so far. */
  #tail = '';
  #found = false;

  /** `before`: the part of the answer returned earlier, which may end in half a string. */
  constructor(strings: readonly string[], before = '') {
    this.#strings = strings.filter((item) => item !== '');
    this.#overlap = Math.max(1, ...this.#strings.map((item) => item.length)) - 1;
    this.#tail = this.#endOf(before);
  }

  /** Whether one of the strings has occurred. */
  get found(): boolean {
    return this.#found;
  }

  /** `piece` up to the end of the first string that it completes. */
  upTo(piece: string): string {
    const seen = this.#tail + piece;
    const ends = this.#strings.filter((item) => seen.includes(item)).map((item) => seen.indexOf(item) + item.length);
    this.#tail = this.#endOf(seen);
    if (ends.length === 0) return piece;
    this.#found = true;
    return piece.slice(0, Math.min(...ends) - (seen.length - piece.length));
  }

  #endOf(text: string): string {
    return this.#overlap === 0 ? '' : text.slice(-this.#overlap);
  }
}
