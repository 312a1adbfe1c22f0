import type { Cell, Highlight } from '../test/editors/support/screen.ts';

/** One picture of a screen, shown for some time. */
export interface Frame {
  readonly cells: readonly (readonly Cell[])[];
  readonly cursor: { readonly row: number; readonly column: number };
  /** A block in normal mode, a bar in insert mode. */
  readonly cursorShape: 'block' | 'bar';
  /** The key just pressed, drawn below the screen; nothing when empty. */
  readonly key: string;
  readonly milliseconds: number;
}

export interface Look {
  readonly title: string;
  readonly foreground: number;
  readonly background: number;
}

const cellWidth = 8.4;
const lineHeight = 20;
const baseline = 14.5;
const margin = 14;
const bar = 34;
const fontSize = 14;

const hex = (colour: number) => `#${colour.toString(16).padStart(6, '0')}`;
const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const round = (value: number) => String(Math.round(value * 10) / 10);

interface Run {
  readonly column: number;
  /** The text of each cell. */
  readonly cells: readonly string[];
  readonly highlight: Highlight;
}

/** Neighbouring cells that look alike. */
function runsOf(line: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  let column = 0;
  for (const cell of line) {
    const last = runs.at(-1);
    if (last && last.highlight === cell.highlight) {
      runs[runs.length - 1] = { ...last, cells: [...last.cells, cell.text] };
    } else {
      runs.push({ column, cells: [cell.text], highlight: cell.highlight });
    }
    column++;
  }
  return runs;
}

/** The stretches of a run without two blanks in a row, which some renderers would draw as one. */
function wordsOf({ column, cells }: Run): { column: number; width: number; text: string }[] {
  const words: { column: number; width: number; text: string }[] = [];
  let blanks = 2;
  for (const [index, text] of cells.entries()) {
    if (text === ' ') {
      blanks++;
      continue;
    }
    const last = words.at(-1);
    if (last && blanks < 2) {
      last.text += ' '.repeat(blanks) + text;
      last.width = column + index + 1 - last.column;
    } else {
      words.push({ column: column + index, width: 1, text });
    }
    blanks = 0;
  }
  return words;
}

function drawRun(run: Run, look: Look): string {
  const { column, cells, highlight } = run;
  const own = [highlight.foreground ?? look.foreground, highlight.background ?? look.background] as const;
  const [foreground, background] = highlight.reverse === true ? [own[1], own[0]] : own;
  const parts: string[] = [];
  if (background !== look.background) {
    const size = `width="${round(cells.length * cellWidth)}" height="${lineHeight}"`;
    parts.push(`<rect x="${round(column * cellWidth)}" ${size} fill="${hex(background)}"/>`);
  }
  for (const word of wordsOf(run)) {
    const x = round(word.column * cellWidth);
    const length = round(word.width * cellWidth);
    const attributes = [
      `x="${x}"`,
      `y="${baseline}"`,
      // Keeps the grid whatever monospace font there is.
      `textLength="${length}"`,
      ...(foreground === look.foreground ? [] : [`fill="${hex(foreground)}"`]),
      ...(highlight.bold === true ? ['font-weight="bold"'] : []),
      ...(highlight.italic === true ? ['font-style="italic"'] : []),
    ];
    parts.push(`<text ${attributes.join(' ')}>${escapeXml(word.text)}</text>`);
    // Drawn as a line: not every renderer decorates text whose length is set.
    if (highlight.strikethrough === true) {
      parts.push(`<rect x="${x}" y="9.5" width="${length}" height="1.4" fill="${hex(foreground)}"/>`);
    }
  }
  return parts.join('');
}

/** When a frame is visible, as a CSS animation over the whole length. */
function timing(frames: readonly Frame[]): string[] {
  const total = frames.reduce((sum, frame) => sum + frame.milliseconds, 0);
  const percent = (time: number) => `${Math.round((time / total) * 1e5) / 1e3}%`;
  let time = 0;
  return frames.map((frame, index) => {
    const from = percent(time);
    time += frame.milliseconds;
    const before = index === 0 ? '' : '0%{visibility:hidden}';
    const after = index === frames.length - 1 ? '' : `${percent(time)}{visibility:hidden}`;
    return `@keyframes k${index}{${before}${from}{visibility:visible}${after}}.f${index}{animation:k${index} ${total}ms step-end infinite}`;
  });
}

/** An SVG that plays the frames over and over. A renderer that does not animate shows the frame `poster`. */
export function terminalSvg(frames: readonly Frame[], look: Look, poster: number): string {
  const rows = frames[0]?.cells.length ?? 0;
  const columns = frames[0]?.cells[0]?.length ?? 0;
  const width = Math.ceil(columns * cellWidth + 2 * margin);
  const height = bar + rows * lineHeight + margin + bar;

  // Most lines are the same in many frames and are drawn once.
  const lines = new Map<string, string>();
  const drawn = frames.map((frame) =>
    frame.cells
      .map((line, row) => {
        const content = runsOf(line)
          .map((run) => drawRun(run, look))
          .join('');
        if (content === '') return '';
        const id = lines.get(content) ?? `l${lines.size}`;
        lines.set(content, id);
        return `<use href="#${id}" y="${row * lineHeight}"/>`;
      })
      .join(''),
  );

  const cursors = frames.map(({ cursor, cursorShape }) => {
    const size = cursorShape === 'bar' ? 'width="2"' : `width="${cellWidth}" fill-opacity="0.55"`;
    return `<rect x="${round(cursor.column * cellWidth)}" y="${cursor.row * lineHeight}" ${size} height="${lineHeight}" fill="${hex(look.foreground)}"/>`;
  });
  const keys = frames.map(({ key }) => {
    if (key === '') return '';
    const keyWidth = round([...key].length * cellWidth + 20);
    const y = rows * lineHeight + 14;
    return (
      `<rect x="0" y="${y}" width="${keyWidth}" height="24" rx="5" fill="none" stroke="${hex(look.foreground)}" stroke-opacity="0.6"/>` +
      `<text x="10" y="${y + 17}">${escapeXml(key)}</text>`
    );
  });

  const groups = frames.map((_, index) => {
    const visibility = index === poster ? '' : ' visibility="hidden"';
    return `<g class="f${index}"${visibility}>${drawn[index]}${cursors[index]}${keys[index]}</g>`;
  });
  const definitions = [...lines].map(([content, id]) => `<g id="${id}">${content}</g>`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace" font-size="${fontSize}" fill="${hex(look.foreground)}">`,
    `<title>${escapeXml(look.title)}</title>`,
    `<style>@media (prefers-reduced-motion:no-preference){${timing(frames).join('')}}</style>`,
    `<defs>${definitions.join('\n')}</defs>`,
    `<rect width="${width}" height="${height}" rx="9" fill="${hex(look.background)}"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, i) => `<circle cx="${18 + i * 18}" cy="17" r="5.5" fill="${fill}"/>`,
    ),
    `<text x="${width / 2}" y="22" text-anchor="middle" fill-opacity="0.7">${escapeXml(look.title)}</text>`,
    `<g transform="translate(${margin} ${bar})">`,
    ...groups,
    '</g></svg>',
    '',
  ].join('\n');
}
