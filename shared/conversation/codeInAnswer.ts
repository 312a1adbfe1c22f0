import { isNotBlank } from '../edits/lines.ts';
import { type AnswerParts, answerLines, closesFence, opensFence } from './answerParts.ts';

/** The code of an answer that rewrites lines, as far as it is written. */
export interface CodeInAnswer {
  /** Everything in the answer that could be code; other text may follow the code. */
  readonly lines: readonly string[];
  /** The first of `lines` that are certainly code and cannot change, whatever follows. */
  readonly settled: readonly string[];
  /** Whether nothing follows, and the model itself ended the answer. */
  readonly ended: boolean;
  /** Whether nothing behind such a line is certain, because the code could end there. */
  mayEnd(line: string): boolean;
  /** How many of `lines` are code; undefined where that is unclear. The first `known` have already been used. */
  count(known: number): number | undefined;
  /** The first `count` lines without the placeholders for lines that were not shown. */
  first(count: number): string[];
  /** The reply behind the code. */
  wordsBehind(count: number): string;
}

/** An answer without code so far. */
export interface NoCode {
  readonly lines?: undefined;
  /** Whether none will come. */
  readonly ended: boolean;
  readonly words: string;
}

export interface AskedCode {
  /** The lines that the answer is to rewrite. */
  readonly original: readonly string[];
  /** Whether the prompt showed `...` for lines above, and for lines below. */
  readonly cutAbove: boolean;
  readonly cutBelow: boolean;
  readonly complete: boolean;
}

/** The code in the one fenced block of an answer. */
export function fencedCode(parts: AnswerParts, asked: AskedCode): CodeInAnswer | NoCode {
  const { original, complete, cutBelow } = asked;
  const { ended } = parts;
  const lines = openedLines(parts, asked);
  if (!lines) return { ended: ended || complete, words: parts.chat };
  const first = (count: number) => {
    const code = lines.slice(0, count);
    if (cutBelow && isElision(code.at(-1)) && code.at(-1) !== original.at(-1)) code.pop();
    return code;
  };
  // A fence at the very end may also belong to the text.
  const isWhole = complete && closesFence(lines.at(-1) ?? '');
  return {
    lines,
    // Without the closing fence where it is known, and without a line still being written.
    settled: ended ? first(closingFence(lines)) : isWhole ? lines : lines.slice(0, -1),
    ended,
    first,
    mayEnd: closesFence,
    count: (known) => {
      if (ended) return closingFence(lines);
      if (!complete) return undefined;
      const candidates = [...lines.keys()].filter((i) => i >= known && closesFence(lines[i] ?? ''));
      if (candidates.length < 2) return candidates[0];
      // Either prose with more code follows, or the code itself contains fences: the text's last line decides.
      const lastLine = original.findLast(isNotBlank);
      return candidates.find((i) => lines.slice(0, i).findLast(isNotBlank) === lastLine);
    },
    wordsBehind: (count) =>
      ended
        ? parts.chat
        : lines
            .slice(count + 1)
            .join('\n')
            .trim(),
  };
}

/** The code of an answer that is only code, as it ends with the model's stop string. */
export function bareCode(answer: string, { original, complete }: AskedCode): CodeInAnswer {
  const lines = answerLines(
    answer,
    original.some((line) => line.includes('\r')),
  );
  return {
    lines,
    settled: complete ? lines : lines.slice(0, -1),
    ended: complete,
    first: (count) => lines.slice(0, count),
    mayEnd: () => false,
    count: () => (complete ? lines.length : undefined),
    wordsBehind: () => '',
  };
}

/** The lines behind the opening fence. */
function openedLines({ body, started, ended }: AnswerParts, { original, cutAbove }: AskedCode): string[] | undefined {
  const lines = answerLines(
    body,
    original.some((line) => line.includes('\r')),
  );
  const open = lines.findIndex(opensFence);
  // The fence's own line must have ended, or a language name could still follow.
  if (open >= 0 && open + 1 < lines.length) {
    const code = lines.slice(open + 1);
    if (cutAbove && isElision(code[0]) && code[0] !== original[0]) code.shift();
    return code;
  }
  // The prompt asks for code between the tokens; some models then write no fence.
  if (open < 0 && started && ended && body.trim() !== '') return lines[0]?.trim() === '' ? lines.slice(1) : lines;
  return undefined;
}

/** The closing fence of a change that has its end token: the last line, or none. */
function closingFence(lines: readonly string[]): number {
  const last = lines.findLastIndex(isNotBlank);
  return closesFence(lines[last] ?? '') ? last : lines.length;
}

function isElision(line: string | undefined): boolean {
  return line !== undefined && /^\s*\.\.\.\s*$/.test(line);
}
