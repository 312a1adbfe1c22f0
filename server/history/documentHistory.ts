import type { Delta } from '../../shared/edits/delta.ts';
import { continues, staysOnLine } from './continuity.ts';
import { type RecordedEdit, readEdits } from './incoming.ts';
import { isFormatting } from './layout.ts';
import { MaskedText, type Slice } from './maskedText.ts';
import type { SecretSpan } from './secretSpans.ts';
import { type Step, StepList } from './stepList.ts';

export type { Step } from './stepList.ts';

export interface HistoryOptions {
  /** How many snapshots are kept at most. */
  readonly maxSteps: number;
  /** How many UTF-16 code units the changes between the snapshots may hold at most. */
  readonly maxSize: number;
  /** After a pause this long, in milliseconds, retyping what was just typed is a separate edit. */
  readonly pauseMs: number;
}

export const defaultHistoryOptions: HistoryOptions = { maxSteps: 32, maxSize: 256 * 1024, pauseMs: 30_000 };

interface ActiveSpan {
  readonly start: number;
  readonly end: number;
  /**
   * Whether it is so short that typing inside it continues it; longer text was pasted, and typing continues it only at
   * its end.
   */
  readonly isTyped: boolean;
}

/**
 * One document's edit history, divided in two ways: into the snapshots that CursorCore was trained on (arXiv
 * 2410.07002, section 2), and into single edits, for engines that read each edit as an example: there, typing on
 * another line or inside pasted text is a separate edit. Holds the current text and a bounded number of deltas;
 * snapshots are rebuilt on request. Secrets are never stored: all texts and deltas have `x` for each of their code
 * units.
 */
export class DocumentHistory {
  readonly #options: HistoryOptions;
  readonly #masked: MaskedText;
  readonly #snapshots = new StepList(continues);
  readonly #edits = new StepList(staysOnLine);
  /** Where the newest changes stand in the text. */
  #active: ActiveSpan[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;
  /**
   * Whether the newest changes were typed, so that a change that touches them continues them; false for layout changes.
   */
  #typing = false;
  /** Whether the newest change led back to an earlier text. */
  #returned = false;

  constructor(text: string, options: Partial<HistoryOptions> = {}) {
    this.#masked = new MaskedText(text);
    this.#options = { ...defaultHistoryOptions, ...options };
  }

  /** The current text, its secrets masked. */
  get text(): string {
    return this.#masked.text;
  }

  /** The places of the secrets in it. */
  get secrets(): readonly SecretSpan[] {
    return this.#masked.spans;
  }

  /** The steps between the snapshots, oldest first; the newest one leads to the current text. */
  get steps(): readonly Step[] {
    return this.#snapshots.steps;
  }

  /**
   * The last `limit` single edits, oldest first; the newest one leads to the current text. Empty right after an edit
   * was undone: then there is nothing to continue.
   */
  edits(limit: number): readonly Delta[] {
    if (this.#returned) return [];
    return this.#edits.steps.slice(-limit).map(({ delta }) => delta);
  }

  /**
   * Records one change notification. Each edit is in UTF-16 offsets of the text after the edits before it. `after` is
   * the resulting text, if the caller has it already, so that it is held once, not twice. `slice` reads parts of it
   * where that is cheaper than reading the text. Throws a RangeError, with nothing recorded, for an edit that is
   * reversed or out of bounds.
   */
  record(edits: readonly RecordedEdit[], nowMs: number, after?: string, slice?: Slice): void {
    const incoming = readEdits(this.#masked.real, edits, after);
    const { delta, remasked, between } = this.#masked.change(incoming, slice);
    const { text } = this;
    // Text that is only now recognised as a secret is masked in the old text, too.
    if (remasked.length > 0) for (const list of [this.#snapshots, this.#edits]) list.sink(remasked);
    if (delta.length === 0) return;

    const rested = nowMs - this.#lastMs > this.#options.pauseMs;
    const inOneGo = this.#typing && !rested && this.#touchesActive(delta);
    this.#activate(delta, nowMs);

    const noise = !inOneGo && isFormatting(delta, text);
    for (const list of [this.#snapshots, this.#edits]) {
      if (noise) list.sink(delta);
      else list.append(delta, between, inOneGo, nowMs);
    }
    this.#typing = !noise;
    if (!noise) this.#snapshots.forgetReturns(text);
    this.#returned = !noise && this.#edits.forgetReturns(text);
    for (const list of [this.#snapshots, this.#edits]) list.forgetOldest(this.#options.maxSteps, this.#options.maxSize);
  }

  /** The last `limit` snapshots, oldest first, without the current text. */
  snapshots(limit: number): string[] {
    return this.#snapshots.textsBefore(this.text, limit);
  }

  #touchesActive(delta: Delta): boolean {
    return (
      delta.length === this.#active.length &&
      delta.every(({ start, removed }, i) => {
        const span = this.#active[i];
        if (!span || start > span.end) return false;
        const end = start + removed.length;
        return end >= (span.isTyped ? span.start : span.end);
      })
    );
  }

  #activate(delta: Delta, nowMs: number): void {
    let shift = 0;
    this.#active = delta.map(({ start, removed, inserted }) => {
      const at = start + shift;
      shift += inserted.length - removed.length;
      return { start: at, end: at + inserted.length, isTyped: inserted.length <= 80 && !/[\r\n]/.test(inserted) };
    });
    this.#lastMs = nowMs;
  }
}
