import { DocumentPrediction } from '../../server/prediction/documentPrediction.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';

export const insert = (at: number, newText: string): OffsetEdit => ({ start: at, end: at, newText });
export const replace = (start: number, end: number, newText: string): OffsetEdit => ({ start, end, newText });

/** A document with its prediction, by an engine whose edits have ids counted from 1. */
export class PredictedDocument {
  readonly prediction: DocumentPrediction;
  #lastId = 0;

  constructor(text: string, edits: readonly OffsetEdit[]) {
    this.prediction = new DocumentPrediction(1, text);
    this.answer(edits);
  }

  get text(): string {
    return this.prediction.text;
  }

  get pending(): readonly OffsetEdit[] {
    return this.prediction.pending.map(({ start, end, newText }) => ({ start, end, newText }));
  }

  answer(edits: readonly OffsetEdit[]): void {
    this.prediction.answer({ edits: edits.map((edit) => ({ ...edit, confidence: 1 })) }, () => ++this.#lastId);
  }
}
