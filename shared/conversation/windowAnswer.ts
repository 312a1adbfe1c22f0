import { endedLines, indentWidth, saysSomething } from '../edits/lines.ts';
import type { Conversation } from './conversation.ts';
import type { ParsedAnswer, ResumedAnswer, View } from './format.ts';
import { Marks } from './marks.ts';
import { text } from './prompt.ts';
import { lastChange, type RecentChange } from './recentChanges.ts';
import { readRegion, regionOf, upTo } from './region.ts';
import { withReplacedWord } from './replacedWord.ts';
import { Snippet } from './snippet.ts';
import { languageName } from './snippetPrompt.ts';
import { type UnsaidLines, unsaidLines } from './unsaidLines.ts';

export const fence = '```';
/** The control tokens of the chat templates that models of this kind come with. */
export const marks = ['<|im_start|>', '<|im_end|>', '<|endoftext|>'];

/** A general model's answer that rewrites a few lines in a fence, as `windowInstruct` asks for it. */
export class WindowAnswer {
  readonly #conversation: Conversation;
  readonly #options: View & { readonly complete: boolean };
  readonly #hidden: Marks;
  /** The region's lines as the prompt shows them. */
  readonly #region: readonly string[];
  /** What stands before the code. */
  readonly #head: string;
  readonly #code: string;
  /** Whether the model has ended the code. */
  readonly #isEnded: boolean;
  readonly #becomesDiff: boolean;

  constructor(answer: string, conversation: Conversation, options: View & { readonly complete: boolean }) {
    this.#conversation = conversation;
    this.#options = options;
    this.#hidden = new Marks(marks, conversation);
    const { first, last } = regionOf(conversation, options);
    const lines = Snippet.of(conversation.current).lines.slice(first, last);
    this.#region = lines.map((line) => this.#hidden.hide(line));
    const code = this.#codeIn(answer) ?? (options.complete ? answer : '');
    this.#head = answer.slice(0, answer.length - code.length);
    const sign = startOfDiff(code, conversation);
    const [own, isClosed] = sign === undefined ? this.#closed(code) : [code.slice(0, sign), false];
    this.#code = unshifted(own, this.#region);
    this.#isEnded = isClosed || options.complete;
    this.#becomesDiff = sign !== undefined;
  }

  parsed(): ParsedAnswer {
    const read = (code: string, complete: boolean) =>
      readRegion(code, this.#conversation, { ...this.#options, complete }, this.#hidden, {
        marks,
        ends: marks,
        echoes: [],
      });
    if (this.#becomesDiff) {
      // What stands before it counts.
      return { ...read(this.#code, false), state: 'complete', problem: 'the answer has become a diff' };
    }
    const unsaid = this.#isEnded ? this.#unsaid() : undefined;
    return read(unsaid ? this.#upTo(unsaid) + endedLines(unsaid.left) : this.#code, this.#isEnded);
  }

  /** The answer goes on with the next line that says something; see `PromptFormat.resume`. */
  resumed(): ResumedAnswer | undefined {
    const unsaid = this.#becomesDiff ? undefined : this.#unsaid();
    if (!unsaid) return undefined;
    const { left } = unsaid;
    const next = left.findIndex(saysSomething);
    if (next < 0) return undefined;
    const edit = lastChange(this.#conversation);
    const begun = beginningOf(left[next] ?? '', edit);
    const rest = endedLines(left.slice(next)).slice(begun.length);
    return {
      answer: this.#head + this.#upTo(unsaid) + endedLines(left.slice(0, next)) + begun,
      expected: [text(expectedAnswer(rest, edit))],
    };
  }

  /** The code behind the fence that opens it; undefined where there is none. */
  #codeIn(answer: string): string | undefined {
    const opened = /^\s*```[^\n]*\n/.exec(answer)?.[0];
    if (opened === undefined) return undefined;
    const code = answer.slice(opened.length);
    const language = languageName(this.#conversation.languageId);
    if (language === '' || this.#hasFences) return code;
    // A server that cannot go on with a begun answer begins it again.
    const again = code.indexOf(`${fence}${language}\n`);
    return again >= 0 && endedLines(this.#region).startsWith(code.slice(0, again))
      ? code.slice(again + fence.length + language.length + 1)
      : code;
  }

  /** Code up to what closes it, and whether anything does. */
  #closed(code: string): [code: string, isClosed: boolean] {
    if (!this.#hasFences) return upTo(code, [...marks, `\n${fence}`]);
    // The last fence of an answer closes it.
    return [this.#options.complete ? code.replace(/\n```\s*$/, '\n') : code, false];
  }

  /** What of the region is left to be said. Where the text has fences, it is not certain that the model has ended. */
  #unsaid(): UnsaidLines | undefined {
    return this.#hasFences ? undefined : unsaidLines(this.#region, this.#code.split('\n'));
  }

  #upTo({ said }: UnsaidLines): string {
    return endedLines(this.#code.split('\n').slice(0, said));
  }

  get #hasFences(): boolean {
    return this.#conversation.current.includes(fence);
  }
}

/** What is left to be said if nothing changes but the word that an edit replaced: models mostly say that, or leave it as it is. */
export function expectedAnswer(code: string, edit: RecentChange | undefined): string {
  return withReplacedWord(code.split('\n'), edit).join('\n') + fence;
}

/**
 * Where an answer goes over from code to a diff, as small models may that were shown one: lines begin with a sign, in a text that has no
 * such lines.
 */
function startOfDiff(code: string, { current }: Conversation): number | undefined {
  const starts = ['+', '-']
    .filter((sign) => !current.startsWith(sign) && !current.includes(`\n${sign}`))
    .map((sign) => (code.startsWith(sign) ? 0 : code.indexOf(`\n${sign}`) + 1 || undefined))
    .filter((start) => start !== undefined);
  return starts.length > 0 ? Math.min(...starts) : undefined;
}

/**
 * Without the space that a model puts before lines as a diff has them: where a line is one of the region's but for it, and behind that one
 * where no line of the region is indented so.
 */
function unshifted(code: string, region: readonly string[]): string {
  const own = new Set(region);
  const depths = new Set(region.map(indentWidth));
  let isShifted = false;
  const lines = code.split('\n').map((line) => {
    if (!line.startsWith(' ') || own.has(line)) return line;
    const isOwn = own.has(line.slice(1));
    isShifted ||= isOwn;
    const isOdd = !depths.has(indentWidth(line)) && depths.has(indentWidth(line) - 1);
    return isOwn || (isShifted && isOdd) ? line.slice(1) : line;
  });
  return lines.join('\n');
}

/**
 * What a model is given of a line, so that it goes on with it: the indentation up to where tokens are the same whatever follows, or the
 * first word, unless the edit took that out.
 */
function beginningOf(line: string, edit: RecentChange | undefined): string {
  const indentation = /^[ \t]*/.exec(line)?.[0] ?? '';
  if (indentation.length > 1) return indentation.slice(0, -1);
  const [begun = '', word = ''] = /^\s?(\p{L}+)/u.exec(line) ?? [];
  const has = (lines: readonly string[] = []) => lines.some((one) => one.includes(word));
  return has(edit?.removed) && !has(edit?.added) ? '' : begun;
}
