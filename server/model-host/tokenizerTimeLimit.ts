import { EngineError } from '../../shared/errors.ts';
import { OutOfTime, withinTime } from '../models/timeLimit.ts';

/** A prompt of any usual length takes milliseconds. */
const usualLimitMs = 10_000;

/**
 * Applies a model's tokenizer or chat template to a text. Throws an EngineError if it takes so long that it may
 * never end: meanwhile the host would receive no cancellation.
 */
export function withTokenizerTimeLimit<T>(work: () => T, ms = usualLimitMs): T {
  try {
    return withinTime(ms, work);
  } catch (error) {
    if (!(error instanceof OutOfTime)) throw error;
    throw new EngineError(
      `the model's tokenizer or chat template took more than ${ms / 1000} s: show it a shorter text, or take another model`,
    );
  }
}
