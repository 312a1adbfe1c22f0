import { hunksOfLines, type LineHunk } from '../../edits/diff.ts';
import { endedLines, isNotBlank, lengthOfLines } from '../../edits/lines.ts';
import type { Conversation } from '../conversation.ts';
import type { PromptFormat } from '../format.ts';
import { regionBefore } from '../historyExcerpt.ts';
import { Marks } from '../marks.ts';
import { patchBlock, patchHunks, readPatchBlocks } from '../patchBlocks.ts';
import { control, joinTexts, text } from '../prompt.ts';
import { changesBetween, textsOfLastChanges } from '../recentChanges.ts';
import { cursorOf, upTo } from '../region.ts';
import { Snippet } from '../snippet.ts';
import { wantedChange } from '../wantedAnswer.ts';
import { windowsWithin } from '../windows.ts';

const section = '<|file_sep|>';
const cursorMark = '<|fim_middle|>';
const end = '<|endoftext|>';
const marks = [section, cursorMark, end];

/** The most lines of the text shown: no model was trained on more. */
const mostLines = 64;
/** The last edits that are shown: places, and UTF-16 code units in all. */
const lastChanges = { count: 8, length: 2400 };

/**
 * The lines around the cursor as they were before the last edits, these edits one by one as a patch, and the cursor's
 * line; the answer is a patch of what comes next, the nearest change first, or nothing. The prompt grows at its end: while
 * someone types on in a line, no more has to be read again than this line.
 */
export const patch = {
  name: 'patch',
  isFor: ({ names }) => names.some((name) => /(^|[^a-z])patch([^a-z]|$)/i.test(name)),
  isForPrediction: true,
  takesInstructions: false,
  answer: 'changes',
  history: 'edits',
  // Of changes that the model was surer of than of all others together, 119 of 126 were right, of the rest 5 of 27
  // (scripts/gate/confidence.ts).
  minConfidence: 0.5,
  views: (snippet, target) => windowsWithin(mostLines, snippet, target),

  render(conversation, options = {}) {
    const hidden = new Marks(marks, conversation);
    const current = Snippet.of(conversation.current);
    const texts = textsOfLastChanges(conversation, lastChanges);
    const here = texts.flatMap((later, i) => blocksBetween(texts[i - 1], later));
    const [earliest = current] = texts;
    const before = regionBefore(hunksOfLines(earliest.lines, current.lines), current.shown(options.excerpt));
    const place = current.placeOf(cursorOf(conversation) ?? 0);
    const line = current.lines[place.line] ?? '';
    return {
      prompt: joinTexts([
        control(section),
        text(`${linesOf([conversation.path, ...earliest.lines.slice(before.first, before.last)], hidden)}`),
        control(section),
        text(`edits\n${linesOf([...elsewhere(conversation, here), ...here].flat(), hidden)}`),
        control(section),
        text(`cursor\n${hidden.hide(line.slice(0, place.column))}`),
        control(cursorMark),
        text(linesOf([line.slice(place.column)], hidden)),
        control(section),
        text('next\n'),
      ]),
      answerPrefix: '',
      stop: [end],
    };
  },

  parse(answer, conversation, { excerpt, complete }) {
    const hidden = new Marks(marks, conversation);
    const [body, ended] = upTo(answer, marks);
    const { current } = conversation;
    const shown = Snippet.of(current).shown(excerpt);
    return readPatchBlocks(body, { current, shown, ended: ended || complete, show: (line) => hidden.show(line) });
  },

  write(conversation, next, { excerpt } = {}) {
    const hidden = new Marks(marks, conversation);
    const { before, after, shown, became } = wantedChange(conversation.current, next, excerpt);
    const [old, fresh] = [before.lines.slice(shown.first, shown.last), after.lines.slice(became.first, became.last)];
    const { line } = before.placeOf(cursorOf(conversation) ?? 0);
    const lines = nearestFirst(patchHunks(old, fresh), line - shown.first).flatMap((hunk) =>
      patchBlock(old.slice(hunk.start, hunk.end), fresh.slice(hunk.newStart, hunk.newEnd)),
    );
    return joinTexts([text(linesOf(lines, hidden)), control(end)]);
  },
} as const satisfies PromptFormat;

/** The last changes of other documents, as many as there is room for beside this one's. */
function elsewhere({ related = [] }: Conversation, own: readonly (readonly string[])[]): string[][] {
  const blocks = related.flatMap(({ path, before, after }) =>
    blocksBetween(Snippet.of(before), Snippet.of(after), path),
  );
  let units = lengthOfLines(own.flat());
  const first = blocks.findLastIndex((block, i) => {
    units += lengthOfLines(block);
    return own.length + blocks.length - i > lastChanges.count || units > lastChanges.length;
  });
  return blocks.slice(first + 1);
}

/** What was changed, each place with the line above it that is not blank, or the line below it where there is none. */
function blocksBetween(earlier: Snippet | undefined, later: Snippet, path = ''): string[][] {
  if (!earlier) return [];
  return changesBetween(path, earlier, later, 2).map(({ above, removed, added, below }) => {
    const over = above.slice(above.findLastIndex(isNotBlank));
    const under = over.length > 0 ? [] : below.slice(0, 1);
    return patchBlock([...over, ...removed, ...under], [...over, ...added, ...under], path);
  });
}

/** Each line with its end, and without marks of the format's. */
function linesOf(lines: readonly string[], hidden: Marks): string {
  return endedLines(lines.map((line) => hidden.hide(line)));
}

/** From the cursor's line downwards, then upwards. */
function nearestFirst(hunks: readonly LineHunk[], line: number): LineHunk[] {
  const isBelow = (hunk: LineHunk) => Math.max(hunk.start, hunk.end - 1) >= line;
  return [...hunks.filter(isBelow), ...hunks.filter((hunk) => !isBelow(hunk)).reverse()];
}
