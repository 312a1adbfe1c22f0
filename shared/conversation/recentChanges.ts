import { applyDelta, invertDelta } from '../edits/delta.ts';
import { hunksOfLines, type LineHunk } from '../edits/diff.ts';
import { lengthOfLines } from '../edits/lines.ts';
import type { Conversation } from './conversation.ts';
import { Snippet } from './snippet.ts';

/** A recently changed place, in this document or another, with a few unchanged lines around it. */
export interface RecentChange {
  readonly path: string;
  /** The line, counted from 0, on which `above` begins in the earlier text, and in the later one. */
  readonly oldStart: number;
  readonly newStart: number;
  readonly above: readonly string[];
  readonly removed: readonly string[];
  readonly added: readonly string[];
  readonly below: readonly string[];
}

/**
 * A longer change, in UTF-16 code units, is not a useful example, and would leave no space for others in the prompt.
 */
const maxLength = 4000;

/**
 * The last changes, oldest first: those of other documents, then this one's. At most `count`, each with `context`
 * unchanged lines above and below. A change that touches the one before is merged with it.
 */
export function recentChanges(
  conversation: Conversation,
  { context, count }: { readonly context: number; readonly count: number },
): RecentChange[] {
  const elsewhere = (conversation.related ?? []).flatMap(({ path, before, after }) =>
    changesBetween(path, new Snippet(before), new Snippet(after), context),
  );
  const texts = textsOfChanges(conversation);
  const here = texts.flatMap((later, i) => {
    const earlier = texts[i - 1];
    return earlier ? changesBetween(conversation.path, earlier, later, context) : [];
  });
  return [...elsewhere, ...here].filter((change) => lengthOf(change) <= maxLength).slice(-count);
}

/** The very last change, without lines around it. */
export function lastChange(conversation: Conversation): RecentChange | undefined {
  return recentChanges(conversation, { context: 0, count: 1 }).at(-1);
}

/**
 * The texts between the last changes, oldest first, the current one last. A change that touches the one before is merged with it. Goes
 * back for at most `count` places that were changed, and `length` UTF-16 code units in all.
 */
export function textsOfLastChanges(
  conversation: Conversation,
  { count, length }: { readonly count: number; readonly length: number },
): Snippet[] {
  const texts = textsOfChanges(conversation);
  let [places, units] = [0, 0];
  let first = texts.length - 1;
  for (; first > 0; first--) {
    const [earlier, later] = [texts[first - 1], texts[first]];
    if (!earlier || !later) break;
    const changes = changesBetween(conversation.path, earlier, later, 0);
    places += changes.length;
    units += changes.reduce((sum, change) => sum + lengthOf(change), 0);
    if (places > count || units > length) break;
  }
  return texts.slice(first);
}

/** The text before the changes that `recentChanges` returns, as far back as is known. */
export function textBefore(conversation: Conversation): string {
  return earlierTexts(conversation)[0] ?? conversation.current;
}

/** The texts between the single edits, or else the snapshots; the current one last. */
export function earlierTexts({ edits, history, current }: Conversation): string[] {
  if (edits === undefined) return [...history, current];
  const texts = [current];
  for (const delta of edits.toReversed()) texts.unshift(applyDelta(texts[0] ?? '', invertDelta(delta)));
  return texts;
}

const knownTexts = new WeakMap<Conversation, readonly Snippet[]>();

/** The texts between changes, oldest first, the current one last. A prompt is planned by several looks at one conversation. */
function textsOfChanges(conversation: Conversation): readonly Snippet[] {
  const texts = knownTexts.get(conversation) ?? joined(earlierTexts(conversation)).map((text) => Snippet.of(text));
  knownTexts.set(conversation, texts);
  return texts;
}

/** The texts without those between two edits that touch: consecutive lines typed one by one are one change. */
function joined(texts: readonly string[]): string[] {
  const kept: string[] = [];
  let last: LineHunk | undefined;
  for (const [i, text] of texts.entries()) {
    const before = texts[i - 1];
    const hunks = before === undefined ? [] : hunksOfLines(Snippet.of(before).lines, Snippet.of(text).lines);
    const [hunk] = hunks;
    if (i > 0 && !hunk) continue;
    const single = hunks.length === 1 ? hunk : undefined;
    if (last && single && single.start <= last.newEnd && single.end >= last.newStart) {
      kept.pop();
      // The range that both cover, in the later text.
      const grown = single.newEnd - single.end;
      last = {
        ...last,
        newStart: Math.min(last.newStart, single.newStart),
        newEnd: Math.max(single.newEnd, last.newEnd + grown),
      };
    } else {
      last = single;
    }
    kept.push(text);
  }
  return kept;
}

/** The changed places from one text to the next, each with `context` unchanged lines above and below. */
export function changesBetween(path: string, earlier: Snippet, later: Snippet, context: number): RecentChange[] {
  return hunksOfLines(earlier.lines, later.lines).map(({ start, end, newStart, newEnd }) => {
    const lead = Math.min(context, start, newStart);
    return {
      path,
      oldStart: start - lead,
      newStart: newStart - lead,
      above: earlier.lines.slice(start - lead, start),
      removed: earlier.lines.slice(start, end),
      added: later.lines.slice(newStart, newEnd),
      // The empty line behind a final line end does not count.
      below: earlier.lines
        .slice(end, end + context)
        .filter((line, i) => line !== '' || end + i + 1 < earlier.lineCount),
    };
  });
}

function lengthOf({ removed, added }: RecentChange): number {
  return lengthOfLines([...removed, ...added]);
}

/** A change as a hunk of a unified diff, its header and lines joined by `\n`. */
export function unifiedHunk({ oldStart, newStart, above, removed, added, below }: RecentChange): string {
  const around = above.length + below.length;
  // Counted from 1; a side without lines names the line before it, as `diff -u` does.
  const side = (start: number, count: number) => `${count === 0 ? start : start + 1},${count}`;
  return [
    `@@ -${side(oldStart, around + removed.length)} +${side(newStart, around + added.length)} @@`,
    ...above.map((line) => ` ${line}`),
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
    ...below.map((line) => ` ${line}`),
  ].join('\n');
}
