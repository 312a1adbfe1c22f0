import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { regionBefore } from '../../../shared/conversation/historyExcerpt.ts';
import { earlierTexts, type RecentChange, recentChanges } from '../../../shared/conversation/recentChanges.ts';
import { Snippet } from '../../../shared/conversation/snippet.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { hunksOfLines, type LineHunk } from '../../../shared/edits/diff.ts';
import type { Hunk } from '../../../shared/edits/hunks.ts';
import { saysSomething } from '../../../shared/edits/lines.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import { balance } from '../pattern/brackets.ts';
import { buildScene } from '../pattern/scene.ts';
import { isUnfinished as isUnfinishedTyping } from '../pattern/unfinished.ts';

/** The gate's input besides the edits: the same for all hunks of an answer. */
export interface GateScene {
  readonly conversation: Conversation;
  readonly lines: readonly string[];
  /** Oldest first; those of other documents before this one's. */
  readonly changes: readonly RecentChange[];
  readonly own: readonly RecentChange[];
  /** The earlier texts, and how each became the present one. */
  readonly earlier: readonly { readonly lines: readonly string[]; readonly hunks: readonly LineHunk[] }[];
  readonly cursor: { readonly offset: number; readonly line: number; readonly column: number } | undefined;
  /** Whether what is being typed at the cursor breaks off, in half a name or behind an open bracket, say. Takes a while. */
  readonly isHalfTyped: () => boolean;
}

export function gateScene(conversation: Conversation): GateScene {
  const snippet = Snippet.of(conversation.current);
  const changes = recentChanges(conversation, { context: 0, count: 8 });
  const { target } = conversation;
  const offset = target?.kind === 'cursor' ? target.offset : target?.end;
  return {
    conversation,
    lines: snippet.lines,
    changes,
    own: changes.filter(({ path }) => path === conversation.path),
    earlier: earlierTexts(conversation)
      .slice(0, -1)
      .map((text) => Snippet.of(text).lines)
      .map((lines) => ({ lines, hunks: hunksOfLines(lines, snippet.lines) })),
    cursor: offset === undefined ? undefined : { offset, ...snippet.placeOf(offset) },
    isHalfTyped: () => isHalfTyped(conversation),
  };
}

/** As the embedded engine sees it, which waits until a line is done as well. */
function isHalfTyped(conversation: Conversation): boolean {
  const scene = buildScene(conversation);
  return scene !== undefined && isUnfinishedTyping(scene);
}

/**
 * Whether, unasked, no edit behind `offset`, the text's start by default, could be shown, whatever the model says: nothing was edited
 * before, and no line at the cursor is unfinished. Then it need not be asked.
 */
export function nothingToShow(scene: GateScene, offset = 0): boolean {
  const { conversation, changes, cursor } = scene;
  if (changes.length > 0) return false;
  if (!cursor) return true;
  const { line } = Snippet.of(conversation.current).placeOf(offset);
  return [-1, 0, 1].every((below) => cursor.line + below < line || !isUnfinished(scene, cursor.line + below));
}

/** Why nobody can want an answer's edits, whatever each of them does; undefined if somebody might. */
export function answerRefusal(scene: GateScene, edits: readonly OffsetEdit[]): string | undefined {
  const { history, current } = scene.conversation;
  const after = applyEdits(current, edits);
  if (after.trim() === '') return 'it leaves nothing';
  if (history.includes(after) && !mendsSlip(scene)) return 'it leads back to an earlier text';
  return undefined;
}

