import { type LexedLine, lex, tokenNumbers } from './lexer.ts';
import { sameLines } from './sameLines.ts';

type Known = (LexedLine | undefined)[];

/** The lines of the last scene: those of the next are most likely the same, a few of them edited. */
let last: { readonly lines: readonly string[]; readonly known: Known; readonly numbers: ReadonlyMap<string, number> } =
  {
    lines: [],
    known: [],
    numbers: new Map(),
  };

/** The lines of a scene with their tokens, by number: looked up once, not by their texts each time. */
export class LexedLines {
  readonly #lines: readonly string[];
  readonly #known: Known;
  #numbers = tokenNumbers();

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#known =
      last.numbers === this.#numbers ? takenOver(lines) : new Array<undefined>(lines.length).fill(undefined);
    last = { lines, known: this.#known, numbers: this.#numbers };
  }

  at(line: number): LexedLine {
    const known = this.#known[line];
    if (known && this.#numbers === tokenNumbers()) return known;
    const lexed = lex(this.#lines[line] ?? '');
    if (this.#numbers !== tokenNumbers()) {
      this.#known.fill(undefined);
      this.#numbers = tokenNumbers();
    }
    if (line >= 0 && line < this.#lines.length) this.#known[line] = lexed;
    return lexed;
  }
}

/** What is known of the last scene's lines that are still there. */
function takenOver(lines: readonly string[]): Known {
  const known: Known = new Array<undefined>(lines.length).fill(undefined);
  const same = sameLines(lines, last.lines);
  for (let i = 0; i < lines.length; i++) known[i] = last.known[same[i] ?? -1];
  return known;
}

/** A text whose lines' tokens are cached once they are requested. */
export interface LexedText {
  readonly lines: readonly string[];
  lexed?: LexedLines;
}

export function lexedAt(text: LexedText, line: number): LexedLine {
  text.lexed ??= new LexedLines(text.lines);
  return text.lexed.at(line);
}
