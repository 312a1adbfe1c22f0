import { narrowEdit } from './diff.ts';
import type { OffsetEdit } from './offsetEdit.ts';

/** The result for a pending edit after a change of the text. */
export type Rebased<T extends OffsetEdit = OffsetEdit> =
  /** The change does not touch the edit, whose place may have moved. */
  | { readonly kind: 'kept'; readonly edit: T }
  /** The change did a part of the edit; `edit` is the rest. */
  | { readonly kind: 'progressed'; readonly edit: T }
  /** The change did the whole edit. */
  | { readonly kind: 'consumed' }
  /** The change contradicts the edit, or touches it with another result. */
  | { readonly kind: 'conflict' };

/**
 * Rebases a pending edit over one change of its text; all offsets are of the text before the change, those of the
 * result after it. Fields beyond `OffsetEdit`'s stay with the edit.
 *
 * With `text`, the text before the change, a change is also recognised if the client wrote it wider than needed, or at
 * a nearby place in repeated text (a line inserted below an equal line is the same as one inserted above).
 */
export function rebaseEdit<T extends OffsetEdit>(edit: T, change: OffsetEdit, text?: string): Rebased<T> {
  if (text === undefined) return rebaseExact(edit, change);
  const pending = narrowEdit(text, edit);
  const made = narrowEdit(text, change);
  const slid = rebaseExact(pending, slideTowards(text, made, pending));
  return slid.kind === 'conflict' ? rebaseExact(pending, made) : slid;
}

function rebaseExact<T extends OffsetEdit>(edit: T, change: OffsetEdit): Rebased<T> {
  const removed = change.end - change.start;
  const shift = change.newText.length - removed;
  if (shift === 0 && removed === 0) return { kind: 'kept', edit };
  if (change.end < edit.start) {
    return { kind: 'kept', edit: { ...edit, start: edit.start + shift, end: edit.end + shift } };
  }
  if (change.start > edit.end) return { kind: 'kept', edit };
  if (change.start < edit.start || change.end > edit.end) return { kind: 'conflict' };

  const rest = remainder(edit, change);
  if (!rest) return { kind: 'conflict' };
  return rest.start === rest.end && rest.newText === ''
    ? { kind: 'consumed' }
    : { kind: 'progressed', edit: { ...edit, ...rest } };
}

/** The rest of an edit after a change inside it, or undefined when the change is not a part of it. */
function remainder(edit: OffsetEdit, change: OffsetEdit): OffsetEdit | undefined {
  const { newText } = edit;
  const made = change.newText;
  const atStart = change.start === edit.start;
  const atEnd = change.end === edit.end;
  const end = edit.end + made.length - (change.end - change.start);

  // A part of the old text was removed, and nothing was inserted.
  if (made === '') return { start: edit.start, end, newText };
  // The next characters of the new text.
  if (atStart && newText.startsWith(made)) {
    return { start: edit.start + made.length, end, newText: newText.slice(made.length) };
  }
  // Its last characters. An insertion behind remaining old text is more likely the start of something else.
  if (atEnd && newText.endsWith(made) && change.start < change.end) {
    return { start: edit.start, end: end - made.length, newText: newText.slice(0, newText.length - made.length) };
  }
  // Characters of both ends: clients type these when they close a bracket automatically.
  if (atStart && atEnd && made.length < newText.length) {
    let prefix = 0;
    while (prefix < made.length && made.charCodeAt(prefix) === newText.charCodeAt(prefix)) prefix++;
    if (newText.endsWith(made.slice(prefix))) {
      const suffix = made.length - prefix;
      return { start: edit.start + prefix, end: end - suffix, newText: newText.slice(prefix, newText.length - suffix) };
    }
  }
  return undefined;
}

/** The same change, written as near to the edit as possible. Only a pure insertion or deletion can move. */
function slideTowards(text: string, change: OffsetEdit, edit: OffsetEdit): OffsetEdit {
  let { start, end, newText } = change;
  const inserts = start === end && newText !== '';
  if (!inserts && newText !== '') return change;
  // The characters that move past the change are those of the block itself, repeated.
  const block = inserts ? newText : text.slice(start, end);
  if (block === '') return change;
  let turned = 0;
  while (start < edit.start && end < text.length && text.charCodeAt(end) === block.charCodeAt(turned % block.length)) {
    start++;
    end++;
    turned++;
  }
  while (
    end > edit.end &&
    start > 0 &&
    text.charCodeAt(start - 1) === block.charCodeAt((turned + block.length - 1) % block.length)
  ) {
    start--;
    end--;
    turned = (turned + block.length - 1) % block.length;
  }
  if (start === change.start) return change;
  if (inserts) {
    const cut = turned % block.length;
    newText = block.slice(cut) + block.slice(0, cut);
  }
  const reaches = start <= edit.end && end >= edit.start;
  return reaches ? { start, end, newText } : change;
}
