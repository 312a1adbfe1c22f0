import type { View } from '../../../shared/conversation/format.ts';
import type { PromptFormatName } from '../../../shared/conversation/formats.ts';
import { Snippet } from '../../../shared/conversation/snippet.ts';

/** What a recorded prompt was about. */
export interface RecordedQuestion {
  readonly format: PromptFormatName;
  readonly view: View;
  /** Where the cursor was, in UTF-16 code units of the buffer. */
  readonly cursor: number;
  /** What the prompt said of the answer. */
  readonly answerPrefix: string;
}

interface Frame {
  readonly format: PromptFormatName;
  /** What comes before the region, what comes behind it, and the cursor's mark in it. */
  readonly before: RegExp;
  readonly behind: RegExp;
  readonly cursor: string;
  /** Behind this the prompt begins the answer. */
  readonly answer?: RegExp;
}

/** How each model was asked. Tried in this order on the prompt, which tells better than a model's name. */
const frames: readonly Frame[] = [
  {
    format: 'sweep',
    before: /<\|file_sep\|>current\/.*:\d+:\d+\n/,
    behind: /\n<\|file_sep\|>updated\//,
    cursor: '<|cursor|>',
    answer: /<\|file_sep\|>updated\/.*:\d+:\d+\n/,
  },
  {
    format: 'zeta',
    before: /<\|editable_region_start\|>\n/,
    behind: /\n<\|editable_region_end\|>/,
    cursor: '<|user_cursor_is_here|>',
  },
  {
    format: 'zeta2',
    before: /<<<<<<< CURRENT\n/,
    behind: /\n=======\n<\[fim-middle\]>/,
    cursor: '<|user_cursor|>',
  },
];

/** Reads a recorded prompt back; undefined where it is in no format of ours, or about another text. */
export function readQuestion(prompt: unknown, buffer: string): RecordedQuestion | undefined {
  if (typeof prompt !== 'string') return undefined;
  for (const { format, before, behind, cursor, answer } of frames) {
    const rest = behindMatch(prompt, before);
    const region = rest?.slice(0, behind.exec(rest)?.index);
    const at = region?.indexOf(cursor) ?? -1;
    if (region === undefined || at < 0) continue;
    const text = region.slice(0, at) + region.slice(at + cursor.length);
    // The region is whole lines, of which the buffer may have several alike: the first will do, where the cursor fits.
    const start = `\n${buffer}`.indexOf(`\n${text}`);
    if (start < 0) return undefined;
    const first = Snippet.of(buffer).placeOf(start).line;
    const last = first + text.split('\n').length;
    return {
      format,
      view: { editable: { first, last } },
      cursor: start + at,
      answerPrefix: answer ? (behindMatch(prompt, answer) ?? '') : '',
    };
  }
  return undefined;
}

function behindMatch(text: string, pattern: RegExp): string | undefined {
  const match = pattern.exec(text);
  return match ? text.slice(match.index + match[0].length) : undefined;
}
