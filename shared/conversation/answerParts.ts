import { cursorCoreTokens } from './prompt.ts';

/** An answer cut into its parts, whichever of them are there. */
export interface AnswerParts {
  /** What stands between `<|next_start|>` and `<|next_end|>`, or as far as it has come. */
  readonly body: string;
  /** Whether `<|next_start|>` was there. */
  readonly started: boolean;
  /** Whether `<|next_end|>` was there: nothing later changes `body`. */
  readonly ended: boolean;
  /** What the assistant says after the change. */
  readonly chat: string;
}

const { nextStart, nextEnd, imEnd, target, targetStart, targetEnd } = cursorCoreTokens;
const endOfText = /(?:<\|im_end\|>|<\|endoftext\|>|<\|end_of_text\|>|<\/s>)\s*$/;

const endOfReply = new RegExp([imEnd, nextStart, nextEnd].map((token) => token.replaceAll('|', '\\|')).join('|'));

/** A fenced block that begins, with a line of code in it: then what is said first counts, not a change that follows. */
const codeBefore = /^[ \t]*```[^`\n]*\n[\s\S]*\n/m;

/**
 * Cuts an answer at the tokens of the change. A file of the user's may hold the same strings (`current` tells): then only
 * an end token behind a fence counts, the last one, and only once the answer is complete.
 */
export function answerParts(answer: string, current: string, complete: boolean): AnswerParts {
  const whole = answer.replace(endOfText, '');
  const from = whole.indexOf(nextStart);
  const before = whole.slice(0, Math.max(0, from));
  const started = from >= 0 && !codeBefore.test(before) && endOfChange(before, current, complete) < 0;
  const rest = started ? whole.slice(from + nextStart.length) : whole;
  const end = endOfChange(rest, current, complete);
  if (end < 0) return { body: withoutTarget(rest, current), started, ended: false, chat: '' };
  // Small models go on with the same tokens over and over, or begin another change; only what comes before is said to the user.
  const [chat = ''] = rest.slice(end + nextEnd.length).split(endOfReply);
  return { body: withoutTarget(rest.slice(0, end), current), started, ended: true, chat: chat.trim() };
}

function endOfChange(rest: string, current: string, complete: boolean): number {
  if (!current.includes(nextEnd)) return rest.indexOf(nextEnd);
  if (!complete) return -1;
  const behindFence = rest.lastIndexOf(`\n\`\`\`${nextEnd}`);
  return behindFence < 0 ? -1 : behindFence + 4;
}

/** Models echo the tokens of the target area; a file that holds them as text keeps them. */
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

/** Lines of an answer, without the `\r` of a model that writes `\r\n`; `keepReturns` where the text itself has lone ones. */
export function answerLines(body: string, keepReturns: boolean): string[] {
  return (keepReturns ? body : body.replace(/\r\n?/g, '\n')).split('\n');
}
