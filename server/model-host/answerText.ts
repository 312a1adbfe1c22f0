import { Detokenizer } from './detokenizer.ts';
import type { GeneratedChunk } from './modelHost.ts';
import { StopText } from './stopText.ts';
import type { ModelTokenizer } from './tokenizer.ts';

export interface AnswerStart {
  /** The ids before the answer. */
  readonly prompt: readonly number[];
  /** The answer's ids that were returned before, and are not returned again. */
  readonly answered: readonly number[];
  readonly stop: readonly string[];
  readonly endOfSequence: readonly number[];
}

/**
 * The text of an answer as its ids arrive, up to its end: at the model's end of sequence, which is not shown, or at
 * a control token or plain string from the stop list, which is shown.
 */
export class AnswerText {
  /** Ids that end it. */
  readonly stopIds: readonly number[];
  readonly #shown: ReadonlySet<number>;
  readonly #hidden: ReadonlySet<number>;
  readonly #detokenizer: Detokenizer;
  readonly #stopText: StopText;
  #stopped = false;

  constructor(tokenizer: ModelTokenizer, { prompt, answered, stop, endOfSequence }: AnswerStart) {
    const controls = stop.map((item) => tokenizer.controlId(item)).filter((id) => id !== undefined);
    this.#shown = new Set(controls);
    this.#hidden = new Set(endOfSequence.filter((id) => !this.#shown.has(id)));
    this.stopIds = [...this.#shown, ...this.#hidden];
    this.#detokenizer = new Detokenizer(tokenizer, prompt);
    // The earlier text may end in half a character or half a stop string.
    const before = answered.map((id) => this.#detokenizer.push(id)).join('');
    this.#stopText = new StopText(
      stop.filter((item) => tokenizer.controlId(item) === undefined),
      before,
    );
  }

  /** Whether the model ended the answer. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** The text that a run's ids add; ids behind the end are dropped. */
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

  /** The rest of an incomplete character, once no more ids come. */
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
    const shown = this.#stopText.upTo(piece);
    if (this.#stopText.found) this.#stopped = true;
    return shown;
  }
}
