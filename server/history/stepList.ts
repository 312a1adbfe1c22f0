import {
  applyDelta,
  changesNothing,
  commuteDeltas,
  composeDeltas,
  type Delta,
  growth,
  invertDelta,
  sizeOf,
} from '../../shared/edits/delta.ts';

/** One edit by the programmer, from one text to the next one or to the current text. */
export interface Step {
  readonly delta: Delta;
  readonly atMs: number;
}

/** Whether `next` continues `step`, so that both are one step. `between` is the text after `step` and before `next`. */
export type Continuity = (step: Delta, next: Delta, between: string) => boolean;

/** How much is searched, in UTF-16 code units, to find that the text has returned to an earlier state. */
const maxJoined = 64 * 1024;

/** A document's edits, oldest first, divided into steps by a continuity rule. Holds deltas, not texts. */
export class StepList {
  readonly #continues: Continuity;
  #steps: Step[] = [];
  /** Whether a change that touches the newest edit belongs to the newest step, too. */
  #isOpen = false;

  constructor(continues: Continuity) {
    this.#continues = continues;
  }

  /** Oldest first; the newest one leads to the current text. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /** Adds an edit, to the newest step where it touches the edit before or continues the step by the list's rule. */
  append(delta: Delta, before: string, touchesLast: boolean, atMs: number): void {
    const newest = this.#steps.at(-1);
    if (newest && ((touchesLast && this.#isOpen) || this.#continues(newest.delta, delta, before))) {
      this.#steps[this.#steps.length - 1] = { delta: composeDeltas(newest.delta, delta), atMs };
    } else {
      this.#steps.push({ delta, atMs });
    }
    this.#isOpen = true;
  }

  /** Moves a layout change below all steps, as if the text had always had that layout. */
  sink(delta: Delta): void {
    let sinking = delta;
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const step = this.#steps[i];
      if (!step) continue;
      const { under, over } = commuteDeltas(step.delta, sinking);
      this.#steps[i] = { ...step, delta: over };
      sinking = under;
    }
    this.#steps = this.#steps.filter((step) => step.delta.length > 0);
    this.#isOpen = false;
  }

  /** Drops the steps between two equal texts, because undone edits are no history; returns whether there were any. */
  forgetReturns(text: string): boolean {
    let [grown, size, kept] = [0, 0, this.#steps.length];
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const delta = this.#steps[i]?.delta ?? [];
      size += sizeOf(delta);
      if (size > maxJoined) break;
      grown += growth(delta);
      // Equal lengths are rare, so the deltas are composed only then.
      if (grown !== 0) continue;
      const joined = this.#steps.slice(i).reduce((all: Delta, step) => composeDeltas(all, step.delta), []);
      if (changesNothing(joined, text)) kept = i;
    }
    if (kept === this.#steps.length) return false;
    this.#steps.length = kept;
    this.#isOpen = false;
    return true;
  }

  /** Keeps the newest steps: at most this many, whose deltas hold at most this many UTF-16 code units. */
  forgetOldest(maxSteps: number, maxSize: number): void {
    let size = 0;
    let kept = 0;
    for (let i = this.#steps.length - 1; i >= 0 && kept < maxSteps; i--) {
      size += sizeOf(this.#steps[i]?.delta ?? []);
      if (size > maxSize) break;
      kept++;
    }
    if (kept < this.#steps.length) this.#steps = this.#steps.slice(this.#steps.length - kept);
  }

  /** The texts before the last `limit` steps, oldest first; `text` is the current one. */
  textsBefore(text: string, limit: number): string[] {
    const texts: string[] = [];
    let at = text;
    for (const { delta } of this.#steps.slice(-limit).reverse()) {
      at = applyDelta(at, invertDelta(delta));
      texts.push(at);
    }
    return texts.reverse();
  }
}
