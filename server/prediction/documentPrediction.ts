import type { PredictedEdit, Prediction } from '../../shared/conversation/conversation.ts';
import { checkEdits } from '../../shared/edits/apply.ts';
import { narrowEdit } from '../../shared/edits/diff.ts';
import { splitsCharacter } from '../../shared/edits/lines.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { rebaseEdit } from '../../shared/edits/rebase.ts';
import { mergeEdits } from './presentation.ts';

/** How many UTF-16 code units are read at most to follow what is pending through the changes of one notification. */
const maxRead = 32 * 1024 * 1024;

/** A predicted edit that waits to be accepted. Its id stays its own while the edit is rebased. */
export interface PendingEdit extends PredictedEdit {
  readonly id: number;
}

/** One change of a document: `edit`, in offsets of the text before it, and the text after it. */
export interface TextChange {
  readonly edit: OffsetEdit;
  readonly text: string;
}

/**
 * What is predicted for one open document. The pending edits always name the current text: a change either rebases
 * them, when it does what they say, or drops them.
 */
export class DocumentPrediction {
  #version: number;
  #text: string;
  #pending: readonly PendingEdit[] = [];
  #settled = false;
  #rejected: readonly OffsetEdit[] = [];

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

  /** Sorted by offset, apart from each other. */
  get pending(): readonly PendingEdit[] {
    return this.#pending;
  }

  /** Whether the engine has had its say on this text, so that asking again would bring nothing new. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Takes in the changes that led to `version`. Returns whether what was known or asked about the text still holds. */
  change(version: number, changes: readonly TextChange[]): boolean {
    this.#version = version;
    let holds = true;
    const last = changes.at(-1)?.text ?? this.#text;
    if (changes.length * last.length > maxRead) [this.#pending, this.#rejected] = [[], []];
    for (const { edit, text } of changes) {
      // Each text between is put together when it is first read, so that of thousands only the last may be.
      if (this.#pending.length + this.#rejected.length === 0) {
        if (last !== this.#text) holds = false;
        this.#text = last;
        break;
      }
      const before = this.#text;
      this.#text = text;
      if (text === before) continue;
      this.#rejected = keepRejected(before, this.#rejected, edit);
      const rest: readonly PendingEdit[] | undefined =
        holds && this.#pending.length > 0 ? rebasePending(before, this.#pending, edit) : undefined;
      this.#pending = rest && fits(text, rest) ? rest : [];
      holds = this.#pending.length > 0;
    }
    if (!holds) this.#settled = false;
    return holds;
  }

  /** Takes in an engine's answer about the current text. Throws a RangeError when its edits cannot be applied. */
  answer(prediction: Prediction, nextId: () => number): void {
    this.#pending = applicableEdits(this.#text, prediction.edits)
      .filter((edit) => !this.#rejected.some((rejected) => sameEdit(rejected, edit)))
      .map((edit) => ({ ...edit, id: nextId() }));
    this.#settled = true;
  }

  /** The engine has nothing to say about the current text. */
  settle(): void {
    this.#settled = true;
  }

  /** Takes pending edits away and keeps them from coming back until the text around them changes. */
  reject(edits: readonly PendingEdit[]): void {
    this.#rejected = [...this.#rejected, ...edits];
    this.#pending = this.#pending.filter((edit) => !edits.includes(edit));
  }

  /** Forgets what is predicted, e.g. because another engine is to be asked. */
  reset(): void {
    this.#pending = [];
    this.#settled = false;
  }
}

/**
 * An engine's edits as they can be offered: sorted, each no more than what it changes, and at places that LSP has
 * positions for. Throws a RangeError for edits that cannot be applied together.
 */
export function applicableEdits<T extends OffsetEdit>(text: string, edits: readonly T[]): T[] {
  const narrowed = edits
    .map((edit) => narrowEdit(text, wholeCharacters(text, edit)))
    .filter(({ start, end, newText }) => start < end || newText !== '');
  return checkEdits(text.length, narrowed);
}

/** The pending edits after a change that did what one hunk of them says, or undefined after any other change. */
function rebasePending(
  text: string,
  pending: readonly PendingEdit[],
  change: OffsetEdit,
): readonly PendingEdit[] | undefined {
  const rest: PendingEdit[] = [];
  const touched: PendingEdit[] = [];
  let fitting = 0;
  for (const edit of pending) {
    let rebased = rebaseEdit(edit, change, text);
    if (rebased.kind === 'conflict') rebased = rebaseEdit(widenInWord(text, edit, change), change);
    if (rebased.kind === 'conflict') touched.push(edit);
    else if (rebased.kind !== 'kept') fitting++;
    if (rebased.kind === 'kept' || rebased.kind === 'progressed') rest.push(rebased.edit);
  }
  const [first] = touched;
  if (first) {
    // Clients may write the neighbouring edits of an accepted hunk as one change, which none of them says alone.
    const merged = rebaseEdit({ ...first, ...mergeEdits(text, touched) }, change, text);
    return fitting === 0 && merged.kind === 'consumed' ? rest : undefined;
  }
  // In repeated text a change may fit two edits; which one was meant cannot be told.
  return fitting === 1 ? rest : undefined;
}

/**
 * The edit together with what the change takes of the word around it, which the edit then puts back. Edits name no more
 * than what differs, while people retype the whole word.
 */
function widenInWord<T extends OffsetEdit>(text: string, edit: T, change: OffsetEdit): T {
  const before = text.slice(Math.min(change.start, edit.start), edit.start);
  const after = text.slice(edit.end, Math.max(change.end, edit.end));
  if (!/^[\p{L}\p{N}_$]*$/u.test(before + after)) return edit;
  return {
    ...edit,
    start: edit.start - before.length,
    end: edit.end + after.length,
    newText: before + edit.newText + after,
  };
}

/** Whether the edits lie apart, and at places that LSP has positions for. */
function fits(text: string, edits: readonly OffsetEdit[]): boolean {
  return edits.every(
    ({ start, end }, index) =>
      (index === 0 || (edits[index - 1]?.end ?? 0) < start) &&
      !splitsCharacter(text, start) &&
      !splitsCharacter(text, end),
  );
}

/** The same edit without an end inside a surrogate pair or a `\r\n`, where LSP has no position. */
function wholeCharacters<T extends OffsetEdit>(text: string, edit: T): T {
  const start = splitsCharacter(text, edit.start) ? edit.start - 1 : edit.start;
  const end = splitsCharacter(text, edit.end) ? edit.end + 1 : edit.end;
  return { ...edit, start, end, newText: text.slice(start, edit.start) + edit.newText + text.slice(edit.end, end) };
}

/** The rejected edits whose lines the change left alone, moved to where they are now. */
function keepRejected(text: string, rejected: readonly OffsetEdit[], change: OffsetEdit): readonly OffsetEdit[] {
  const shift = change.newText.length - (change.end - change.start);
  return rejected.flatMap((edit) => {
    const from = edit.start === 0 ? 0 : text.lastIndexOf('\n', edit.start - 1) + 1;
    const lineEnd = text.indexOf('\n', edit.end);
    const to = lineEnd === -1 ? text.length : lineEnd;
    if (change.start > to) return [edit];
    if (change.end < from) return [{ ...edit, start: edit.start + shift, end: edit.end + shift }];
    return [];
  });
}

function sameEdit(a: OffsetEdit, b: OffsetEdit): boolean {
  return a.start === b.start && a.end === b.end && a.newText === b.newText;
}
