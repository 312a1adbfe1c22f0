import type { AnswerRange } from '../../../shared/conversation/format.ts';
import { applyEdits } from '../../../shared/edits/apply.ts';
import { type Hunk, toHunks } from '../../../shared/edits/hunks.ts';
import type { OffsetEdit } from '../../../shared/edits/offsetEdit.ts';
import { LineIndex } from '../../../shared/positions/lineIndex.ts';

/** A model's answer with the probability of each token. */
export interface ScoredText {
  readonly text: string;
  /** How many UTF-16 code units each token added to `text`. */
  readonly lengths: readonly number[];
  /** Natural logarithms, one for each token; NaN where they are not known. */
  readonly logProbabilities: readonly number[];
}

/** For an edit without known probabilities: high enough to be shown, but not above that of engines that know. */
const unknownConfidence = 0.5;

/**
 * How sure the model was of each edit, 0 to 1, where its answer says changes alone: by the probability of all that says it, from
 * the decision that there is one on. `sources`: see `ParsedAnswer`.
 */
export function sourceConfidences(sources: readonly AnswerRange[], answer: ScoredText): number[] {
  const ends = tokenEnds(answer.lengths);
  return sources.map(({ start, end }) => confidenceOf(logsWithin(answer, ends, start, end), sum));
}

/**
 * How sure the model was of each edit of an answer that repeats text, 0 to 1: the geometric mean of the probabilities of the tokens of the
 * edit's new text. So long edits are not rated lower than short ones, and copied text does not count.
 * For an edit that only deletes, or whose text cannot be found in the answer, it is the probability of the
 * least likely token since the edit before, which includes the one that first deviated from the text.
 */
export function editConfidences(current: string, edits: readonly OffsetEdit[], answer: ScoredText): number[] {
  const ends = tokenEnds(answer.lengths);
  const confidences = new Map<OffsetEdit, number>();
  let from = 0;
  for (const hunk of toHunks(current, edits)) {
    const at = findBlock(current, hunk, answer.text, from);
    for (const { edit, start, end } of at === undefined ? [] : newTextRanges(current, hunk, at)) {
      if (start < end) confidences.set(edit, confidenceOf(logsWithin(answer, ends, start, end), mean));
    }
    for (const edit of hunk.edits) {
      if (confidences.has(edit)) continue;
      confidences.set(edit, confidenceOf(logsWithin(answer, ends, from, answer.text.length), least));
    }
    if (at !== undefined) from = at + hunk.newLines.join('\n').length;
  }
  return edits.map((edit) => confidences.get(edit) ?? 0);
}

/** Where the hunk's new lines are in the answer: behind the line before them, if the answer contains that too. */
function findBlock(current: string, hunk: Hunk, answer: string, from: number): number | undefined {
  if (hunk.newLines.length === 0) return undefined;
  const block = hunk.newLines.join('\n');
  if (hunk.startLine > 0) {
    const before = `${new LineIndex(current).line(hunk.startLine - 1)}\n`;
    const at = answer.indexOf(before + block, Math.max(0, from - before.length));
    if (at >= 0) return at + before.length;
  }
  const at = answer.indexOf(block, from);
  return at >= 0 ? at : undefined;
}

interface EditRange {
  readonly edit: OffsetEdit;
  /** Where the edit's new text is in the answer. */
  readonly start: number;
  readonly end: number;
}

function newTextRanges(current: string, hunk: Hunk, at: number): EditRange[] {
  const index = new LineIndex(current);
  const begin = Math.min(index.lineStart(hunk.startLine), hunk.edits[0]?.start ?? 0);
  const lead = index.lineStart(hunk.startLine) - begin;
  const end = Math.max(index.lineStart(hunk.endLine), hunk.edits.at(-1)?.end ?? 0);
  const moved = hunk.edits.map((edit) => ({ ...edit, start: edit.start - begin, end: edit.end - begin }));
  const after = applyEdits(current.slice(begin, end), moved);
  // The model always writes `\n` as line end.
  const inAnswer = (offset: number) => after.slice(0, Math.max(0, offset)).replaceAll('\r\n', '\n').length;
  let shift = 0;
  return hunk.edits.map((edit, i) => {
    const start = (moved[i]?.start ?? 0) + shift;
    shift += edit.newText.length - (edit.end - edit.start);
    const offset = at - inAnswer(lead);
    return {
      edit,
      start: Math.max(at, offset + inAnswer(start)),
      end: Math.max(at, offset + inAnswer(start + edit.newText.length)),
    };
  });
}

function tokenEnds(lengths: readonly number[]): number[] {
  let end = 0;
  return lengths.map((length) => {
    end += length;
    return end;
  });
}

/** Of the tokens that wrote part of the answer between two offsets. */
function logsWithin(answer: ScoredText, ends: readonly number[], start: number, end: number): number[] {
  return answer.logProbabilities.filter((_, i) => {
    const tokenEnd = ends[i] ?? 0;
    return tokenEnd > start && tokenEnd - (answer.lengths[i] ?? 0) < end;
  });
}

/** The probability that `together` computes from the known logarithms. */
function confidenceOf(logs: readonly number[], together: (known: readonly number[]) => number): number {
  const known = logs.filter((log) => !Number.isNaN(log));
  return logs.length > 0 && known.length === 0 ? unknownConfidence : Math.exp(together(known));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}

function least(values: readonly number[]): number {
  return Math.min(0, ...values);
}
