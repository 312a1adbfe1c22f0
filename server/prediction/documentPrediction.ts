import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import {
  applicableEdits,
  keepRejected,
  type PendingEdit,
  rebasePending,
  type ShownInsertion,
  sameEdit,
  takeShown,
} from './pendingEdits.ts';

/** How many UTF-16 code units are read at most to follow what is pending through the changes of one notification. */
const maxRead = 32 * 1024 * 1024;
/** After more changes than this, the rest of a prediction that was cut short is no longer asked for. */
const maxSteps = 256;

/** One change of a document: `edit`, in offsets of the text before it, and the text after it. */
export interface TextChange {
  readonly edit: OffsetEdit;
  readonly text: string;
}

/** A prediction of which only the first hunk is known, and what has been done to its text since. */
interface Unfinished {
  readonly conversation: Conversation;
  /** The text that it was about; the conversation has it with its secrets masked. */
  readonly text: string;
  readonly steps: readonly { readonly edit: OffsetEdit; readonly agreed: boolean }[];
}

/** What one engine said. */
interface Stage {
  readonly pending: readonly PendingEdit[];
  /** Whether the engine has had its say on this text, so that asking again would bring nothing new. */
  readonly settled: boolean;
  readonly unfinished?: Unfinished;
}

const unasked: Stage = { pending: [], settled: false };

/**
 * What is predicted for one open document. Several engines may be asked, each being a stage, counted from 0; what an
 * earlier one said goes first, so that a later answer never takes the place of what is shown. The pending edits always
 * name the current text: a change either rebases them, when it does what an engine said, or drops them.
 */
export class DocumentPrediction {
  #version: number;
  #text: string;
  #stages: readonly Stage[] = [];
  #rejected: readonly OffsetEdit[] = [];
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

  /** Whether what is on offer is only the first hunk of what its engine would say. */
  get isPartial(): boolean {
    return this.#stages.find(({ pending }) => pending.length > 0)?.unfinished !== undefined;
  }

  /** Whether an engine has had its say on this text, so that asking again would bring nothing new. */
  isSettled(stage = 0): boolean {
    const { settled, pending, unfinished } = this.#stage(stage);
    return settled && (pending.length > 0 || !unfinished);
  }

  /** What an engine was asked when it gave the first hunk alone, while the rest may still be wanted. */
  unfinished(stage: number): Conversation | undefined {
    return this.#stage(stage).unfinished?.conversation;
  }

