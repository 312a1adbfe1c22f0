import { Detokenizer } from './detokenizer.ts';
import type { GeneratedChunk } from './modelHost.ts';
import type { ModelTokenizer } from './tokenizer.ts';

export interface AnswerStart {
  /** The ids before the answer. */
  readonly prompt: readonly number[];
  /** The answer's ids that were given before, and are not given again. */
  readonly answered: readonly number[];
  readonly stop: readonly string[];
  readonly endOfSequence: readonly number[];
}

/**
 * The text of an answer as its ids come, up to where it ends: at the model's end of sequence, which is not shown, or at
 * a control token or plain string it was told to stop at, which is.
 */
export class AnswerText {
  /** Ids that end it. */
  readonly stopIds: readonly number[];
  readonly #shown: ReadonlySet<number>;
  readonly #hidden: ReadonlySet<number>;
  readonly #strings: readonly string[];
  /** So much of the text can still be the start of one of `#strings`. */
  readonly #overlap: number;
  readonly #detokenizer: Detokenizer;
  /** The end of the text given so far. */
  #tail = '';
  #stopped = false;

  constructor(tokenizer: ModelTokenizer, { prompt, answered, stop, endOfSequence }: AnswerStart) {
    const controls = stop.map((item) => tokenizer.controlId(item)).filter((id) => id !== undefined);
    this.#shown = new Set(controls);
    this.#hidden = new Set(endOfSequence.filter((id) => !this.#shown.has(id)));
    this.stopIds = [...this.#shown, ...this.#hidden];
    this.#strings = stop.filter((item) => item !== '' && tokenizer.controlId(item) === undefined);
    this.#overlap = Math.max(1, ...this.#strings.map((item) => item.length)) - 1;
    this.#detokenizer = new Detokenizer(tokenizer, prompt);
    // What was said before may end in half a character or half a stop string.
    for (const id of answered) this.#tail = (this.#tail + this.#detokenizer.push(id)).slice(-this.#overlap);
    if (this.#overlap === 0) this.#tail = '';
  }

  /** Whether the model said that the answer is over. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** What a run's ids add; ids behind the end are dropped. */
  add(ids: readonly number[], logProbabilities: readonly number[]): GeneratedChunk {
    const lengths: number[] = [];
    let text = '';
    for (const id of ids) {
      if (this.#stopped) break;
      const piece = this.#push(id);
      text += piece;
      lengths.push(piece.length);
    }
    const used = lengths.length;
    return { text, ids: ids.slice(0, used), logProbabilities: logProbabilities.slice(0, used), lengths };
  }

  /** What is still held back of a character cut in two, once nothing more comes. */
  flush(): string {
    return this.#detokenizer.flush();
  }

  #push(id: number): string {
    if (this.#hidden.has(id)) {
      this.#stopped = true;
      return this.#detokenizer.flush();
    }
    const piece = this.#detokenizer.push(id);
    if (this.#shown.has(id)) this.#stopped = true;
    return this.#upToStop(piece);
  }

  /** `piece` up to the end of the first stop string that it completes. */
  #upToStop(piece: string): string {
    const seen = this.#tail + piece;
    const ends = this.#strings.filter((item) => seen.includes(item)).map((item) => seen.indexOf(item) + item.length);
    this.#tail = this.#overlap === 0 ? '' : seen.slice(-this.#overlap);
    if (ends.length === 0) return piece;
    this.#stopped = true;
    return piece.slice(0, Math.min(...ends) - (seen.length - piece.length));
  }
}
