const [quote, backslash, comma, openBracket, openBrace] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/**
 * Counts what a JSON text makes of memory while it arrives: every object and array, and every comma between members. A
 * text of some megabytes can hold values that take a hundred times as much once they are parsed. Text that is no JSON
 * is counted in some way.
 */
export class ValueCount {
  #count = 0;
  #inString = false;
  #escaped = false;

  get count(): number {
    return this.#count;
  }

  /** Takes the next bytes of the text, wherever it was cut. */
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
