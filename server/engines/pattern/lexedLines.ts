import { type LexedLine, lex, tokenNumbers } from './lexer.ts';

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

/** What is known of the last scene's unchanged lines, above and below the edited part. */
function takenOver(lines: readonly string[]): Known {
  const shorter = Math.min(lines.length, last.lines.length);
  let [above, below] = [0, 0];
  while (above < shorter && lines[above] === last.lines[above]) above++;
  while (below < shorter - above && lines[lines.length - 1 - below] === last.lines[last.lines.length - 1 - below])
    below++;
  const between = new Array<undefined>(lines.length - above - below).fill(undefined);
  return last.known.slice(0, above).concat(between, last.known.slice(last.known.length - below));
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
