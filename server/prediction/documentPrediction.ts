import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import { narrowEdit } from '../../shared/edits/diff.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import {
  type Decision,
  moveDecisions,
  partsOf,
  stepOf,
  turnedDown,
  withDecisions,
  withoutRefused,
} from './decisions.ts';
import { type OffsetRange, touchSameLine } from './editPlaces.ts';
import { applicableEdits, type PendingEdit, type ShownInsertion, sameEdit } from './pendingEdits.ts';
import {
  carriedAlong,
  isEmpty,
  type PredictionStage,
  rebaseStages,
  type StageNumber,
  unasked,
  withCarried,
} from './stages.ts';

/** How many UTF-16 code units are read at most to follow what is pending through the changes of one notification. */
const maxRead = 32 * 1024 * 1024;

/** One change of a document: `edit`, in offsets of the text before it, and the text after it. */
export interface TextChange {
  readonly edit: OffsetEdit;
  readonly text: string;
}

/**
 * What is predicted for one open document. Several engines may be asked, each being a stage, counted from 0; earlier
 * stages go first, so that a later answer never replaces what is shown. The pending edits always refer to the current
 * text: a change that does or undoes what an engine predicted rebases them. Any other change drops them, except those
 * in the changed line that it does not touch. An edit that was undone counts as rejected.
 */
export class DocumentPrediction {
  #version: number;
  #text: string;
  #stages: readonly PredictionStage[] = [];
  #decisions: readonly Decision[] = [];
  /** Where the text was changed last. */
  #lastChange: OffsetRange | undefined;
  /** What was last shown as ghost text for the current text. */
  #shown: ShownInsertion | undefined;

  constructor(version: number, text: string) {
    this.#version = version;
    this.#text = text;
  }

  get version(): number {
    return this.#version;
  }

  get text(): string {
    return this.#text;
  }

  /** The edits that are on offer: those of the first engine that has any. Sorted by offset, apart from each other. */
  get pending(): readonly PendingEdit[] {
    return this.#stages.find(({ pending }) => pending.length > 0)?.pending ?? [];
  }

  /** Each engine's pending edits, in the order of the engines. */
  get pendingByStage(): readonly (readonly PendingEdit[])[] {
    return this.#stages.map(({ pending }) => pending);
  }

  /** Whether the offer is only the first hunk of what its engine would predict. */
  get isPartial(): boolean {
    return this.#stages.find(({ pending }) => pending.length > 0)?.unfinished !== undefined;
  }

  /**
   * Whether an engine has answered for this text, so that asking again would bring nothing new; one that `isQuick` is also
   * asked again where what it said is only outdated.
   */
  isSettled(stage: StageNumber = 0, isQuick = false): boolean {
    const { settled, pending, unfinished, outdated } = this.#stage(stage);
    return settled && (pending.length > 0 || !unfinished) && !(isQuick && outdated);
  }

  /** The place of the last change, in the current text; of a text that was sent whole, of what differs. Undefined before any. */
  get lastChange(): OffsetRange | undefined {
    return this.#lastChange;
  }

  /** What an engine was asked when it gave the first hunk alone, while the rest may still be wanted. */
  unfinished(stage: StageNumber): Conversation | undefined {
    return this.#stage(stage).unfinished?.conversation;
  }

