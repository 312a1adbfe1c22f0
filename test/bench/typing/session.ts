import type { HostQuestion } from './hostRecord.ts';
import type { Kind, Piece } from './traces.ts';

/** One question and its answer, as the user and the machine saw them. */
export interface Answer {
  /** From the last key to the first hunk, or to the end of an answer that shows none, in milliseconds. */
  readonly ms: number;
  /** Processor seconds of all processes of the variant, from the first key of the piece to the answer. */
  readonly cpu: number;
  /** The same from the previous answer, or from the start: with what was done while nobody asked. */
  readonly cpuInAll: number;
  /** Whether there was something to show. */
  readonly isShown: boolean;
  /** Tokens: of the prompt, those of it that were not known from before, and those written until the answer. */
  readonly prompt?: number;
  readonly read?: number;
  /** Tokens of later prompts that were read while nobody waited, since the previous question. */
  readonly readAhead?: number;
  readonly written?: number;
  /** Runs of the model that gave any of these, where known. */
  readonly runs?: number;
  /** What the model was asked, each in turn: none where nothing had to be asked, several where an answer was made to go on. */
  readonly questions?: readonly WrittenQuestion[];
  /** For llama.cpp: when `leastCharacters` of the last question were written. */
  readonly leastMs?: number;
}

export interface WrittenQuestion extends HostQuestion {
  /** How much of its answer was written by the time of ours, in UTF-16 code units: with the last run, and without. */
  readonly characters: number;
  readonly leastCharacters: number;
}

/** A server that was just started, for one trace. */
export interface Session {
  /** Types the piece and asks. Undefined where there is nothing to ask. */
  answer(piece: Piece, index: number): Promise<Answer | undefined>;
  /** Asks for all that follows the hunk that was shown last; `index` is one more than that question's. Undefined where nothing does. */
  rest(index: number): Promise<Answer | undefined>;
  /** The answers, with what was known of them only later. */
  settle(answers: readonly (Answer | undefined)[]): Promise<readonly (Answer | undefined)[]>;
  stop(): Promise<void>;
}

export interface Measurement extends Omit<Answer, 'questions'> {
  readonly variant: string;
  readonly trace: string;
  readonly kind: Kind | 'rest';
  /** Which question of the trace, from 0. */
  readonly index: number;
}

/** How a user works. */
export interface Rhythm {
  readonly keysPerSecond: number;
  /** How long an answer is looked at before the next key, in milliseconds. */
  readonly readingMs: number;
}

/** Milliseconds since 1970, finer than `Date.now`, for comparison with other processes' times. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}
