import { afterEach, expect, test } from 'vitest';
import {
  linesOf,
  nextEditMarks,
  offered,
  rename,
  renamed,
  Sessions,
  settled,
  shop,
  tabThrough,
  untilOffered,
} from './support/cases.ts';
import { oldNode } from './support/oldNode.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

const init = 'Said = {}; vim.notify = function(message) table.insert(Said, message) end';

test('a Node that is too old is said in one line, and the keys keep their meaning', async () => {
  const command = [...oldNode(), '--stdio'].map((word) => `[==[${word}]==]`).join(', ');
  const neovim = await sessions.start({
    files: { 'shop.js': shop },
    init: `require('cursorcore').setup({ cmd = { ${command} } })`,
  });
  await neovim.attached();
  await neovim.until('it is said', async () => (await neovim.command('messages')).includes('needs Node 20 or later'));
  await rename(neovim);
  await neovim.type('O<Tab>x<Esc>');
  expect((await neovim.lines())[0]).toBe('\tx');
  expect(await offered(neovim)).toBe(false);
  const messages = await neovim.command('messages');
  expect(messages.match(/cursorcore/gi)?.length).toBeGreaterThan(0);
  expect(messages.split('\n').filter((line) => line !== '' && !/needs Node 20 or later/.test(line))).toEqual([]);
});

test('in two windows on one file the edit is taken once; in another file beside it the keys are its own', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop, 'copy.js': shop.replaceAll('total', 'sumUp') } });
  await neovim.attached();
  await neovim.type(':split<CR>');
  await rename(neovim);
  await untilOffered(neovim);
  await neovim.type('<Tab><Tab>');
  expect(await neovim.lines()).toContain('  const amount = grandTotal(items);');
  await settled(neovim);
  expect(await offered(neovim)).toBe(true);
  await neovim.type('<C-w>j:edit copy.js<CR>');
  await neovim.attached();
  await settled(neovim);
  expect(await nextEditMarks(neovim)).toEqual([]);
  expect(await offered(neovim)).toBe(false);
  await neovim.type('<C-w>k');
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(linesOf(renamed));
  expect(await neovim.command('messages')).not.toMatch(/E\d+:|Error/);
});

test('without a model, an instruction is answered in one line that says what to do', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop }, init });
  await neovim.attached();
  await neovim.type(':CursorCore edit add a comment<CR>');
  await neovim.until('it is said', () => neovim.lua('return #Said > 0'));
  await settled(neovim);
  expect(await neovim.lua('return Said')).toEqual([
    expect.stringContaining('Instructions want a model: `cursorcore-lsp model pull`'),
  ]);
  expect(await neovim.lines()).toEqual(linesOf(shop));
});

test('what is typed while the server starts is in step once it has', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop }, init });
  await neovim.type('O// first<Esc>');
  await neovim.attached();
  await neovim.type('j');
  await neovim.type('0wcwgrandTotal<Esc>');
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(['// first', ...linesOf(renamed)]);
  expect(await neovim.lua('return Said')).toEqual([]);
});