/** Why nobody can want this hunk of an answer; undefined if somebody might. */
export function hunkRefusal(scene: GateScene, hunk: Hunk, hunks: readonly Hunk[]): string | undefined {
  if (isSame(hunk.oldLines.join(''), hunk.newLines.join(''))) return 'it changes white space alone';
  if (scene.changes.length === 0 && !completesLine(scene, hunk)) return 'nothing was edited before';
  const others = hunks.filter((other) => other !== hunk);
  if (repeatsHalfTyped(scene, hunk)) return 'it repeats what is still being typed at the cursor';
  if (takesBack(scene, hunk, others) && !mendsSlip(scene)) return 'it takes back what was just done';
  if (takesOut(scene, hunk, others)) return 'it takes lines out and puts none in';
  if (leavesAlone(scene, hunk, others)) return 'it leaves a bracket without the other one';
  if (repeats(scene, hunk, others)) return 'it repeats the lines beside it';
  return undefined;
}

function isSame(a: string, b: string): boolean {
  return a.replace(/\s+/g, '') === b.replace(/\s+/g, '');
}

/** Whether a hunk away from the cursor's line brings in the word before the cursor, which is not done yet. One letter may be all of a name. */
function repeatsHalfTyped({ isHalfTyped, cursor, lines }: GateScene, hunk: Hunk): boolean {
  if (!cursor || (hunk.startLine <= cursor.line && cursor.line < hunk.endLine)) return false;
  const word = /([\p{L}\p{N}_$]{2,})[^\p{L}\p{N}_$]*$/u.exec(lines[cursor.line]?.slice(0, cursor.column) ?? '')?.[1];
  const has = (some: readonly string[]) => some.some((line) => wordsOf(line).includes(word ?? ''));
  return has(hunk.newLines) && !has(hunk.oldLines) && isHalfTyped();
}

function wordsOf(line: string): readonly string[] {
  return line.match(/[\p{L}\p{N}_$]+/gu) ?? [];
}

/**
 * Whether a hunk continues an unfinished line, at the cursor or at the end of a line next to it: nothing else is
 * certain to be wanted before the first edit.
 */
function completesLine(scene: GateScene, { startLine, oldLines, edits }: Hunk): boolean {
  const { conversation, lines, cursor } = scene;
  const [edit] = edits;
  if (!cursor || !edit || edits.length > 1 || oldLines.length !== 1 || !isUnfinished(scene, startLine)) return false;
  const old = conversation.current.slice(edit.start, edit.end);
  if (edit.newText.trim().length <= old.trim().length) return false;
  if (startLine === cursor.line) return edit.start <= cursor.offset + 1 && edit.end >= cursor.offset - 1;
  const end = Snippet.of(conversation.current).lineStart(startLine) + (lines[startLine] ?? '').length;
  return edit.start === end;
}

/** Whether a line is the cursor's or next to it, and something could follow at its end or at the cursor. */
function isUnfinished({ lines, cursor }: GateScene, at: number): boolean {
  const line = lines[at];
  if (!cursor || line === undefined || Math.abs(at - cursor.line) > 1) return false;
  const isHere = at === cursor.line;
  const [before, behind] = isHere ? [line.slice(0, cursor.column), line.slice(cursor.column).trim()] : [line, ''];
  return behind !== '' || !/(^|[;{}),:>\]])$/.test(before.trimEnd());
}

/**
 * Whether a hunk restores an earlier text at its place, or inserts lines again, here or elsewhere, that the programmer
 * has just removed.
 */
function takesBack({ own, lines, earlier }: GateScene, hunk: Hunk, others: readonly Hunk[]): boolean {
  const { startLine, endLine, oldLines, newLines } = hunk;
  const leadsBack = earlier.some((text) => {
    const { first, last } = regionBefore(text.hunks, { first: startLine, last: endLine });
    const before = text.lines.slice(first, last).join('\n');
    return isSame(before, newLines.join('\n')) && !isSame(before, oldLines.join('\n'));
  });
  const moved = new Set(others.flatMap((other) => telling(other.newLines)));
  if (leadsBack && !telling(oldLines).some((line) => moved.has(line))) return true;
  const kept = new Set(telling(oldLines));
  const put = telling(newLines).filter((line) => !kept.has(line));
  const still = new Set(telling(lines));
  const gone = new Set(own.flatMap(({ removed }) => telling(removed)).filter((line) => !still.has(line)));
  return put.length > 0 && put.every((line) => gone.has(line));
}

