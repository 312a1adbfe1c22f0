import type xterm from '@xterm/headless';
import type { Cell, Highlight } from '../test/editors/support/screen.ts';

/** The 16 colours that a terminal names, as its user has set them; here muted ones on a dark ground. */
const named = [
  0x1b1e26, 0xd06c75, 0x98c379, 0xe5c07b, 0x61afef, 0xc678dd, 0x56b6c2, 0xd0d3da, 0x6c7686, 0xe8868f, 0xb5d99c,
  0xf0d49a, 0x86c5f5, 0xd79be8, 0x7fcfd9, 0xffffff,
];

/** A colour of the palette of 256 as 0xRRGGBB: 16 named ones, a cube of 6 × 6 × 6, and 24 greys. */
function paletteColour(index: number): number {
  const [colour] = named.slice(index, index + 1);
  if (colour !== undefined) return colour;
  const level = (step: number) => (step === 0 ? 0 : 55 + 40 * step);
  if (index >= 232) return (8 + 10 * (index - 232)) * 0x010101;
  const cube = index - 16;
  return (level(Math.floor(cube / 36)) << 16) | (level(Math.floor(cube / 6) % 6) << 8) | level(cube % 6);
}

/** The cells that xterm.js has drawn, row by row; cells that look alike share their highlight. */
export function cellsOf(terminal: xterm.Terminal): Cell[][] {
  const highlights = new Map<string, Highlight>();
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_row, row) => {
    const line = active.getLine(active.viewportY + row);
    return Array.from({ length: terminal.cols }, (_column, column): Cell => {
      const cell = line?.getCell(column);
      if (!cell) return { text: ' ', highlight: {} };
      const colour = (isRgb: boolean, isPalette: boolean, value: number) =>
        isRgb ? value : isPalette ? paletteColour(value) : undefined;
      const foreground = colour(cell.isFgRGB(), cell.isFgPalette(), cell.getFgColor());
      const background = colour(cell.isBgRGB(), cell.isBgPalette(), cell.getBgColor());
      const highlight: Highlight = {
        ...(foreground === undefined ? {} : { foreground }),
        ...(background === undefined ? {} : { background }),
        ...(cell.isBold() ? { bold: true } : {}),
        ...(cell.isItalic() ? { italic: true } : {}),
        ...(cell.isStrikethrough() ? { strikethrough: true } : {}),
        ...(cell.isInverse() ? { reverse: true } : {}),
      };
      const key = JSON.stringify(highlight);
      const shared = highlights.get(key) ?? highlight;
      highlights.set(key, shared);
      return { text: cell.getWidth() === 0 ? '' : cell.getChars() || ' ', highlight: shared };
    });
  });
}
