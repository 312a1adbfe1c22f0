import type { Prompt } from '../../../shared/conversation/prompt.ts';
import type { GeneratedChunk } from '../../model-host/modelHost.ts';
import type { ScoredText } from './confidence.ts';

/** A model's answer so far. A value: continuing makes a new one. */
export class Generation implements ScoredText {
  readonly text: string;
  readonly lengths: readonly number[];
  readonly logProbabilities: readonly number[];
  /** Where the text was resumed at last: up to there the model is given it as text. */
  readonly given: string;
  /** The tokens that the model has written since. */
  readonly ids: readonly number[];
  /** What it is likely to write since, if it was resumed. */
  readonly expected: Prompt | undefined;

  constructor(parts: Partial<Generation> = {}) {
    this.text = parts.text ?? '';
    this.lengths = parts.lengths ?? [];
    this.logProbabilities = parts.logProbabilities ?? [];
    this.given = parts.given ?? '';
    this.ids = parts.ids ?? [];
    this.expected = parts.expected;
  }

  with(chunk: GeneratedChunk): Generation {
    return new Generation({
      ...this,
      text: this.text + chunk.text,
      ids: [...this.ids, ...chunk.ids],
      lengths: [...this.lengths, ...chunk.lengths],
      logProbabilities: [...this.logProbabilities, ...chunk.logProbabilities],
    });
  }

  /** The answer with another end, from which the model is to go on. How likely it is of what the model did not write is not known. */
  resumed(text: string, expected: Prompt): Generation {
    let kept = 0;
    while (kept < text.length && text[kept] === this.text[kept]) kept++;
    const lengths: number[] = [];
    let end = 0;
    for (const length of this.lengths) {
      if (end + length > kept) break;
      lengths.push(length);
      end += length;
    }
    return new Generation({
      text,
      lengths: [...lengths, text.length - end],
      logProbabilities: [...this.logProbabilities.slice(0, lengths.length), Number.NaN],
      given: text,
      expected,
    });
  }
}