/** Maximum number of letters that a typing mistake adds to a word. */
const slipLength = 3;

/**
 * Whether the last change looks like a typing mistake: a few letters at the cursor that make a word which occurs
 * nowhere else. Undoing it is a correction.
 */
function mendsSlip({ own, lines, cursor }: GateScene): boolean {
  const last = own.at(-1);
  const [[before = ''], [after = '']] = [last?.removed ?? [], last?.added ?? []];
  if (last?.removed.length !== 1 || last.added.length !== 1 || !cursor) return false;
  const typed = after.length - before.length;
  if (typed < 1 || typed > slipLength) return false;
  const at = cursor.column - typed;
  if (at < 0 || after.slice(0, at) + after.slice(cursor.column) !== before) return false;
  const word = /^\w*/.exec(after.slice(at))?.[0] ?? '';
  const whole = (/\w*$/.exec(after.slice(0, at))?.[0] ?? '') + word;
  if (!/^\w+$/.test(after.slice(at, cursor.column)) || word.length <= typed) return false;
  return lines.filter((line) => new RegExp(`\\b${whole}\\b`).test(line)).length === 1;
}

/**
 * Whether lines are deleted and almost none inserted, here or elsewhere in the answer: moved lines are not deleted.
 * A programmer who has just deleted lines may want to delete up to as many more that have a word in common with them.
 */
function takesOut({ own }: GateScene, { oldLines, newLines }: Hunk, others: readonly Hunk[]): boolean {
  const moved = new Set(others.flatMap((other) => telling(other.newLines)));
  const gone = telling(oldLines).filter((line) => !moved.has(line)).length;
  const come = telling(newLines).length;
  if (come > 0) return gone - come > 3 && come < gone / 3;
  const last = own.at(-1);
  const example = last && telling(last.added).length === 0 ? telling(last.removed) : [];
  const words = new Set(example.flatMap(wordsOf));
  return gone > example.length || (gone > 0 && !oldLines.flatMap(wordsOf).some((word) => words.has(word)));
}

/**
 * Whether a hunk takes out one of a pair of brackets, or puts one in, though neither the rest of the answer has the other
 * one nor the programmer's changes left it alone.
 */
function leavesAlone({ own }: GateScene, hunk: Hunk, others: readonly Hunk[]): boolean {
  const grown = (now: readonly string[], before: readonly string[]) =>
    balance(now.join('\n')) - balance(before.join('\n'));
  const here = grown(hunk.newLines, hunk.oldLines);
  if (here === 0) return false;
  const done = own.reduce((sum, { added, removed }) => sum + grown(added, removed), 0);
  const said = others.reduce((sum, { newLines, oldLines }) => sum + grown(newLines, oldLines), here);
  return said !== 0 && Math.abs(done + said) >= Math.abs(done);
}

/** Whether new lines repeat those below or above, and were not moved from there. */
function repeats({ lines }: GateScene, hunk: Hunk, others: readonly Hunk[]): boolean {
  const { startLine, endLine, oldLines, newLines } = hunk;
  const put = telling(newLines);
  if (oldLines.some(saysSomething) || put.length === 0) return false;
  const moved = new Set(others.flatMap((other) => telling(other.oldLines)));
  if (put.some((line) => moved.has(line))) return false;
  const reach = 3 * put.length + 8;
  const below = telling(lines.slice(endLine, endLine + reach)).slice(0, put.length);
  const above = telling(lines.slice(Math.max(0, startLine - reach), startLine)).slice(-put.length);
  const same = (beside: readonly string[]) =>
    beside.length === put.length && put.every((line, i) => line === beside[i]);
  return same(below) || same(above);
}

/** The lines with content, without surrounding white space. */
function telling(lines: readonly string[]): string[] {
  return lines.filter(saysSomething).map((line) => line.trim());
}
