import { EngineError } from '../../shared/errors.ts';
import { OutOfTime, withinTime } from '../models/timeLimit.ts';

/** A prompt of any usual length takes milliseconds. */
const usualLimitMs = 10_000;

/**
 * What a model's tokenizer or chat template makes of a text. Throws an EngineError where it takes so long that it may
 * never end: the host would hear no cancellation meanwhile.
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
