import { continues } from './continuity.ts';
import {
  applyDelta,
  changesNothing,
  commuteDeltas,
  composeDeltas,
  type Delta,
  growth,
  invertDelta,
  sizeOf,
} from './delta.ts';
import { type RecordedEdit, readEdits } from './incoming.ts';
import { isFormatting } from './layout.ts';

export interface HistoryOptions {
  /** How many snapshots are kept at most. */
  readonly maxSteps: number;
  /** How many UTF-16 code units the changes between the snapshots may hold at most. */
  readonly maxSize: number;
  /** After a rest this long, in milliseconds, retyping what was just typed is an edit of its own. */
  readonly pauseMs: number;
}

export const defaultHistoryOptions: HistoryOptions = { maxSteps: 32, maxSize: 256 * 1024, pauseMs: 30_000 };

/** How much is looked through, in UTF-16 code units, to find that the text is back where it was. */
const maxJoined = 64 * 1024;

/** Where the newest change stands in the current text, in UTF-16 offsets, and when it was made. */
export interface LastChange {
  readonly start: number;
  readonly end: number;
  readonly atMs: number;
}

/** One edit of the programmer: what turned a snapshot into the next one, or into the current text. */
export interface Step {
  readonly delta: Delta;
  readonly atMs: number;
}

interface ActiveSpan {
  readonly start: number;
  readonly end: number;
  /** Whether it is so short that typing inside it continues it; of what was pasted, only the end is where typing goes on. */
  readonly isTyped: boolean;
}

/**
 * One document's edit history as CursorCore sees it (arXiv 2410.07002, section 2): snapshots of the text between one
 * edit and the next. Holds the current text and a bounded number of deltas; snapshots are rebuilt when asked for.
 */
export class DocumentHistory {
  readonly #options: HistoryOptions;
  #text: string;
  #steps: Step[] = [];
  /** Where the newest changes stand in the text. */
  #active: ActiveSpan[] = [];
  #lastMs = Number.NEGATIVE_INFINITY;
  /** Whether the newest changes are part of the newest step, so that one that touches them belongs to it, too. */
  #typing = false;

  constructor(text: string, options: Partial<HistoryOptions> = {}) {
    this.#text = text;
    this.#options = { ...defaultHistoryOptions, ...options };
  }

  get text(): string {
    return this.#text;
  }

  /** The edits between the snapshots, oldest first; the newest one leads to the current text. */
  get steps(): readonly Step[] {
    return this.#steps;
  }

  /**
   * Records one change notification. Each edit is in UTF-16 offsets of the text that those before it have left.
   * `after` is the resulting text, from a caller that has it anyway: then it is held once, not twice.
   * Throws a RangeError, with nothing recorded, for an edit that is reversed or out of bounds.
   */
  record(edits: readonly RecordedEdit[], nowMs: number, after?: string): void {
    const before = this.#text;
    const { delta, text } = readEdits(before, edits, after);
    this.#text = text;
    if (delta.length === 0) return;

    const rested = nowMs - this.#lastMs > this.#options.pauseMs;
    const inOneGo = this.#typing && !rested && this.#touchesActive(delta);
    this.#activate(delta, nowMs);

    const noise = !inOneGo && isFormatting(delta, text);
    if (noise) this.#sink(delta);
    else this.#append(delta, before, inOneGo, nowMs);
    this.#typing = !noise && !this.#forgetReturns();
    this.#forgetOldest();
  }

  /** The last `limit` snapshots, oldest first, without the current text. */
  snapshots(limit: number): string[] {
    const snapshots: string[] = [];
    let text = this.#text;
    for (const { delta } of this.#steps.slice(-limit).reverse()) {
      text = applyDelta(text, invertDelta(delta));
      snapshots.push(text);
    }
    return snapshots.reverse();
  }

  /** The newest change, or undefined before the first. */
  lastChange(): LastChange | undefined {
    const [first, last] = [this.#active[0], this.#active.at(-1)];
    return first && last && { start: first.start, end: last.end, atMs: this.#lastMs };
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

  #append(delta: Delta, before: string, inOneGo: boolean, atMs: number): void {
    const newest = this.#steps.at(-1);
    if (newest && (inOneGo || continues(newest.delta, delta, before))) {
      this.#steps[this.#steps.length - 1] = { delta: composeDeltas(newest.delta, delta), atMs };
    } else {
      this.#steps.push({ delta, atMs });
    }
  }

  /** Moves a change of layout below all snapshots, as if the text had always been laid out so. */
  #sink(delta: Delta): void {
    let sinking = delta;
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const step = this.#steps[i];
      if (!step) continue;
      const { under, over } = commuteDeltas(step.delta, sinking);
      this.#steps[i] = { ...step, delta: over };
      sinking = under;
    }
    this.#steps = this.#steps.filter((step) => step.delta.length > 0);
  }

  /** Drops the steps between two equal texts, for what was undone is no history; says whether there were any. */
  #forgetReturns(): boolean {
    let [grown, size, kept] = [0, 0, this.#steps.length];
    for (let i = this.#steps.length - 1; i >= 0; i--) {
      const delta = this.#steps[i]?.delta ?? [];
      size += sizeOf(delta);
      if (size > maxJoined) break;
      grown += growth(delta);
      // Texts of equal length are rare enough that the deltas are only joined for them.
      if (grown !== 0) continue;
      const joined = this.#steps.slice(i).reduce((all: Delta, step) => composeDeltas(all, step.delta), []);
      if (changesNothing(joined, this.#text)) kept = i;
    }
    if (kept === this.#steps.length) return false;
    this.#steps.length = kept;
    return true;
  }

  #forgetOldest(): void {
    const { maxSteps, maxSize } = this.#options;
    let size = 0;
    let kept = 0;
    for (let i = this.#steps.length - 1; i >= 0 && kept < maxSteps; i--) {
      size += sizeOf(this.#steps[i]?.delta ?? []);
      if (size > maxSize) break;
      kept++;
    }
    if (kept < this.#steps.length) this.#steps = this.#steps.slice(this.#steps.length - kept);
  }
}