  /** Takes in the changes that led to `version`. Returns whether what was known or asked about the text still holds. */
  change(version: number, changes: readonly TextChange[]): boolean {
    this.#version = version;
    let holds = true;
    const last = changes.at(-1)?.text ?? this.#text;
    if (changes.length * last.length > maxRead) [this.#stages, this.#decisions] = [[], []];
    for (const { edit, text } of changes) {
      // Each intermediate text is built only when it is read: of thousands, often only the last.
      if (this.#decisions.length === 0 && this.#stages.every((stage) => isEmpty(stage))) {
        if (last !== this.#text) holds = false;
        this.#lastChange = placeOfLast(this.#text, changes);
        this.#text = last;
        break;
      }
      if (text === this.#text) continue;
      // Does as little as possible: a client may send the whole text.
      const change = narrowEdit(this.#text, edit);
      const parts = partsOf(this.#text, this.#decisions, change);
      const isSplit = parts.length > 1 && parts.length * text.length <= maxRead;
      for (const part of isSplit ? parts : [change]) {
        const after = isSplit ? applyEdits(this.#text, [part]) : text;
        holds = this.#take(part, after) && holds;
      }
    }
    if (!holds) this.#stages = this.#stages.map((stage) => ({ ...stage, settled: false }));
    return holds;
  }

  /** Takes in one change, already narrowed. Returns whether the predictions still hold. */
  #take(change: OffsetEdit, after: string): boolean {
    const before = this.#text;
    const step = stepOf(before, this.#decisions, change);
    const shown = this.#shown;
    this.#shown = undefined;
    const moved = rebaseStages(this.#stages, before, after, change, step !== undefined, shown);
    const last = this.#lastChange;
    const goesOn = last !== undefined && touchSameLine(before, last, change);
    this.#stages = moved.stages.map(
      (stage, index) => stage ?? carriedAlong(this.#stage(index), moved.outcomes[index], before, change, goesOn),
    );
    const holds = moved.stages.some((stage) => stage !== undefined && stage.pending.length > 0);
    const kept = moveDecisions(before, this.#decisions, change, step !== undefined || moved.fits, step);
    // A change that is redone, or done piece by piece, is known already.
    this.#decisions = step ? kept : withDecisions(kept, moved.outcomes.find((outcome) => outcome?.fits)?.taken ?? []);
    this.#text = after;
    this.#lastChange = { start: change.start, end: change.start + change.newText.length };
    if (step?.to.refused) this.#dropRefused();
    return holds;
  }

  /**
   * Takes in an engine's answer about the current text. Throws a RangeError when its edits cannot be applied.
   * `conversation` is what the engine was asked, by which it can be asked for the rest of a partial prediction.
   */
  answer(prediction: Prediction, nextId: () => number, stage: StageNumber = 0, conversation?: Conversation): void {
    const predicted = withoutRefused(this.#text, applicableEdits(this.#text, prediction.edits), this.#decisions);
    const cutShort = prediction.partial === true && conversation !== undefined;
    this.#setStage(stage, {
      pending: withCarried(predicted, this.#stage(stage), nextId),
      settled: true,
      evidence: this.#lastChange,
      ...(cutShort ? { unfinished: { conversation, text: this.#text, steps: [] } } : {}),
    });
  }

  /**
   * Takes in the whole of a partial prediction, which names the text it was made for: it is rebased over the changes
   * since then, and what is left of it is pending. Throws a RangeError when its edits cannot be applied.
   */
  complete(prediction: Prediction, nextId: () => number, stage: StageNumber): void {
    const { pending: known, settled, unfinished, evidence } = this.#stage(stage);
    if (!unfinished) return;
    const pending = known.filter(({ carried }) => !carried);
    let { text } = unfinished;
    const edits = applicableEdits(text, prediction.edits).map((edit) => ({ ...edit, id: 0 }));
    let stages: readonly PredictionStage[] = [{ pending: edits, settled: true }];
    for (const { edit, agreed } of unfinished.steps) {
      const before = text;
      text = applyEdits(before, [edit]);
      stages = rebaseStages(stages, before, text, edit, agreed).stages.map((moved) => moved ?? unasked);
    }
    const rest = text === this.#text ? (stages[0]?.pending ?? []) : [];
    const wanted = withoutRefused(this.#text, rest, this.#decisions);
    // The offer keeps its ids if the edits after it in the text have higher ones.
    const isOffered = pending.every((edit, index) => wanted[index] !== undefined && sameEdit(edit, wanted[index]));
    const kept = isOffered ? pending : [];
    const added = wanted.slice(kept.length).map((edit) => ({ ...edit, id: nextId() }));
    const whole = wanted.length > 0 ? [...kept, ...added] : pending;
    const all = pending.length < known.length ? withCarried(whole, { pending: known }, nextId) : whole;
    this.#setStage(stage, { pending: all, settled: settled || all.length > 0, evidence });
  }

  /** An engine predicts nothing for the current text. */
  settle(stage: StageNumber = 0): void {
    const { pending, evidence } = this.#stage(stage);
    this.#setStage(stage, { pending, settled: true, evidence });
  }

  /** Pending edits are shown as ghost text: of what the client then inserts, the rest stays pending under the same ids. */
  show(shown: ShownInsertion): void {
    this.#shown = shown;
  }

  /** Removes pending edits and suppresses them until the text around them changes. */
  reject(edits: readonly PendingEdit[]): void {
    const refused = edits.map((edit) => turnedDown(this.#text, edit));
    this.#decisions = withDecisions(this.#decisions, refused);
    this.#stages = this.#stages.map((stage) => ({
      ...stage,
      pending: stage.pending.filter((edit) => !edits.some((rejected) => sameEdit(rejected, edit))),
    }));
  }

  /**
   * The user has just undone an edit of another line: edits that were kept when it was made may have depended on it.
   */
  forgetCarried(): void {
    const last = this.#lastChange;
    this.#stages = this.#stages.map((stage) => ({
      ...stage,
      pending: stage.pending.filter(
        (edit) => !edit.carried || (last !== undefined && touchSameLine(this.#text, edit, last)),
      ),
    }));
  }

  /** Forgets what one stage predicted. */
  forget(stage: StageNumber): void {
    if (stage < this.#stages.length) this.#setStage(stage, unasked);
  }

  /** Forgets what is predicted, e.g. because another engine is to be asked. */
  reset(): void {
    this.#stages = [];
  }

  #stage(index: StageNumber): PredictionStage {
    return this.#stages[index] ?? unasked;
  }

  #setStage(index: StageNumber, stage: PredictionStage): void {
    const length = Math.max(this.#stages.length, index + 1);
    this.#stages = Array.from({ length }, (_, at) => (at === index ? stage : this.#stage(at)));
  }

  #dropRefused(): void {
    this.#stages = this.#stages.map((stage) => ({
      ...stage,
      pending: withoutRefused(this.#text, stage.pending, this.#decisions),
    }));
  }
}

/** The place of the last of several changes; `text` is the one before the first, and only read for a replacement. */
function placeOfLast(text: string, changes: readonly TextChange[]): OffsetRange | undefined {
  const last = changes.at(-1)?.edit;
  if (!last) return undefined;
  const isReplacement = last.start < last.end && last.newText !== '';
  const { start, newText } = changes.length === 1 && isReplacement ? narrowEdit(text, last) : last;
  return { start, end: start + newText.length };
}
