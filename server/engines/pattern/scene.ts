import type { Conversation } from '../../../shared/conversation/conversation.ts';
import { lineAtOffset } from '../../../shared/positions/lineIndex.ts';
import { type Change, netChanges } from './changes.ts';
import type { NamedText } from './codeNames.ts';
import { KnownLines } from './knownLines.ts';
import { isIdentifier, isWord, tokenize, words } from './lexer.ts';
import type { LookAt, Rule, RuleSite } from './rule.ts';
import { linesOfEach, snapshotLines } from './snapshots.ts';
import { TextKinds } from './textKinds.ts';

const maxRelated = 4;
/** Strings and comments are detected up to this many lines above the cursor. */
const linesRead = 1500;

const noChange = 'There is no change to go by: nothing was changed, or all of it was taken back.';

/** Everything that generators and features need, computed once for each prediction. */
export interface Scene extends NamedText {
  readonly text: string;
  /** LSP language identifier; empty when unknown. */
  readonly languageId: string;
  /** Offset of each line in `text`. */
  readonly lineStarts: readonly number[];
  /** The programmer's changes, in this document in the order of the text, then those elsewhere. */
  readonly changes: readonly Change[];
  /** The newest change in this document. */
  readonly latest: Change;
  readonly cursorOffset: number;
  readonly signal: AbortSignal | undefined;
  /** Names on the lines that the programmer removed, and on those inserted. */
  readonly oldNames: ReadonlySet<string>;
  readonly newNames: ReadonlySet<string>;
  /** Distinguishes strings and comments from code. */
  readonly kinds: TextKinds;
  /** How far each line is indented, see `KnownLines`. */
  readonly widths: Int16Array;
  /** What the lines show by themselves. */
  readonly known: KnownLines;
  /** The replacements that the changes show, see `learnRules`. */
  rules?: readonly Rule[] | undefined;
  /** The places that were found for each rule. */
  sites?: Map<Rule, readonly RuleSite[]> | undefined;
  /** Changes of this document by the lines they cover, see `changesOn`. */
  covering?: ReadonlyMap<number, readonly Change[]> | undefined;
  /** What places have in common with each rule's example, by rule. */
  looks?: Map<string, LookAt> | undefined;
}

/** Undefined if no change can be learnt from; `tell` then gets the reason, a sentence. */
export function buildScene(
  conversation: Conversation,
  signal?: AbortSignal,
  tell?: (why: string) => void,
): Scene | undefined {
  const nothing = (why: string): undefined => {
    tell?.(why);
  };
  const { current } = conversation;
  const snapshots = current === '' ? undefined : snapshotLines(conversation);
  if (!snapshots) return nothing(noChange);
  const own = netChanges(snapshots);
  const latest = own.reduce<Change | undefined>(
    (best, c) => (best === undefined || c.age <= best.age ? c : best),
    undefined,
  );
  if (latest === undefined) return nothing(noChange);
  // The newest edit left no change of its own.
  if (latest.age > 0) return nothing('The newest edit took an earlier one back.');

  const lines = snapshots.at(-1) ?? [];
  const lineStarts = startsOf(current, lines.length);
  const cursorOffset = offsetOf(conversation, lineStarts, latest);
  const cursorLine = lineAtOffset(lineStarts, cursorOffset);
  if (isBetweenNames(latest, cursorLine, cursorOffset - (lineStarts[cursorLine] ?? 0))) {
    return nothing('A name has just been deleted at the cursor: another one is about to be typed.');
  }
  const related = (conversation.related ?? [])
    .slice(-maxRelated)
    .flatMap(({ before, after }) => netChanges(linesOfEach([before, after]), true));
  const changes = [...own, ...related];
  const known = new KnownLines(lines, conversation.languageId);
  return {
    text: current,
    languageId: conversation.languageId,
    kinds: new TextKinds(lines, conversation.languageId, Math.max(0, cursorLine - linesRead), known.carrying),
    widths: known.widths,
    known,
    lines,
    lineStarts,
    changes,
    latest,
    cursorOffset,
    cursorLine,
    signal,
    oldNames: new Set(changes.flatMap((change) => change.oldLines.flatMap(words))),
    newNames: new Set(changes.flatMap((change) => change.newLines.flatMap(words))),
    // Set later: with these from the start, all scenes have one shape, which is read faster.
    occurrences: undefined,
    rules: undefined,
    sites: undefined,
    covering: undefined,
    looks: undefined,
  };
}

/** A name has just been deleted at the cursor: another one is about to be typed, so nothing is known yet. */
function isBetweenNames({ oldLines, newLines, start }: Change, line: number, column: number): boolean {
  if (oldLines.length !== 1 || newLines.length !== 1 || line !== start) return false;
  const [old = '', now = ''] = [oldLines[0], newLines[0]];
  const [head, tail] = [now.slice(0, column), now.slice(column)];
  const gone = old.slice(column, column + old.length - now.length);
  const [name, ...others] = tokenize(gone);
  if (others.length > 0 || !isIdentifier(name) || old !== head + gone + tail) return false;
  return !isWord(head.at(-1)) && !isWord(tail[0]);
}

/** `count`: how many lines the text has. */
function startsOf(text: string, count: number): number[] {
  const starts = new Array<number>(count).fill(0);
  for (let line = 1; line < count; line++) starts[line] = text.indexOf('\n', starts[line - 1]) + 1;
  return starts;
}

function offsetOf(conversation: Conversation, lineStarts: readonly number[], latest: Change): number {
  const { target, current } = conversation;
  const offset =
    target === undefined
      ? (lineStarts[Math.max(latest.start, latest.end - 1)] ?? 0)
      : target.kind === 'cursor'
        ? target.offset
        : target.end;
  return Math.min(Math.max(offset, 0), current.length);
}
