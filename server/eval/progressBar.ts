const width = 30;
const redrawMs = 100;

/** A bar on one line of a terminal, redrawn in place; writes nothing where there is no terminal. */
export class ProgressBar {
  readonly #stream: NodeJS.WriteStream;
  readonly #total: number;
  #drawnAt = 0;

  constructor(stream: NodeJS.WriteStream, total: number) {
    this.#stream = stream;
    this.#total = total;
  }

  update(done: number, note: string): void {
    if (!this.#stream.isTTY) return;
    const now = Date.now();
    if (now - this.#drawnAt < redrawMs && done < this.#total) return;
    this.#drawnAt = now;
    const filled = this.#total === 0 ? width : Math.round((width * done) / this.#total);
    const bar = '█'.repeat(filled) + '░'.repeat(width - filled);
    this.#stream.write(`\r${bar} ${done}/${this.#total} ${note}\x1b[K`);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}
