import { hunksOfLines, type LineHunk } from '../edits/diff.ts';
import type { LineRange } from '../edits/lines.ts';
import { isNotBlank } from '../edits/lines.ts';
import type { AskedCode, CodeInAnswer, NoCode } from './codeInAnswer.ts';
import type { ParsedAnswer, View } from './format.ts';
import { type Alignment, alignLines } from './rewriteAlignment.ts';
import { Snippet } from './snippet.ts';

export interface RewriteOptions extends View {
  /** Whether the model has finished writing. */
  readonly complete: boolean;
  /**
   * Whether a model is expected to give only the changed part of the text: lines missing at the top or the bottom then
   * stay unchanged.
   */
  readonly fragments: boolean;
}

/**
 * Reads an answer that rewrites the editable lines; `find` finds the code in it. Blocks that are settled by the lines
 * behind them are returned while the answer is still being written; see `alignLines`. An answer without an end gives
 * only these, so that an answer that was cut off never deletes lines it did not reach.
 */
export function readRewrite(
  current: string,
  options: RewriteOptions,
  find: (asked: AskedCode) => CodeInAnswer | NoCode,
): ParsedAnswer {
  const { complete, excerpt, editable = excerpt } = options;
  const snippet = Snippet.of(current);
  const range = snippet.shown(editable);
  const original = snippet.lines.slice(range.first, range.last);
  const shown = snippet.shown(excerpt);
  const code = find({ original, cutAbove: shown.first > 0, cutBelow: shown.last < snippet.lineCount, complete });
  if (code.lines) return new Rewrite(code, snippet, range, options).result();
  const chat = code.words === '' ? {} : { chat: code.words };
  if (!code.ended) return { state: 'unchanged so far', edits: [], ...chat };
  return { state: 'complete', edits: [], ...chat, problem: 'the answer holds no code' };
}

class Rewrite {
  readonly #code: CodeInAnswer;
  readonly #snippet: Snippet;
  readonly #options: RewriteOptions;
  readonly #range: LineRange;
  readonly #original: readonly string[];

  constructor(code: CodeInAnswer, snippet: Snippet, range: LineRange, options: RewriteOptions) {
    this.#code = code;
    this.#snippet = snippet;
    this.#options = options;
    this.#range = range;
    this.#original = snippet.lines.slice(range.first, range.last);
  }

  result(): ParsedAnswer {
    const { lines, settled, ended } = this.#code;
    const words = ended ? this.#code.wordsBehind(lines.length) : '';
    const alignment = alignLines(this.#original, ended ? this.#finished(settled) : settled, this.#code.mayEnd);
    const sure = this.#trusted(alignment.settled, lines);
    if (sure.problem) return this.#answer(sure.hunks, lines, words, sure.problem);

    const count = this.#code.count(alignment.newLine);
    if (count === undefined && !this.#options.complete) return this.#answer(sure.hunks, lines, words, undefined);
    const made = this.#finished(this.#code.first(count ?? lines.length));
    const rest = hunksBehind(alignment, this.#original, made);
    if (count === undefined && !this.#reachesEnd(rest, made)) {
      return this.#answer(sure.hunks, lines, words, 'the answer breaks off');
    }
    const more = this.#trusted(rest, made);
    const said = this.#code.wordsBehind(count ?? lines.length);
    return this.#answer([...sure.hunks, ...more.hunks], made, said, more.problem);
  }

  /** With the text's own final line end, if the rewritten lines include the text's end. */
  #finished(code: readonly string[]): string[] {
    const { first, last } = this.#range;
    return this.#snippet.withFinalLineEnd(first, last, code);
  }

  /**
   * Whether an answer without an end is complete all the same: it reaches the text's last line, and no lines are
   * missing that it might not have reached.
   */
  #reachesEnd(rest: readonly LineHunk[], code: readonly string[]): boolean {
    return (
      code.some(isNotBlank) &&
      code.findLast(isNotBlank) === this.#original.findLast(isNotBlank) &&
      rest.every(({ start, end, newStart, newEnd }) => end - start <= newEnd - newStart)
    );
  }

  /** The blocks up to the first that looks like omitted code rather than removed code. */
  #trusted(hunks: readonly LineHunk[], newLines: readonly string[]): { hunks: LineHunk[]; problem?: string } {
    const trusted: LineHunk[] = [];
    for (const hunk of hunks) {
      if (this.#isMissingEdge(hunk)) continue;
      if (this.#elides(hunk, newLines)) return { hunks: trusted, problem: 'the answer leaves out code with a note' };
      if (this.#guts(hunk)) return { hunks: trusted, problem: 'the answer would take out most of the code' };
      trusted.push(hunk);
    }
    return { hunks: trusted };
  }

  /** Lines missing at the top or the bottom of an answer that may be a fragment. */
  #isMissingEdge(hunk: LineHunk): boolean {
    return this.#options.fragments && this.#atEdge(hunk) && hunk.newStart === hunk.newEnd && hunk.end - hunk.start > 3;
  }

  #atEdge({ start, end }: LineHunk): boolean {
    return !this.#original.slice(0, start).some(isNotBlank) || !this.#original.slice(end).some(isNotBlank);
  }

  #elides(hunk: LineHunk, newLines: readonly string[]): boolean {
    const old = this.#original.slice(hunk.start, hunk.end);
    if (old.length === 0) return false;
    return newLines.slice(hunk.newStart, hunk.newEnd).some((line) => isOmissionNote(line) && !old.includes(line));
  }

  /** Whether a block removes so much that the answer probably stopped early. */
  #guts(hunk: LineHunk): boolean {
    const [old, made] = [hunk.end - hunk.start, hunk.newEnd - hunk.newStart];
    if (old - made > 12 && old - made > (this.#original.length * 2) / 3) return true;
    return this.#options.fragments && this.#atEdge(hunk) && old - made > 8 && made < old / 4;
  }

  #answer(
    hunks: readonly LineHunk[],
    newLines: readonly string[],
    chat: string,
    problem: string | undefined,
  ): ParsedAnswer {
    const { first } = this.#range;
    const moved = hunks.map((hunk) => ({ ...hunk, start: hunk.start + first, end: hunk.end + first }));
    const edits = this.#snippet.editsForHunks(moved, newLines);
    const done = this.#code.ended || this.#options.complete;
    return {
      state: done ? 'complete' : edits.length > 0 ? 'first hunk complete' : 'unchanged so far',
      edits,
      ...(chat === '' ? {} : { chat }),
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

/** The diff of the lines behind the aligned ones. */
function hunksBehind({ line, newLine }: Alignment, original: readonly string[], code: readonly string[]): LineHunk[] {
  return hunksOfLines(original.slice(line), code.slice(newLine)).map((hunk) => ({
    start: hunk.start + line,
    end: hunk.end + line,
    newStart: hunk.newStart + newLine,
    newEnd: hunk.newEnd + newLine,
  }));
}

/** A comment or placeholder line for code that the model did not repeat. */
function isOmissionNote(line: string): boolean {
  if (/^(\.\.\.|…)\s*$/.test(line)) return true;
  const comment = /^\s*(?:#|\/\/|--|\/\*|<!--|;|%|\{\/\*)\s*(.*)$/.exec(line)?.[1];
  if (comment === undefined) return false;
  return (
    /^(\.\.\.|…)/.test(comment) ||
    (/(\.\.\.|…)/.test(comment) && /\b(existing|rest|remain(s|ing|der)?|unchanged|same|previous)\b/i.test(comment)) ||
    /\b(rest of (the|your) (code|file|class|function)|(code|rest) remains? (unchanged|the same))\b/i.test(comment)
  );
}
