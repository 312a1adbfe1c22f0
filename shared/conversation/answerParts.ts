import { cursorCoreTokens } from './prompt.ts';

/** An answer divided into its parts; each may be missing. */
export interface AnswerParts {
  /** The text between `<|next_start|>` and `<|next_end|>`, or what has arrived of it. */
  readonly body: string;
  /** Whether `<|next_start|>` was there. */
  readonly started: boolean;
  /** Whether `<|next_end|>` was there: later text does not change `body`. */
  readonly ended: boolean;
  /** The assistant's reply after the change. */
  readonly chat: string;
}

const { nextStart, nextEnd, imEnd, target, targetStart, targetEnd } = cursorCoreTokens;
const endOfText = /(?:<\|im_end\|>|<\|endoftext\|>|<\|end_of_text\|>|<\/s>)\s*$/;

const endOfReply = new RegExp([imEnd, nextStart, nextEnd].map((token) => token.replaceAll('|', '\\|')).join('|'));

/** The start of a fenced block with a line of code: then the first block counts, not a change that follows. */
const codeBefore = /^[ \t]*```[^`\n]*\n[\s\S]*\n/m;

/**
 * Splits an answer at the tokens of the change. A user's file may contain the same strings (`current` tells): then only
 * the last end token behind a fence counts, and only once the answer is complete.
 */
export function answerParts(answer: string, current: string, complete: boolean): AnswerParts {
  const whole = answer.replace(endOfText, '');
  const from = whole.indexOf(nextStart);
  const before = whole.slice(0, Math.max(0, from));
  const started = from >= 0 && !codeBefore.test(before) && endOfChange(before, current, complete) < 0;
  const rest = started ? whole.slice(from + nextStart.length) : whole;
  const end = endOfChange(rest, current, complete);
  if (end < 0) return { body: withoutTarget(rest, current), started, ended: false, chat: '' };
  // Small models repeat the same tokens, or begin another change; only the text before that is shown to the user.
  const [chat = ''] = rest.slice(end + nextEnd.length).split(endOfReply);
  return { body: withoutTarget(rest.slice(0, end), current), started, ended: true, chat: chat.trim() };
}

function endOfChange(rest: string, current: string, complete: boolean): number {
  if (!current.includes(nextEnd)) return rest.indexOf(nextEnd);
  if (!complete) return -1;
  const behindFence = rest.lastIndexOf(`\n\`\`\`${nextEnd}`);
  return behindFence < 0 ? -1 : behindFence + 4;
}

/** Removes the tokens of the target area, which models echo; a file that contains them as text keeps them. */
function withoutTarget(body: string, current: string): string {
  let clean = body;
  for (const token of [target, targetStart, targetEnd]) {
    if (!current.includes(token)) clean = clean.replaceAll(token, '');
  }
  return clean;
}

/** Whether a line could close a fenced block. */
export function closesFence(line: string): boolean {
  return /^[ \t]*```[ \t]*$/.test(line);
}

/** Whether a line could open a fenced block. */
export function opensFence(line: string): boolean {
  return /^[ \t]*```[^`]*$/.test(line);
}

/**
 * Lines of an answer, without the `\r` of a model that writes `\r\n`; `keepReturns` where the user's text itself has
 * lone ones.
 */
export function answerLines(body: string, keepReturns: boolean): string[] {
  return (keepReturns ? body : body.replace(/\r\n?/g, '\n')).split('\n');
}
