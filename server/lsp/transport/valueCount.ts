const [quote, backslash, comma, openBracket, openBrace] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/**
 * Counts the values in a JSON text while it arrives: every object and array, and every comma between members. A text of
 * some megabytes can contain values that take a hundred times as much memory once parsed. The count of a text that is
 * not JSON is arbitrary.
 */
export class ValueCount {
  #count = 0;
  #inString = false;
  #escaped = false;

  get count(): number {
    return this.#count;
  }

  /** Takes the next bytes of the text, split anywhere. */
  add(bytes: Uint8Array): void {
    for (const byte of bytes) {
      if (this.#escaped) this.#escaped = false;
      else if (this.#inString) {
        if (byte === quote) this.#inString = false;
        else if (byte === backslash) this.#escaped = true;
      } else if (byte === quote) this.#inString = true;
      else if (byte === comma || byte === openBrace || byte === openBracket) this.#count++;
    }
  }
}
