import { hunksOfLines, type LineHunk } from '../edits/diff.ts';
import { type Alignment, alignLines } from './alignment.ts';
import { type AnswerParts, answerLines, closesFence, opensFence } from './answer.ts';
import type { Excerpt, ParsedAnswer } from './format.ts';
import { Snippet } from './snippet.ts';

export interface WholeTextOptions {
  readonly excerpt?: Excerpt | undefined;
  readonly complete: boolean;
  /**
   * Whether a model is expected to give only the part of the text that it changed: lines missing at the top or the bottom
   * are then left as they are.
   */
  readonly fragments: boolean;
}

/**
 * Reads an answer that says the whole new text in one fenced block (formats WF, and the one-shot prompts).
 * Blocks that are settled by the lines behind them are given while the answer is still being written; see `alignLines`.
 * An answer without an end gives these alone, so that a text which was cut short never deletes what it did not reach.
 */
export function readWholeText(parts: AnswerParts, current: string, options: WholeTextOptions): ParsedAnswer {
  return new WholeTextReading(parts, new Snippet(current), options).result();
}

class WholeTextReading {
  readonly #parts: AnswerParts;
  readonly #snippet: Snippet;
  readonly #options: WholeTextOptions;
  readonly #shown: Excerpt;
  /** The lines that were shown. */
  readonly #original: readonly string[];

  constructor(parts: AnswerParts, snippet: Snippet, options: WholeTextOptions) {
    this.#parts = parts;
    this.#snippet = snippet;
    this.#options = options;
    this.#shown = snippet.shown(options.excerpt);
    this.#original = snippet.lines.slice(this.#shown.first, this.#shown.last);
  }

  result(): ParsedAnswer {
    const { ended, chat } = this.#parts;
    const opened = this.#openedLines();
    if (!opened) {
      const problem = ended || this.#options.complete ? 'the answer holds no code' : undefined;
      return this.#answer([], [], chat, problem);
    }
    const { lines } = opened;
    const alignment = alignLines(this.#original, this.#readableLines(lines), closesFence);
    const settled = this.#trusted(alignment.settled, lines);
    if (settled.problem) return this.#answer(settled.hunks, lines, chat, settled.problem);

    const close = this.#closingLine(lines, alignment.newLine);
    if (close === undefined && !this.#options.complete) return this.#answer(settled.hunks, lines, chat, undefined);
    const code = this.#finished(close === undefined ? lines : lines.slice(0, close));
    const rest = hunksBehind(alignment, this.#original, code);
    if (close === undefined && !this.#reachesEnd(rest, code)) {
      return this.#answer(settled.hunks, lines, chat, 'the answer breaks off');
    }
    const more = this.#trusted(rest, code);
    const words = ended ? chat : proseBehind(lines, close ?? lines.length);
    return this.#answer([...settled.hunks, ...more.hunks], code, words, more.problem);
  }

  /** The lines behind the opening fence; undefined where there is none yet. */
  #openedLines(): { lines: string[] } | undefined {
    const { body, started, ended } = this.#parts;
    const lines = answerLines(
      body,
      this.#original.some((line) => line.includes('\r')),
    );
    const open = lines.findIndex(opensFence);
    // The fence's own line must have ended, or a language name could still follow.
    if (open >= 0 && open + 1 < lines.length) {
      const code = lines.slice(open + 1);
      if (this.#shown.first > 0 && isElision(code[0]) && code[0] !== this.#original[0]) code.shift();
      return { lines: code };
    }
    // The prompt asks for code between the tokens; some models take that at its word and write no fence.
    if (open < 0 && started && ended && body.trim() !== '') {
      return { lines: lines[0]?.trim() === '' ? lines.slice(1) : lines };
    }
    return undefined;
  }

  /** The lines that can be aligned: without the closing fence where it is known, and without one still being written. */
  #readableLines(lines: readonly string[]): readonly string[] {
    if (this.#parts.ended) return this.#finished(lines.slice(0, closingFenceOf(lines)));
    // A fence at the very end may as well be one of the text's own.
    return this.#options.complete && closesFence(lines.at(-1) ?? '') ? lines : lines.slice(0, -1);
  }

  /** Where the code ends: its line count, or undefined where it cannot be told. Never before `from`, which was relied on. */
  #closingLine(lines: readonly string[], from: number): number | undefined {
    if (this.#parts.ended) return closingFenceOf(lines);
    if (!this.#options.complete) return undefined;
    const candidates = [...lines.keys()].filter((i) => i >= from && closesFence(lines[i] ?? ''));
    if (candidates.length < 2) return candidates[0];
    // Either prose with more code follows, or the code holds fences itself: the text's last line tells.
    const lastLine = this.#original.findLast(isNotBlank);
    return candidates.find((i) => lines.slice(0, i).findLast(isNotBlank) === lastLine);
  }

  /** The code without the `...` of the excerpt, and with the final line end that the text has. */
  #finished(code: readonly string[]): string[] {
    const lines = [...code];
    if (this.#shown.last < this.#snippet.lineCount) {
      if (isElision(lines.at(-1)) && lines.at(-1) !== this.#original.at(-1)) lines.pop();
      return lines;
    }
    return this.#snippet.withFinalLineEnd(lines);
  }

  /**
   * Whether an answer without a closing fence is all the same whole: it comes to the text's last line, and no lines that
   * it might not have reached are missing.
   */
  #reachesEnd(rest: readonly LineHunk[], code: readonly string[]): boolean {
    return (
      isNotBlank(code.findLast(isNotBlank)) &&
      code.findLast(isNotBlank) === this.#original.findLast(isNotBlank) &&
      rest.every(({ start, end, newStart, newEnd }) => end - start <= newEnd - newStart)
    );
  }

  /** The blocks up to the first that looks like code left out rather than taken out. */
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

  /** Whether a block takes out so much that the answer rather stopped early. */
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
    const { first } = this.#shown;
    const moved = hunks.map((hunk) => ({ ...hunk, start: hunk.start + first, end: hunk.end + first }));
    const edits = this.#snippet.editsForHunks(moved, newLines);
    const done = this.#parts.ended || this.#options.complete;
    return {
      state: done ? 'complete' : edits.length > 0 ? 'first hunk complete' : 'unchanged so far',
      edits,
      ...(chat === '' ? {} : { chat }),
      ...(problem === undefined ? {} : { problem }),
    };
  }
}

/** What a diff says of the lines behind those that are aligned. */
function hunksBehind({ line, newLine }: Alignment, original: readonly string[], code: readonly string[]): LineHunk[] {
  return hunksOfLines(original.slice(line), code.slice(newLine)).map((hunk) => ({
    start: hunk.start + line,
    end: hunk.end + line,
    newStart: hunk.newStart + newLine,
    newEnd: hunk.newEnd + newLine,
  }));
}

/** The closing fence of a change that has its end token: the last line, or none. */
function closingFenceOf(lines: readonly string[]): number {
  const last = lines.findLastIndex(isNotBlank);
  return closesFence(lines[last] ?? '') ? last : lines.length;
}

function isNotBlank(line: string | undefined): boolean {
  return line !== undefined && line.trim() !== '';
}

function isElision(line: string | undefined): boolean {
  return line !== undefined && /^\s*\.\.\.\s*$/.test(line);
}

/** A comment, or a line of its own, that stands for code which the model did not care to repeat. */
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

/** What is said behind the code where no end token parts the two. */
function proseBehind(lines: readonly string[], close: number): string {
  return lines
    .slice(close + 1)
    .join('\n')
    .trim();
}
