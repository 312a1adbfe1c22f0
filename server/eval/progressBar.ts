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
    this.#stream.write(`\r${progressBar(done, this.#total)} ${done}/${this.#total} ${note}\x1b[K`);
  }

  clear(): void {
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }
}

/** A bar of fixed width. */
export function progressBar(done: number, total: number): string {
  const filled = total === 0 ? width : Math.min(width, Math.round((width * done) / total));
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}
