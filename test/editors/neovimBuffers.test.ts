import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { nextEditMarks, offered, rename, Sessions, settled, shop, untilOffered } from './support/cases.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

/** `shop` with the other uses so far below that they are off screen, and only the label at the edge tells of them. */
const long = shop.replace('\nfunction report', `\n${'// nothing\n'.repeat(60)}function report`);

test.each([':edit<CR>', ':edit!<CR>', ':bdelete!<CR>', ':CursorCore restart<CR>'])(
  '%s while the label is at the edge of the window raises no error',
  async (keys) => {
    const neovim = await sessions.start({ files: { 'shop.js': long, 'other.js': shop }, rows: 20 });
    await neovim.attached();
    await rename(neovim);
    await untilOffered(neovim);
    await neovim.until('the label', () => /↓ line \d+/.test(neovim.screen.text()));
    if (keys === ':edit<CR>') await neovim.type(':silent write<CR>');
    await neovim.type(keys);
    await neovim.until('the label is gone', () => !/↓ line \d+/.test(neovim.screen.text()));
    expect(await neovim.command('messages')).not.toMatch(/E\d+:|Error/);
    if (keys === ':bdelete!<CR>') return;
    await neovim.attached();
    await writeFile(join(neovim.directory, 'project/shop.js'), long);
    await neovim.type(':edit!<CR>');
    await rename(neovim);
    await untilOffered(neovim);
    await neovim.until('the label again', () => /↓ line \d+/.test(neovim.screen.text()));
    expect(await neovim.command('messages')).not.toMatch(/E\d+:|Error/);
  },
);

test('nothing is offered in a buffer that cannot be changed, and its keys are its own', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  // As a plugin or a modeline does, while something is shown.
  await neovim.type(':set nomodifiable<CR>');
  await neovim.until('it is taken down', async () => (await nextEditMarks(neovim)).length === 0);
  expect(await offered(neovim)).toBe(false);
  const before = await neovim.lines();
  await neovim.type('<Tab><Tab><S-Tab>');
  await settled(neovim);
  expect(await offered(neovim)).toBe(false);
  expect(await neovim.lines()).toEqual(before);
  expect(await neovim.command('messages')).not.toMatch(/E\d+:|Error/);

  await neovim.type(':set modifiable<CR>');
  await untilOffered(neovim);
});

test.each([
  ['a file without a file type', 'shop', ''],
  ['a buffer without a name, once it has one', 'other.txt', ':enew<CR>:file shop<CR>'],
])('%s is served', async (_, name, keys) => {
  const neovim = await sessions.start({ files: { [name]: shop } });
  await neovim.attached();
  if (keys) {
    await neovim.type(':enew<CR>');
    expect(await neovim.lua('return require("cursorcore").client() == nil')).toBe(true);
    await neovim.lua('Said = {}; vim.notify = function(message) table.insert(Said, message) end');
    await neovim.type(':CursorCore suggest<CR>');
    expect(await neovim.lua('return Said[1]')).toMatch(/not served: it has no name yet/);
    await neovim.lua('vim.api.nvim_buf_set_lines(0, 0, -1, true, ...)', shop.trimEnd().split('\n'));
    await neovim.type(':file shop<CR>');
  }
  expect(await neovim.lua('return vim.bo.filetype')).toBe('');
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
});

test('a file type can be turned off, and the command says so', async () => {
  const neovim = await sessions.start({
    files: { 'shop.js': shop, 'shop.py': shop },
    init: `require('cursorcore').setup({ filetypes = { python = false } })
      Said = {}; vim.notify = function(message) table.insert(Said, message) end`,
  });
  await neovim.attached();
  await neovim.type(':edit shop.py<CR>');
  expect(await neovim.lua('return require("cursorcore").client() == nil')).toBe(true);
  await neovim.type(':CursorCore<CR>');
  expect(await neovim.lua('return Said[1]')).toMatch(/the option `filetypes` turns "python" off/);
  // The type decides as it is now.
  await neovim.type(':set filetype=javascript<CR>');
  await neovim.attached();
  await neovim.type(':set filetype=python<CR>');
  await neovim.until('it is let go', () => neovim.lua('return require("cursorcore").client() == nil'));
});

test('buffers that are no files, and files that are elsewhere, raise no error', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await neovim.type(
    ':help<CR><Tab><S-Tab>:quit<CR>:terminal<CR>:bdelete!<CR>:edit shop.js<CR>:copen<CR><Tab>:quit<CR>',
  );
  // As remote files are: a name with a scheme, and text that an autocommand puts in.
  await neovim.lua(
    `local lines = ...
     vim.api.nvim_create_autocmd('BufReadCmd', { pattern = 'far://*', callback = function(event)
       vim.api.nvim_buf_set_lines(event.buf, 0, -1, true, lines)
       vim.bo[event.buf].filetype = 'javascript'
     end })`,
    shop.split('\n'),
  );
  await neovim.type(':edit far://host/shop.js<CR>');
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  await neovim.type(':set nomodified<CR>:view shop.js<CR>gg0wcwgrandTotal<Esc>');
  await untilOffered(neovim);
  await neovim.type(`:new<CR>:call setline(1, repeat('x', 1000000))<CR>:file long.js<CR>`);
  await neovim.attached();
  await neovim.type('A y<Esc>');
  await settled(neovim);
  expect(await neovim.command('messages')).not.toMatch(/E\d+:|Error|stack/);
});
