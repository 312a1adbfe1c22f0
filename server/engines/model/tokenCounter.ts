import type { ModelHost } from '../../model-host/modelHost.ts';

/** How many counts are kept; a line of code takes a few dozen bytes, and two of these generations are kept. */
const generationSize = 20_000;

/**
 * How many tokens each text takes. Each text is counted once: while someone types, only the changed line
 * is counted.
 */
export class TokenCounter {
  readonly #host: Pick<ModelHost, 'count'>;
  #young = new Map<string, number>();
  #old = new Map<string, number>();

  constructor(host: Pick<ModelHost, 'count'>) {
    this.#host = host;
  }

  /** Starts the host if it is not running, and waits until its model is loaded. */
  async load(signal: AbortSignal): Promise<void> {
    await this.#host.count([], signal);
  }

  /** Tokens of all the texts together. Rejects as `ModelHost.count`. */
  async total(texts: readonly string[], signal: AbortSignal): Promise<number> {
    const unknown = [...new Set(texts)].filter((text) => text !== '' && this.#known(text) === undefined);
    const counts = unknown.length > 0 ? await this.#host.count(unknown, signal) : [];
    const asked = new Map(unknown.map((text, index) => [text, counts[index] ?? 0]));
    for (const [text, count] of asked) this.#keep(text, count);
    return texts.reduce((sum, text) => sum + (text === '' ? 0 : (this.#known(text) ?? asked.get(text) ?? 0)), 0);
  }

  /**
   * Tokens of a text, counted line by line, each line end as one: slightly more than for the whole text, but only
   * changed lines have to be counted again.
   */
  async ofText(text: string, signal: AbortSignal): Promise<number> {
    const lines = text.split('\n');
    return (await this.total(lines, signal)) + lines.length - 1;
  }

  #known(text: string): number | undefined {
    const count = this.#young.get(text) ?? this.#old.get(text);
    if (count !== undefined && !this.#young.has(text)) this.#keep(text, count);
    return count;
  }

  #keep(text: string, count: number): void {
    this.#young.set(text, count);
    if (this.#young.size < generationSize) return;
    this.#old = this.#young;
    this.#young = new Map();
  }
}
