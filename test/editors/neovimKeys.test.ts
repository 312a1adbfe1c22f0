import { afterEach, expect, test } from 'vitest';
import {
  ghostMarks,
  linesOf,
  nextEditMarks,
  offered,
  rename,
  renamed,
  Sessions,
  settled,
  shop,
  store,
  tabThrough,
  untilOffered,
  withLock,
} from './support/cases.ts';

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

test('in insert mode <Tab> does not leave an indentation or a snippet', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  const [mark] = await nextEditMarks(neovim);
  expect(mark?.row).toBeGreaterThan(2);
  await neovim.type('2GO');
  await settled(neovim);
  expect(await offered(neovim)).toBe(true);
  await neovim.type('<Tab>x');
  expect((await neovim.lines())[1]).toMatch(/^\s*\tx$/);

  await neovim.type('<Esc>cc');
  await neovim.lua(`vim.snippet.expand('f(\${1:a}, \${2:b})$0')`);
  await neovim.type('xyz');
  await settled(neovim);
  expect(await offered(neovim)).toBe(true);
  await neovim.type('<Tab>w<S-Tab>q<Esc>');
  expect((await neovim.lines())[1]).toMatch(/^\s*f\(q, w\)$/);
  // Behind other text the key goes to the edit, as ever.
  await neovim.lua('vim.snippet.stop()');
  await neovim.type('A');
  await untilOffered(neovim);
  await neovim.type('<Tab>');
  await neovim.until('it has jumped', async () => (await neovim.lua<[number, number]>(cursor))[0] > 5);
});

test('where a menu came by itself and nothing is selected in it <Tab> takes the ghost text', async () => {
  const neovim = await sessions.start({ files: { 'store.go': store }, rows: 40 });
  await neovim.attached();
  for (const method of ['Add', 'Get']) {
    await neovim.type(`gg/${method}(<CR>A<CR>s.mu.Lock()<CR>defer s.mu.Unlock()<Esc>`);
    await settled(neovim);
  }
  await neovim.command('set autocomplete complete=. completeopt=menuone,noselect,popup');
  await neovim.type('gg/Reset(<CR>A<CR>s.m');
  await neovim.until('menu and ghost text', async () => {
    const menu = await neovim.lua<number>('return vim.fn.pumvisible()');
    return menu === 1 && (await ghostMarks(neovim)).length > 0;
  });
  await neovim.type('<Tab>');
  const accepted = linesOf(withLock('Add', 'Get', 'Reset'));
  await neovim.until('it is inserted', async () => (await neovim.lines()).length === accepted.length);
  expect(await neovim.lines()).toEqual(accepted);
});

test('<C-i> goes forward in the jump list where the terminal tells it from <Tab>', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  await neovim.type('12G1G<C-o>');
  expect(await neovim.lua(cursor)).toEqual([12, 0]);
  await untilOffered(neovim);
  const before = await neovim.lines();
  await neovim.type('<C-i>');
  expect((await neovim.lua<[number, number]>(cursor))[0]).toBe(1);
  await untilOffered(neovim);
  await neovim.type('<Tab>');
  expect((await neovim.lua<[number, number]>(cursor))[0]).toBeGreaterThan(5);
  expect(await neovim.lines()).toEqual(before);
});
