/** Attributes of a cell as `hl_attr_define` gives them, colours as 0xRRGGBB. */
export interface Highlight {
  readonly foreground?: number;
  readonly background?: number;
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strikethrough?: boolean;
  readonly reverse?: boolean;
}

export interface Cell {
  readonly text: string;
  readonly highlight: Highlight;
}

type Cells = { text: string; id: number }[][];

/** The screen of a UI attached with `ext_linegrid`: what a person would see, cell by cell. */
export class Screen {
  readonly #highlights = new Map<number, Highlight>([[0, {}]]);
  #cells: Cells = [];
  #width = 0;
  cursor = { row: 0, column: 0 };
  mode = 'normal';
  defaults: { foreground: number; background: number } = { foreground: 0xffffff, background: 0 };

  /** Takes the arguments of a `redraw` notification. */
  redraw(events: unknown[]): void {
    for (const event of events as [string, ...unknown[][]][]) {
      const [name, ...calls] = event;
      for (const call of calls) this.#apply(name, call);
    }
  }

  #apply(name: string, args: unknown[]): void {
    const numbers = args as number[];
    switch (name) {
      case 'grid_resize':
        this.#resize(numbers[1] ?? 0, numbers[2] ?? 0);
        break;
      case 'grid_clear':
        this.#resize(this.#width, this.#cells.length);
        break;
      case 'grid_line':
        this.#line(numbers[1] ?? 0, numbers[2] ?? 0, args[3] as [string, number?, number?][]);
        break;
      case 'grid_scroll':
        this.#scroll(numbers);
        break;
      case 'grid_cursor_goto':
        this.cursor = { row: numbers[1] ?? 0, column: numbers[2] ?? 0 };
        break;
      case 'mode_change':
        this.mode = String(args[0]);
        break;
      case 'default_colors_set':
        this.defaults = { foreground: numbers[0] ?? 0xffffff, background: numbers[1] ?? 0 };
        break;
      case 'hl_attr_define':
        this.#highlights.set(numbers[0] ?? 0, args[1] as Highlight);
        break;
    }
  }

  #resize(width: number, height: number): void {
    this.#width = width;
    this.#cells = Array.from({ length: height }, () => Array.from({ length: width }, () => ({ text: ' ', id: 0 })));
  }

  #line(row: number, start: number, runs: [string, number?, number?][]): void {
    let column = start;
    let id = 0;
    const line = this.#cells[row];
    if (!line) return;
    for (const [text, newId, repeat] of runs) {
      id = newId ?? id;
      for (let i = 0; i < (repeat ?? 1); i++) line[column++] = { text, id };
    }
  }

  #scroll([, top = 0, bottom = 0, left = 0, right = 0, rows = 0]: number[]): void {
    const before = this.#cells.map((line) => line.slice());
    for (let row = top; row < bottom; row++) {
      const from = before[row + rows];
      const to = this.#cells[row];
      if (row + rows < top || row + rows >= bottom || !from || !to) continue;
      for (let column = left; column < right; column++) {
        const cell = from[column];
        if (cell) to[column] = cell;
      }
    }
  }

  /** Rows of cells; the second half of a wide character is an empty text. */
  cells(): Cell[][] {
    return this.#cells.map((line) => line.map(({ text, id }) => ({ text, highlight: this.#highlights.get(id) ?? {} })));
  }

  /** Rows of text without trailing blanks. */
  rows(): string[] {
    return this.#cells.map((line) =>
      line
        .map((cell) => cell.text)
        .join('')
        .trimEnd(),
    );
  }

  text(): string {
    return this.rows().join('\n');
  }

  /** The text of the cells in a row whose highlight passes, joined. */
  textWhere(row: number, passes: (highlight: Highlight) => boolean): string {
    return (this.cells()[row] ?? [])
      .filter((cell) => passes(cell.highlight))
      .map((cell) => cell.text)
      .join('');
  }
}
