import { afterEach, expect, test } from 'vitest';
import { linesOf, rename, renamed, Sessions, shop, tabThrough, untilOffered } from './support/cases.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

const text = 'one\ntwo\nthree\n';
const cursor = 'return vim.api.nvim_win_get_cursor(0)';

test('where nothing is offered the keys have their own meaning', async () => {
  const neovim = await sessions.start({ files: { 'a.txt': text } });
  await neovim.attached();
  await neovim.type('ix<Tab>y<S-Tab>z<Esc>');
  // <S-Tab> inserts what <Tab> does when it is not mapped.
  expect((await neovim.lines())[0]).toMatch(/^x\ty.*zone$/);

  // In normal mode <Tab> is CTRL-I, with a count.
  await neovim.type('gg3G1G2G<C-o><C-o>');
  const [row] = await neovim.lua<[number, number]>(cursor);
  await neovim.type('2<Tab>');
  expect(await neovim.lua(cursor)).not.toEqual([row, 0]);
});

test('a snippet’s jump keeps its key', async () => {
  const neovim = await sessions.start({ files: { 'a.txt': '' } });
  await neovim.attached();
  await neovim.type('i');
  await neovim.lua(`vim.snippet.expand('f(\${1:a}, \${2:b})$0')`);
  await neovim.type('xyz<Tab>w<S-Tab>q');
  expect((await neovim.lines())[0]).toBe('f(q, w)');
});

test('mappings of the user are passed on to, whatever their kind', async () => {
  const neovim = await sessions.start({
    files: { 'a.txt': text },
    init: `
      vim.keymap.set('i', '<Tab>', function() return 'E' end, { expr = true })
      vim.keymap.set('n', '<Tab>', function() vim.api.nvim_set_current_line('callback ' .. vim.v.count) end)
      vim.keymap.set('n', '<S-Tab>', 'Aplain<Esc>')
      vim.cmd([[inoremap <expr> <S-Tab> 'vim' . 'script']])
    `,
  });
  await neovim.attached();
  await neovim.type('i<Tab><S-Tab><Esc>');
  expect((await neovim.lines())[0]).toBe('Evimscriptone');
  await neovim.type('j3<Tab>');
  expect((await neovim.lines())[1]).toBe('callback 3');
  await neovim.type('j<S-Tab>');
  expect((await neovim.lines())[2]).toBe('threeplain');
});

test('a mapping of the buffer comes back when the server goes', async () => {
  const neovim = await sessions.start({
    files: { 'a.txt': text },
    init: `
      vim.api.nvim_create_autocmd('FileType', { callback = function(event)
        vim.keymap.set('n', '<Tab>', function() vim.api.nvim_set_current_line('mine') end, { buffer = event.buf })
      end })
    `,
  });
  await neovim.attached();
  await neovim.type('gg<Tab>');
  expect((await neovim.lines())[0]).toBe('mine');
  await neovim.lua("vim.lsp.enable('cursorcore', false)");
  await neovim.until('the server has gone', () => neovim.lua('return #vim.lsp.get_clients() == 0'));
  await neovim.type('j<Tab>');
  expect((await neovim.lines())[1]).toBe('mine');
  expect(
    await neovim.lua(
      "return vim.tbl_map(function(m) return m.desc or 'user' end, vim.api.nvim_buf_get_keymap(0, 'n'))",
    ),
  ).not.toContain('Take what is predicted');
});

test('the keys can be others, or none', async () => {
  const neovim = await sessions.start({
    files: { 'shop.js': shop },
    init: "require('cursorcore').setup({ keys = { accept = '<C-l>', reject = false } })",
  });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  const before = await neovim.lines();
  await neovim.type('<Tab><Tab>');
  expect(await neovim.lines()).toEqual(before);
  await tabThrough(neovim, 30, '<C-l>');
  expect(await neovim.lines()).toEqual(linesOf(renamed));
});

test('a macro and the dot do what was done', async () => {
  const neovim = await sessions.start({ files: { 'a.txt': text } });
  await neovim.attached();
  await neovim.type('ggqqA<Tab>x<Esc>jq@q');
  expect((await neovim.lines()).slice(0, 2)).toEqual(['one\tx', 'two\tx']);
  await neovim.type('3G.');
  expect((await neovim.lines())[2]).toBe('three\tx');
});
