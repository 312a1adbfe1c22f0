import type { ParsedAnswer, PromptFormat, RenderedPrompt } from '../format.ts';
import { Marks } from '../marks.ts';
import { type RegionSheet, readRegion, regionOf, regionSheet, withCursor } from '../region.ts';
import { seedPrompt, seedTokens } from '../seedRegion.ts';
import { Snippet } from '../snippet.ts';
import { linesAroundTarget } from '../windows.ts';

const markerStart = '<|marker_';
const marker = (number: number) => `${markerStart}${number}|>`;
const markerPattern = /<\|marker_(\d+)\|>/g;
const noEdits = 'NO_EDITS';
const marks = [...Object.values(seedTokens), markerStart, noEdits];
const answerMarks = { marks, ends: [seedTokens.endOfSentence], echoes: [seedTokens.cursor] };

/** The number of lines in a block; the last block may have fewer. */
const [fewestLines, mostLines] = [6, 16];

/**
 * Zed's Zeta 2.1 (a Seed-Coder-8B): the region divided into blocks by numbered marks. The answer rewrites the lines
 * between two marks, and so is short; the same mark twice means no change. The second mark comes last, so nothing in an
 * answer is certain before it.
 */
export const zeta21 = {
  name: 'zeta21',
  isFor: ({ names }) => names.some((name) => /(^|[^a-z])zeta[-_ ]?2[._]?1(?!\d)/i.test(name)),
  isForPrediction: true,
  takesInstructions: false,
  answer: 'changes',
  history: 'edits',
  views: (snippet, target) => linesAroundTarget(snippet, target, 24, 24),

  render(conversation, options = {}) {
    return zeta21Prompt(regionSheet(conversation, options, new Marks(marks, conversation), { context: 3, count: 6 }));
  },

  parse(answer, conversation, options): ParsedAnswer {
    const nothing = { state: options.complete ? 'complete' : 'unchanged so far', edits: [] } as const;
    if (!options.complete) return nothing;
    const found = [...answer.matchAll(markerPattern)];
    const [first, last] = [found[0], found.at(-1)];
    if (!first || !last) {
      const silent = answer.trim() === '' || answer.trimStart().startsWith(noEdits);
      return silent ? nothing : { ...nothing, problem: 'the answer names no block' };
    }
    if (first === last) return { ...nothing, problem: 'the answer breaks off' };
    const region = regionOf(conversation, options);
    const bounds = blockBounds(Snippet.of(conversation.current).lines.slice(region.first, region.last));
    const [from, to] = [bounds[Number(first[1]) - 1], bounds[Number(last[1]) - 1]];
    if (from === undefined || to === undefined || from > to) {
      return { ...nothing, problem: 'the answer names a block that was not shown' };
    }
    if (from === to) return nothing;
    // Marks inside are on lines of their own.
    const code = answer.slice(first.index + first[0].length, last.index).replace(/^\n/, '');
    const editable = { first: region.first + from, last: region.first + to };
    const lines = code.replace(/^<\|marker_\d+\|>\n/gm, '');
    return readRegion(lines, conversation, { ...options, editable }, new Marks(marks, conversation), answerMarks);
  },
} as const satisfies PromptFormat;

/** The prompt for the content of the sheet. */
export function zeta21Prompt(sheet: RegionSheet): RenderedPrompt {
  const bounds = blockBounds(sheet.region);
  const lines = withCursor(sheet, seedTokens.cursor);
  const blocks = bounds.flatMap((start, i) => [marker(i + 1), ...lines.slice(start, bounds[i + 1] ?? start)]);
  return { prompt: seedPrompt(sheet, blocks), answerPrefix: '', stop: [seedTokens.endOfSentence] };
}

/**
 * The starts of the blocks of a region, and the end of the last. A block ends before a line that begins something new:
 * behind a blank line if the block has the minimum length, and at the latest at the maximum length.
 */
function blockBounds(region: readonly string[]): number[] {
  const bounds = [0];
  for (let line = 1; line < region.length; line++) {
    const length = line - (bounds.at(-1) ?? 0);
    const behindBlank = region[line - 1]?.trim() === '' && /^\s*[^\s)}\]]/.test(region[line] ?? '');
    const isRoomy = length >= fewestLines && region.length - line >= fewestLines;
    if ((behindBlank && isRoomy) || length >= mostLines) bounds.push(line);
  }
  return [...bounds, region.length];
}
