/**
 * Records docs/media/helix.svg and docs/media/emacs.svg: real sessions in a real Helix and a real Emacs with the built
 * server, each in a terminal, the screen as it was. Run after `npm run build`:
 *
 *     CURSORCORE_HX=$(bash test/editors/install.sh helix) CURSORCORE_EMACS_DIR=$(bash test/editors/installEmacs.sh) \
 *       npx tsx scripts/record-terminals.ts [helix|emacs]
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import xterm from '@xterm/headless';
import { Emacs, setUp } from '../test/editors/support/emacs.ts';
import { alone, Helix } from '../test/editors/support/helix.ts';
import { repository } from '../test/editors/support/neovim.ts';
import { cellsOf } from './terminalCells.ts';
import { type Frame, terminalSvg } from './terminalSvg.ts';
import { weather } from './weather.ts';

const size = { columns: 80, rows: 24 };
/** Wider, for Helix shows what is predicted behind the line where it goes. */
const wide = { columns: 104, rows: 24 };

/** The frame that a terminal shows. */
const frameOf = (
  screen: xterm.Terminal,
  cursorShape: Frame['cursorShape'],
  key: string,
  milliseconds: number,
): Frame => ({
  cells: cellsOf(screen),
  cursor: { row: screen.buffer.active.cursorY, column: screen.buffer.active.cursorX },
  cursorShape,
  key,
  milliseconds,
});

async function recordHelix(): Promise<Frame[]> {
  const frames: Frame[] = [];
  const config = `theme = "onedark"\n[editor.cursor-shape]\ninsert = "bar"\n`;
  const keys = `[keys.normal]\nC-n = ":lsp-workspace-command cursorcore.applyNext"\n`;
  const helix = await Helix.start({
    files: { 'weather.py': weather },
    languages: alone('python'),
    config: `${config}${keys}`,
    ...wide,
  });
  const take = (key: string, milliseconds: number, shape: Frame['cursorShape'] = 'block') =>
    frames.push(frameOf(helix.terminal.screen, shape, key, milliseconds));
  try {
    await helix.served();
    await helix.type('/temp<CR>');
    await helix.shows(/ 7:\d+$/m);
    // What said that the server is ready goes with the next message.
    take('', 1200);
    await helix.type('c');
    await helix.mode('INS');
    for (let typed = 1; typed <= 'celsius'.length; typed++) {
      await helix.type('celsius'.slice(typed - 1, typed));
      await helix.shows(`    ${'celsius'.slice(0, typed)}: float`);
      take('', 120, 'bar');
    }
    await helix.type('<Esc>');
    await helix.mode('NOR');
    await helix.shows('predicted:');
    take('', 2200);
    for (const more of ['; 2 more', '; 1 more', '']) {
      await helix.type('<C-n>');
      await helix.says(new RegExp(`Applied: .*line \\d+\\)${more}$`));
      // The hint of before stays until Helix has asked for the next one.
      if (more === '') await helix.terminal.until('no hint', () => !helix.terminal.text().includes('predicted:'));
      else await helix.shows(/r\.temp.*predicted:/);
      take('Ctrl-n', more === '' ? 2400 : 1500);
    }
  } finally {
    await helix.stop();
  }
  return frames;
}

async function recordEmacs(): Promise<Frame[]> {
  const frames: Frame[] = [];
  const look = `(menu-bar-mode -1) (setq-default mode-line-format '(" " mode-line-buffer-identification "  L%l  " minor-mode-alist))
(load-theme 'modus-vivendi t)`;
  const emacs = await Emacs.start({ files: { 'weather.py': weather }, init: `${look}\n${setUp}`, ...size });
  const take = async (key: string, milliseconds: number) => {
    const screen = new xterm.Terminal({ cols: size.columns, rows: size.rows, allowProposedApi: true });
    const rows = await emacs.captured();
    const { row, column } = await emacs.cursor();
    await new Promise<void>((drawn) => screen.write(`${rows.join('\r\n')}\x1b[${row + 1};${column + 1}H`, drawn));
    frames.push(frameOf(screen, 'block', key, milliseconds));
    screen.dispose();
  };
  try {
    await emacs.attached();
    await emacs.press('C-s');
    await emacs.type('temp');
    await emacs.press('Enter', 'M-b');
    await emacs.lisp('(message nil)');
    await take('', 1200);
    await emacs.press('M-d');
    for (const letter of 'celsius') {
      await emacs.type(letter);
      await take('', 120);
    }
    await emacs.until('an edit below is offered', async () => (await emacs.state()).startsWith('↓'));
    await take('', 2200);
    for (let presses = 0; presses < 12; presses++) {
      await emacs.press('Tab');
      await emacs.settled();
      await emacs.lisp('(progn (message nil) (redisplay t))');
      const more = (await emacs.state()) !== '';
      await take('TAB', more ? 1300 : 2400);
      if (!more) break;
    }
  } finally {
    await emacs.stop();
  }
  return frames;
}

const looks = {
  helix: { record: recordHelix, title: 'Helix with cursorcore-lsp', foreground: 0xabb2bf, background: 0x282c34 },
  emacs: { record: recordEmacs, title: 'Emacs with cursorcore-lsp', foreground: 0xffffff, background: 0x1b1e26 },
};
const wanted = process.argv.slice(2);
await mkdir(join(repository, 'docs/media'), { recursive: true });
for (const [name, { record, ...look }] of Object.entries(looks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const frames = await record();
  // The first preview, before the key is pressed.
  const svg = terminalSvg(frames, look, frames.findIndex((frame) => frame.key !== '') - 1);
  await writeFile(join(repository, `docs/media/${name}.svg`), svg);
  console.log(`docs/media/${name}.svg: ${frames.length} frames, ${Math.round(svg.length / 1024)} KB`);
}
