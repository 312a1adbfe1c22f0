import { applyEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import type { preferenceOutcomes } from '../data/records.ts';
import { type Decision, moveDecisions, partsOf, stepOf, taken } from '../prediction/decisions.ts';

export type OfferOutcome = (typeof preferenceOutcomes)[number];

/** A moment at which something was offered. */
export interface OfferedMoment {
  readonly id: string;
  readonly atMs: number;
  readonly current: string;
  readonly history: readonly string[];
  /** Where the last change before it ended, in `current`; undefined before any. */
  readonly cursor: number | undefined;
  /** Sorted, apart from each other. */
  readonly edits: readonly OffsetEdit[];
  /** Whether it is known to have been seen as soon as it was offered, as ghost text is. */
  readonly shown: boolean;
}

export interface OfferResult {
  readonly outcome: OfferOutcome;
  readonly chosen: string;
  readonly rejected: string;
  readonly shownMs: number | null;
}

/** What becomes of one offer, told change by change. */
export class OfferStory {
  readonly moment: OfferedMoment;
  readonly #offered: string;
  #text: string;
  #changes = 0;
  #answeredMs: number | undefined;
  #shownMs: number | undefined;
  #accepted = false;
  /** Whether the text was, at some time, what the offer would have made of it. */
  #made = false;
  #madeInOne = false;
  /** The offer's edits in the text, once it was made. */
  #decisions: readonly Decision[] = [];
  #undone = false;
  /** Whether the programmer turned it down, and the text then was what it had been. */
  #refused = false;
  #fromThere = false;
  /** What they made of that text instead, while they go on with it. */
  #instead: string | undefined;
  #insteadEnded = false;

  constructor(moment: OfferedMoment) {
    this.moment = moment;
    this.#offered = applyEdits(moment.current, moment.edits);
    this.#text = moment.current;
    if (moment.shown) this.#shownMs = moment.atMs;
  }

  get id(): string {
    return this.moment.id;
  }

  shown(atMs: number): void {
    this.#shownMs ??= atMs;
  }

  accepted(atMs: number): void {
    this.#accepted = true;
    this.#answeredMs ??= atMs;
  }

  rejected(atMs: number): void {
    this.#refuse();
    this.#answeredMs ??= atMs;
  }

  /** A change of the text before it, which leads to `text`. `isNewStep`: it does not go on with the edit before it. */
  changed(change: OffsetEdit, text: string, isNewStep: boolean, atMs: number): void {
    const before = this.#text;
    this.#text = text;
    this.#changes++;
    this.#answeredMs ??= atMs;
    if (this.#made && this.#followed(before, change)) return;
    if (!this.#made && !this.#refused && text === this.#offered) {
      this.#make();
      return;
    }
    // Turned down or passed over: what is written instead, until something else is begun.
    if (!this.#refused && this.#changes === 1) this.#fromThere = true;
    if (!this.#fromThere || this.#insteadEnded) return;
    if (this.#instead !== undefined && isNewStep) this.#insteadEnded = true;
    else this.#instead = text;
  }

  /** Follows an offer that was made through a change. False where the change comes after it was undone, and is none of it. */
  #followed(before: string, change: OffsetEdit): boolean {
    const wasUndone = this.#undone;
    let text = before;
    for (const part of partsOf(before, this.#decisions, change)) {
      const step = stepOf(text, this.#decisions, part);
      this.#decisions = moveDecisions(text, this.#decisions, part, step !== undefined, step);
      text = applyEdits(text, [part]);
    }
    const [first] = this.#decisions;
    const whole = this.#decisions.every(
      ({ start, end, oldText, newText, refused }) =>
        refused === first?.refused && text.slice(start, end) === (refused ? oldText : newText),
    );
    if (first && whole) this.#undone = first.refused;
    if (text === this.moment.current) this.#undone = true;
    if (this.#undone && !wasUndone) this.#refuse();
    return !this.#undone || !wasUndone;
  }

  /** What became of it, as far as it was told. */
  result(): OfferResult {
    const { current } = this.moment;
    const shownMs =
      this.#shownMs === undefined ? null : Math.max(0, Math.round((this.#answeredMs ?? this.#shownMs) - this.#shownMs));
    const kept = this.#made && !this.#undone;
    if (kept) {
      const outcome = this.#accepted || this.#madeInOne ? 'accepted' : 'typed';
      return { outcome, chosen: this.#offered, rejected: current, shownMs };
    }
    const outcome = this.#undone ? 'undone' : this.#refused ? 'rejected' : 'ignored';
    const chosen = this.#instead ?? current;
    // They wrote it themselves after all.
    if (chosen === this.#offered) return { outcome: 'typed', chosen, rejected: current, shownMs };
    return { outcome, chosen, rejected: this.#offered, shownMs };
  }

  #make(): void {
    this.#made = true;
    this.#madeInOne = this.#changes === 1;
    this.#instead = undefined;
    let shift = 0;
    this.#decisions = this.moment.edits.map((edit) => {
      const decision = taken(this.moment.current, edit, edit.start + shift);
      shift += edit.newText.length - (edit.end - edit.start);
      return decision;
    });
  }

  #refuse(): void {
    this.#refused = true;
    this.#fromThere = this.#text === this.moment.current;
    this.#instead = undefined;
    this.#insteadEnded = false;
  }
}
