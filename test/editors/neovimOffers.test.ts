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
} from './support/cases.ts';
import type { Neovim } from './support/neovim.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

const say = 'Said = {}; vim.notify = function(message) table.insert(Said, message) end';
const said = (neovim: Neovim) => neovim.lua<string[]>('return Said');

test('one key applies all that is offered, and u takes all of it back', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop }, init: say });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  const before = await neovim.lines();
  await neovim.type('<M-CR>');
  await neovim.until('all is applied', async () => (await neovim.lines()).join() === linesOf(renamed).join());
  await neovim.until('it is said', async () => (await said(neovim)).some((text) => /\d changes? applied/.test(text)));
  await neovim.type('u');
  expect(await neovim.lines()).toEqual(before);
});

test('one key refuses all that is offered', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  const before = await neovim.lines();
  await neovim.type('<M-BS>');
  await neovim.until('nothing is offered', async () => {
    await settled(neovim);
    return !(await offered(neovim));
  });
  await neovim.type('Gggi<Esc>');
  await settled(neovim);
  expect(await nextEditMarks(neovim)).toEqual([]);
  expect(await neovim.lines()).toEqual(before);
});

test('in quiet mode nothing is shown before the key, and a change hides it again', async () => {
  const neovim = await sessions.start({
    files: { 'shop.js': shop },
    init: `${say}; require('cursorcore').setup({ quiet = true })`,
  });
  await neovim.attached();
  await neovim.type('<M-\\>');
  await neovim.until('there is nothing', async () =>
    (await said(neovim)).includes('cursorcore: nothing is predicted here'),
  );
  await rename(neovim);
  await settled(neovim);
  expect(await nextEditMarks(neovim)).toEqual([]);
  expect(await offered(neovim)).toBe(false);
  await neovim.until('a statusline can tell', () =>
    neovim.lua("return require('cursorcore').state().state == 'hidden'"),
  );
  await neovim.type('<M-\\>');
  await untilOffered(neovim);
  expect(await nextEditMarks(neovim)).not.toEqual([]);
  await neovim.type('Goxyz<Esc>');
  await settled(neovim);
  expect(await nextEditMarks(neovim)).toEqual([]);
  await neovim.type('<M-\\>');
  await untilOffered(neovim);
  // What follows what was taken is shown.
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual([...linesOf(renamed), 'xyz']);
});

test('in quiet mode ghost text waits for the key, too', async () => {
  const neovim = await sessions.start({
    files: { 'store.go': store },
    init: "require('cursorcore').setup({ quiet = true })",
    rows: 40,
  });
  await neovim.attached();
  for (const method of ['Add', 'Get']) {
    await neovim.type(`gg/${method}(<CR>A<CR>s.mu.Lock()<CR>defer s.mu.Unlock()<Esc>`);
    await settled(neovim);
  }
  await neovim.type('gg/Reset(<CR>A<CR>');
  await settled(neovim);
  expect(await ghostMarks(neovim)).toEqual([]);
  await neovim.type('<M-\\>');
  await neovim.until('ghost text', async () => (await ghostMarks(neovim)).some((mark) => mark.text === 's.mu.Lock()'));
  await neovim.type('x');
  await settled(neovim);
  await neovim.until('it is hidden', async () => (await ghostMarks(neovim)).length === 0);
});

test('an event tells every change of state, for statuslines', async () => {
  const neovim = await sessions.start({
    files: { 'shop.js': shop },
    init: `
      Events = {}
      vim.api.nvim_create_autocmd('User', { pattern = 'CursorCoreState', callback = function(event)
        table.insert(Events, event.data.state)
        assert(event.data.buf == vim.api.nvim_get_current_buf())
      end })`,
  });
  const events = () => neovim.lua<string[]>('return Events');
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  await neovim.until('it is told', async () => (await events()).includes('edit'));
  await tabThrough(neovim);
  await neovim.command('CursorCore disable');
  await neovim.until('it is off', async () => (await events()).at(-1) === 'off');
  await neovim.command('CursorCore enable');
  await neovim.command('enew');
  await neovim.until('there is none', async () => (await events()).at(-1) === 'none');
  const seen = await events();
  expect(seen.filter((state, index) => state !== seen[index - 1]).join(' ')).toMatch(
    /^(none )?idle (edit (idle )?)+off (idle )?none$/,
  );
});