  /** Takes in the changes that led to `version`. Returns whether what was known or asked about the text still holds. */
  change(version: number, changes: readonly TextChange[]): boolean {
    this.#version = version;
    let holds = true;
    const last = changes.at(-1)?.text ?? this.#text;
    if (changes.length * last.length > maxRead) [this.#stages, this.#rejected] = [[], []];
    for (const { edit, text } of changes) {
      // Each text between is put together when it is first read, so that of thousands only the last may be.
      if (this.#rejected.length === 0 && this.#stages.every((stage) => isEmpty(stage))) {
        if (last !== this.#text) holds = false;
        this.#text = last;
        break;
      }
      const before = this.#text;
      this.#text = text;
      if (text === before) continue;
      this.#rejected = keepRejected(before, this.#rejected, edit);
      const shown = this.#shown;
      this.#shown = undefined;
      this.#stages = rebaseStages(this.#stages, before, text, edit, false, shown);
      holds &&= this.#stages.some(({ pending }) => pending.length > 0);
    }
    if (!holds) this.#stages = this.#stages.map((stage) => ({ ...stage, settled: false }));
    return holds;
  }

  /**
   * Takes in an engine's answer about the current text. Throws a RangeError when its edits cannot be applied.
   * `conversation` is what the engine was asked, by which it can be asked for the rest of a partial prediction.
   */
  answer(prediction: Prediction, nextId: () => number, stage = 0, conversation?: Conversation): void {
    const pending = applicableEdits(this.#text, prediction.edits)
      .filter((edit) => !this.#isRejected(edit))
      .map((edit) => ({ ...edit, id: nextId() }));
    const cutShort = prediction.partial === true && conversation !== undefined;
    this.#setStage(stage, {
      pending,
      settled: true,
      ...(cutShort ? { unfinished: { conversation, text: this.#text, steps: [] } } : {}),
    });
  }

  /**
   * Takes in the whole of a partial prediction, which names the text it was made for: it is taken through what was
   * done since, and what is left of it is pending. Throws a RangeError when its edits cannot be applied.
   */
  complete(whole: Prediction, nextId: () => number, stage: number): void {
    const { pending, settled, unfinished } = this.#stage(stage);
    if (!unfinished) return;
    let { text } = unfinished;
    const edits = applicableEdits(text, whole.edits).map((edit) => ({ ...edit, id: 0 }));
    let stages: readonly Stage[] = [{ pending: edits, settled: true }];
    for (const { edit, agreed } of unfinished.steps) {
      const before = text;
      text = applyEdits(before, [edit]);
      stages = rebaseStages(stages, before, text, edit, agreed);
    }
    const rest = text === this.#text ? (stages[0]?.pending ?? []) : [];
    const wanted = rest.filter((edit) => !this.#isRejected(edit));
    // What is on offer keeps its ids where those that come after it in the text have higher ones.
    const isOffered = pending.every((edit, index) => wanted[index] !== undefined && sameEdit(edit, wanted[index]));
    const kept = isOffered ? pending : [];
    const added = wanted.slice(kept.length).map((edit) => ({ ...edit, id: nextId() }));
    const all = wanted.length > 0 ? [...kept, ...added] : pending;
    this.#setStage(stage, { pending: all, settled: settled || all.length > 0 });
  }

  /** An engine has nothing to say about the current text. */
  settle(stage = 0): void {
    this.#setStage(stage, { pending: this.#stage(stage).pending, settled: true });
  }

  /** Pending edits are shown as ghost text: of what the client then inserts, the rest stays pending under the same ids. */
  show(shown: ShownInsertion): void {
    this.#shown = shown;
  }

  /** Takes pending edits away and keeps them from coming back until the text around them changes. */
  reject(edits: readonly PendingEdit[]): void {
    this.#rejected = [...this.#rejected, ...edits];
    this.#stages = this.#stages.map((stage) => ({
      ...stage,
      pending: stage.pending.filter((edit) => !edits.some((rejected) => sameEdit(rejected, edit))),
    }));
  }

  /** Forgets what one stage said. */
  forget(stage: number): void {
    if (stage < this.#stages.length) this.#setStage(stage, unasked);
  }

  /** Forgets what is predicted, e.g. because another engine is to be asked. */
  reset(): void {
    this.#stages = [];
  }

  #stage(index: number): Stage {
    return this.#stages[index] ?? unasked;
  }

  #setStage(index: number, stage: Stage): void {
    const length = Math.max(this.#stages.length, index + 1);
    this.#stages = Array.from({ length }, (_, at) => (at === index ? stage : this.#stage(at)));
  }

  #isRejected(edit: OffsetEdit): boolean {
    return this.#rejected.some((rejected) => sameEdit(rejected, edit));
  }
}

function isEmpty({ pending, unfinished }: Stage): boolean {
  return pending.length === 0 && !unfinished;
}

/**
 * The stages after a change of the text. Where the change does what one engine said, or was `agreed` to by one that is
 * not among them, what the others said stays if the change lies clear of it; else nothing does.
 */
function rebaseStages(
  stages: readonly Stage[],
  before: string,
  after: string,
  edit: OffsetEdit,
  agreed: boolean,
  shown?: ShownInsertion,
): readonly Stage[] {
  const outcomes = stages.map(
    ({ pending }) => (shown && takeShown(pending, shown, edit)) ?? rebasePending(before, after, pending, edit),
  );
  return stages.map((stage, index) => {
    const agreedByOther = agreed || outcomes.some((outcome, other) => other !== index && outcome?.fits);
    const outcome = outcomes[index];
    if (!outcome || !(outcome.fits || agreedByOther)) return unasked;
    const unfinished = stage.unfinished && nextStep(stage.unfinished, edit, agreedByOther);
    const usedUp = stage.pending.length > 0 && outcome.rest.length === 0;
    return { pending: outcome.rest, settled: stage.settled && !usedUp, ...(unfinished ? { unfinished } : {}) };
  });
}

function nextStep(unfinished: Unfinished, edit: OffsetEdit, agreed: boolean): Unfinished | undefined {
  const { steps } = unfinished;
  return steps.length < maxSteps ? { ...unfinished, steps: [...steps, { edit, agreed }] } : undefined;
}
