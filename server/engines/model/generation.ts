import type { GeneratedChunk } from '../../model-host/modelHost.ts';
import type { ScoredText } from './confidence.ts';

/** A model's answer so far. A value: continuing makes a new one. */
export class Generation implements ScoredText {
  readonly text: string;
  readonly ids: readonly number[];
  readonly lengths: readonly number[];
  readonly logProbabilities: readonly number[];

  constructor({ text, ids, lengths, logProbabilities }: GeneratedChunk = empty) {
    this.text = text;
    this.ids = ids;
    this.lengths = lengths;
    this.logProbabilities = logProbabilities;
  }

  with(chunk: GeneratedChunk): Generation {
    return new Generation({
      text: this.text + chunk.text,
      ids: [...this.ids, ...chunk.ids],
      lengths: [...this.lengths, ...chunk.lengths],
      logProbabilities: [...this.logProbabilities, ...chunk.logProbabilities],
    });
  }
}

const empty: GeneratedChunk = { text: '', ids: [], lengths: [], logProbabilities: [] };
