import { type AnswerParts, answerLines, closesFence, opensFence } from './answerParts.ts';

/** The code of an answer that gives lines anew, as far as it is written. */
export interface CodeInAnswer {
  /** Whatever of the answer could be code; behind the code's end other text may stand. */
  readonly lines: readonly string[];
  /** The first of `lines`, those that are sure to be code and to stay as they are whatever follows. */
  readonly settled: readonly string[];
  /** Whether nothing follows, and the end is where the model says. */
  readonly ended: boolean;
  /** Whether nothing behind such a line can be relied upon, for it could be where the code ends. */
  mayEnd(line: string): boolean;
  /** How many of `lines` are code; undefined where that cannot be told. The first `known` have been relied on. */
  count(known: number): number | undefined;
  /** The first `count` lines without what stands for lines that were not shown. */
  first(count: number): string[];
  /** What is said behind the code. */
  wordsBehind(count: number): string;
}

/** An answer in which no code has come. */
export interface NoCode {
  readonly lines?: undefined;
  /** Whether none will come. */
  readonly ended: boolean;
  readonly words: string;
}

export interface AskedCode {
  /** The lines that the answer is to give anew. */
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
  // A fence at the very end may as well be one of the text's own.
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
      // Either prose with more code follows, or the code holds fences itself: the text's last line tells.
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

/** The code of an answer that is code and nothing else, as it ends with the model's stop string. */
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
  // The prompt asks for code between the tokens; some models take that at its word and write no fence.
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

function isNotBlank(line: string): boolean {
  return line.trim() !== '';
}
