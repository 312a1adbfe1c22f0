import { progressBar } from '../../eval/progressBar.ts';

const redrawMs = 100;
/** Where there is no terminal, a line at least so far apart. */
const lineMs = 10_000;

/** How far a long job has come: a bar on a terminal, else a line now and then. On standard error. */
export class DownloadProgress {
  readonly #stream: NodeJS.WriteStream;
  #shownAt = 0;
  #drawn = false;

  constructor(stream: NodeJS.WriteStream = process.stderr) {
    this.#stream = stream;
    // The first line comes after a while, so that short jobs have none.
    if (!stream.isTTY) this.#shownAt = Date.now();
  }

  update(what: string, done: number, total: number, note = ''): void {
    const now = Date.now();
    const { isTTY } = this.#stream;
    if (now - this.#shownAt < (isTTY ? redrawMs : lineMs) && !(isTTY && done === total)) return;
    this.#shownAt = now;
    this.#drawn = Boolean(isTTY);
    const percent = `${total === 0 ? 100 : Math.floor((100 * done) / total)} %`;
    const text = `${percent} ${what}${note === '' ? '' : `, ${note}`}`;
    this.#stream.write(isTTY ? `\r${progressBar(done, total)} ${text}\x1b[K` : `${text}\n`);
  }

  clear(): void {
    if (this.#drawn) this.#stream.write('\r\x1b[K');
    this.#drawn = false;
  }
}
