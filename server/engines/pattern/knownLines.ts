import { type LexedLine, lex, tokenNumbers } from './lexer.ts';
import { sameLines } from './sameLines.ts';

/** How many columns a tab takes, for comparing indentation. */
const tabWidth = 4;
export const blankLine = -1;

interface Known {
  readonly lines: readonly string[];
  readonly languageId: string;
  readonly lexed: (LexedLine | undefined)[];
  /** All the tokens' numbers when the lines were lexed. */
  numbers: ReadonlyMap<string, number>;
  readonly trimmed: (string | undefined)[];
  readonly widths: Int16Array;
  readonly carrying: Uint8Array;
}

/** The lines of the last scene: those of the next are most likely the same, a few of them edited. */
let last: Known | undefined;

/** What each line of a text shows by itself: worked out once, not for each scene again. */
export class KnownLines {
  readonly #known: Known;

  constructor(lines: readonly string[], languageId = '') {
    this.#known = last ? takenOver(last, lines, languageId) : nothingKnown(lines, languageId);
    const { widths } = this.#known;
    for (let line = 0; line < lines.length; line++) {
      if (widths[line] === unknownWidth) widths[line] = widthOf(lines[line] ?? '');
    }
    last = this.#known;
  }

  /** How far each line is indented, in columns; `blankLine` for those that are blank. */
  get widths(): Int16Array {
    return this.#known.widths;
  }

  /** For each line whether a string or comment that is open at its end may begin on it: 1 no, 2 yes, 0 unknown. */
  get carrying(): Uint8Array {
    return this.#known.carrying;
  }

  /** A line without surrounding white space. */
  trimmedAt(line: number): string {
    const { lines, trimmed } = this.#known;
    const known = trimmed[line];
    if (known !== undefined) return known;
    const text = (lines[line] ?? '').trim();
    if (line >= 0 && line < lines.length) trimmed[line] = text;
    return text;
  }

  /** The tokens of a line. */
  lexedAt(line: number): LexedLine {
    const known = this.#known;
    const seen = known.lexed[line];
    if (seen && known.numbers === tokenNumbers()) return seen;
    const lexed = lex(known.lines[line] ?? '');
    if (known.numbers !== tokenNumbers()) {
      known.lexed.fill(undefined);
      known.numbers = tokenNumbers();
    }
    if (line >= 0 && line < known.lines.length) known.lexed[line] = lexed;
    return lexed;
  }
}

const unknownWidth = -2;

function nothingKnown(lines: readonly string[], languageId: string): Known {
  return {
    lines,
    languageId,
    lexed: new Array<undefined>(lines.length).fill(undefined),
    numbers: tokenNumbers(),
    trimmed: new Array<undefined>(lines.length).fill(undefined),
    widths: new Int16Array(lines.length).fill(unknownWidth),
    carrying: new Uint8Array(lines.length),
  };
}

/** What is known of the last scene's lines that are still there. */
function takenOver(from: Known, lines: readonly string[], languageId: string): Known {
  const known = nothingKnown(lines, languageId);
  const same = sameLines(lines, from.lines);
  const isNumberedAlike = from.numbers === known.numbers;
  const isSameLanguage = from.languageId === languageId;
  for (let line = 0; line < lines.length; line++) {
    const there = same[line] ?? -1;
    if (there < 0) continue;
    known.trimmed[line] = from.trimmed[there];
    known.widths[line] = from.widths[there] ?? unknownWidth;
    if (isNumberedAlike) known.lexed[line] = from.lexed[there];
    if (isSameLanguage) known.carrying[line] = from.carrying[there] ?? 0;
  }
  return known;
}

function widthOf(line: string): number {
  let width = 0;
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    if (code === 0x20) width++;
    else if (code === 0x09) width += tabWidth;
    else if (code !== 0x0d) return Math.min(width, 10_000);
  }
  return blankLine;
}

/** A text whose lines' data are cached. */
export interface KnownText {
  readonly lines: readonly string[];
  known?: KnownLines;
}

export function lexedAt(text: KnownText, line: number): LexedLine {
  text.known ??= new KnownLines(text.lines);
  return text.known.lexedAt(line);
}
