import { applyEdits, checkEdits } from '../../shared/edits/apply.ts';
import { composeDeltas, type Delta, type DeltaChange, narrowDelta } from '../../shared/edits/delta.ts';
import { diffEdits } from '../../shared/edits/diff.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { TextBuffer } from '../../shared/positions/textBuffer.ts';
import { layoutChanges } from './layout.ts';

/** Above this many unordered edits, one diff of the texts is cheaper than composing them one by one. */
const maxUnordered = 200;

/** Replacements at least this long on both sides are diffed: some clients send a whole region, or the whole text. */
const minDiffed = 64;
const maxDiffed = 2 * 1024 * 1024;

/** An edit, with the text it removes where the caller knows it: then the text before is not read. */
export interface RecordedEdit extends OffsetEdit {
  readonly removed?: string;
}

export interface Incoming {
  readonly delta: Delta;
  readonly text: string;
}

/**
 * The effect of one change notification. Each edit is in offsets of the text after the edits before it, as in LSP's
 * `contentChanges`. A caller that holds the resulting text passes it as `after`, which saves building it again. Throws
 * a RangeError for edits that are out of bounds.
 */
export function readEdits(text: string, edits: readonly RecordedEdit[], after?: string): Incoming {
  const together = edits.length === 1 ? edits : asSimultaneous(edits);
  if (together) {
    const checked = checkEdits(text.length, together);
    const length = checked.reduce((sum, { start, end, newText }) => sum + newText.length - (end - start), text.length);
    return { delta: toDelta(text, checked), text: after?.length === length ? after : applyEdits(text, checked) };
  }

  if (edits.length > maxUnordered) {
    const buffer = new TextBuffer(text);
    for (const edit of edits) buffer.edit(edit);
    const now = buffer.getText();
    return { delta: toDelta(text, diffEdits(text, now)), text: now };
  }
  let now = text;
  let delta: Delta = [];
  for (const edit of edits) {
    delta = composeDeltas(delta, toDelta(now, [edit]));
    now = applyEdits(now, [edit]);
  }
  return { delta, text: now };
}

/** The edits in offsets of the first text, if they come in order, either all ascending or all descending. */
function asSimultaneous(edits: readonly RecordedEdit[]): RecordedEdit[] | undefined {
  if (edits.every((edit, i) => i === 0 || edit.end <= (edits[i - 1]?.start ?? 0))) {
    // Insertions at one place: the later one ended up before the earlier one.
    return [...edits].reverse();
  }
  let shift = 0;
  let covered = 0;
  const placed: RecordedEdit[] = [];
  for (const edit of edits) {
    const { start, end, newText } = edit;
    if (start < covered) return undefined;
    placed.push({ ...edit, start: start - shift, end: end - shift });
    covered = start + newText.length;
    shift += newText.length - (end - start);
  }
  return placed;
}

/** Sorted, disjoint edits as narrowed changes; edits that touch become one. */
function toDelta(text: string, edits: readonly RecordedEdit[]): Delta {
  const changes: DeltaChange[] = [];
  for (const { start, end, newText, removed: known } of edits) {
    const last = changes.at(-1);
    const removed = known?.length === end - start ? known : text.slice(start, end);
    if (last && last.start + last.removed.length === start) {
      changes[changes.length - 1] = { ...last, removed: last.removed + removed, inserted: last.inserted + newText };
    } else {
      changes.push({ start, removed, inserted: newText });
    }
  }
  return narrowDelta(changes).flatMap(splitReplacement).map(detach);
}

/** The same change with copied strings: a slice would keep the whole text it was cut from in memory. */
function detach({ start, removed, inserted }: DeltaChange): DeltaChange {
  return { start, removed: ` ${removed}`.slice(1), inserted: ` ${inserted}`.slice(1) };
}

/** A long replacement as the changes that it really makes; one that is too long to diff is returned as it is. */
function splitReplacement(change: DeltaChange): Delta {
  const { start, removed, inserted } = change;
  if (Math.min(removed.length, inserted.length) < minDiffed) return [change];
  if (Math.max(removed.length, inserted.length) > maxDiffed) return [change];
  const layout = layoutChanges(change);
  if (layout) return layout;
  return diffEdits(removed, inserted).map((edit) => ({
    start: start + edit.start,
    removed: removed.slice(edit.start, edit.end),
    inserted: edit.newText,
  }));
}
