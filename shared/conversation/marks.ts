import type { Conversation } from './conversation.ts';

/** The characters that turn the text of a mark into its stand-in; more of them if the text contains that, too. */
const spoiler = '\\';

/**
 * The marks of a prompt format, and the texts of one conversation that are equal to a mark. Such a text is shown as a
 * stand-in, `<\|cursor|>` for `<|cursor|>`, and a stand-in in an answer becomes the text again. So every mark in a
 * prompt is the format's own, every mark in an answer is the model's, and files that contain marks are edited like
 * others.
 */
export class Marks {
  readonly #pairs: readonly (readonly [mark: string, standIn: string])[];

  constructor(marks: readonly string[], conversation: Conversation) {
    const texts = textsOf(conversation);
    const found = marks.filter((mark) => texts.some((text) => text.includes(mark)));
    this.#pairs = found.map((mark) => [mark, standInFor(mark, texts)]);
  }

  /** User text as the prompt shows it. */
  hide(text: string): string {
    return this.#pairs.reduce((hidden, [mark, standIn]) => hidden.replaceAll(mark, () => standIn), text);
  }

  /** The column of a line, in UTF-16 code units, converted to the hidden line. */
  hiddenColumn(line: string, column: number): number {
    // A stand-in is the mark with characters added after its first one, so only marks that begin before the column
    // count.
    const before = this.#pairs.flatMap(([mark, standIn]) =>
      startsOf(line, mark)
        .filter((start) => start < column)
        .map(() => standIn.length - mark.length),
    );
    return before.reduce((sum, added) => sum + added, column);
  }

  /** Text of an answer, with stand-ins turned back into the user's text. */
  show(text: string): string {
    return this.#pairs.reduce((shown, [mark, standIn]) => shown.replaceAll(standIn, () => mark), text);
  }
}

function standInFor(mark: string, texts: readonly string[]): string {
  for (let count = 1; ; count++) {
    const standIn = mark.slice(0, 1) + spoiler.repeat(count) + mark.slice(1);
    if (!texts.some((text) => text.includes(standIn))) return standIn;
  }
}

function startsOf(line: string, mark: string): number[] {
  const starts: number[] = [];
  for (let at = line.indexOf(mark); at >= 0; at = line.indexOf(mark, at + mark.length)) starts.push(at);
  return starts;
}

/** All user text that a prompt may show. */
function textsOf({ path, current, history, edits = [], related = [], instruction = '' }: Conversation): string[] {
  return [
    path,
    current,
    instruction,
    ...history,
    ...edits.flatMap((delta) => delta.map(({ removed }) => removed)),
    ...related.flatMap(({ path: other, before, after }) => [other, before, after]),
  ];
}
