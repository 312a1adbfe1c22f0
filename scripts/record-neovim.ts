/**
 * Records docs/media/neovim.svg: a real session in a real Neovim with the built server, its screen as it was.
 * Run after `npm run build`: CURSORCORE_NVIM=$(bash test/editors/install.sh) npx tsx scripts/record-neovim.ts
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ghostMarks, nextEditMarks, offered, settled, store, untilOffered } from '../test/editors/support/cases.ts';
import { Neovim, repository } from '../test/editors/support/neovim.ts';
import { type Frame, terminalSvg } from './terminalSvg.ts';
import { weather } from './weather.ts';

const init = `
  vim.o.number, vim.o.tabstop, vim.o.shortmess = true, 4, 'atIF'
  vim.o.laststatus, vim.o.ruler, vim.o.showcmd, vim.o.showmode = 0, false, false, false
`;

const frames: Frame[] = [];

async function take(neovim: Neovim, key: string, milliseconds: number): Promise<void> {
  await neovim.command('redraw');
  const { screen } = neovim;
  frames.push({
    cells: screen.cells(),
    cursor: { ...screen.cursor },
    cursorShape: screen.mode.startsWith('insert') ? 'bar' : 'block',
    key,
    milliseconds,
  });
}

/** Types keys one by one, a frame each. */
async function typed(neovim: Neovim, keys: string, milliseconds: number): Promise<void> {
  for (const key of keys.match(/<[^<>\s]+>|[\s\S]/g) ?? []) {
    await neovim.type(key);
    await take(neovim, '', milliseconds);
  }
}

async function recordNextEdits(): Promise<void> {
  const neovim = await Neovim.start({
    files: { 'weather.py': weather },
    init,
    columns: 72,
    rows: 25,
  });
  try {
    await neovim.attached();
    await neovim.type('/temp<CR>:nohlsearch<CR>:<Esc>');
    await take(neovim, '', 1200);
    await neovim.type('cw');
    await take(neovim, '', 300);
    await typed(neovim, 'celsius', 110);
    await neovim.type('<Esc>');
    await untilOffered(neovim);
    await take(neovim, '', 1800);
    for (;;) {
      await settled(neovim);
      if (!(await offered(neovim))) break;
      await neovim.type('<Tab>');
      await settled(neovim);
      await take(neovim, 'Tab', (await offered(neovim)) ? 1000 : 1800);
    }
  } finally {
    await neovim.stop();
  }
}

async function recordGhostText(): Promise<void> {
  const neovim = await Neovim.start({
    files: { 'store.go': store },
    init,
    columns: 72,
    rows: 25,
  });
  const open = async (method: string) => {
    await neovim.type(`gg/${method}(<CR>:nohlsearch<CR>:<Esc>A<CR>`);
  };
  try {
    await neovim.attached();
    for (const method of ['Add', 'Get']) {
      await open(method);
      await take(neovim, '', 700);
      await typed(neovim, 's.mu.Lock()<CR>defer s.mu.Unlock()', 35);
      await neovim.type('<Esc>');
      await settled(neovim);
    }
    await open('Reset');
    await neovim.until('ghost text', async () => (await ghostMarks(neovim)).length > 0);
    await take(neovim, '', 1200);
    await neovim.type('s');
    await neovim.until('ghost text', async () => (await ghostMarks(neovim))[0]?.text.startsWith('.mu') === true);
    await take(neovim, '', 1600);
    await neovim.type('<Tab>');
    await neovim.until('the next edit', async () => (await nextEditMarks(neovim)).length > 0);
    await take(neovim, 'Tab', 1800);
    for (;;) {
      await neovim.type('<Tab>');
      await settled(neovim);
      const more = await offered(neovim);
      await take(neovim, 'Tab', more ? 1000 : 2500);
      if (!more) break;
    }
  } finally {
    await neovim.stop();
  }
}

await recordNextEdits();
await recordGhostText();
const look = { title: 'Neovim with cursorcore-lsp', foreground: 0xe0e2ea, background: 0x14161b };
// The first preview, before the key is pressed.
const poster = frames.findIndex((frame) => frame.key === 'Tab') - 1;
const svg = terminalSvg(frames, look, poster);
await mkdir(join(repository, 'docs/media'), { recursive: true });
await writeFile(join(repository, 'docs/media/neovim.svg'), svg);
console.log(`docs/media/neovim.svg: ${frames.length} frames, ${Math.round(svg.length / 1024)} KB`);
