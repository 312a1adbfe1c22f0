/** Something about the input or the options that the user can mend; the message is a sentence that says how. */
export class DataError extends Error {
  override readonly name = 'DataError';
}

/** Counts by name, in the order in which they first came, e.g. how many records were left out and why. */
export class Tally {
  readonly #counts = new Map<string, number>();

  constructor(counts: Readonly<Record<string, number>> = {}) {
    for (const [name, count] of Object.entries(counts)) this.#counts.set(name, count);
  }

  add(name: string, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  get(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  toJSON(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }
}
