import { afterEach, expect, test } from 'vitest';
import { ghostMarks, linesOf, nextEditMarks, Sessions, settled, store, tabThrough, withLock } from './support/cases.ts';
import type { Neovim } from './support/neovim.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

const lines = 's.mu.Lock()<CR>defer s.mu.Unlock()';

/** Types the lines into two methods and goes on in the third, where a line is opened. */
async function beginThird(init = ''): Promise<Neovim> {
  const neovim = await sessions.start({ files: { 'store.go': store }, init, rows: 40 });
  await neovim.attached();
  for (const method of ['Add', 'Get']) {
    await neovim.type(`gg/${method}(<CR>A<CR>${lines}<Esc>`);
    await settled(neovim);
  }
  await neovim.type('gg/Reset(<CR>A<CR>');
  return neovim;
}

const untilGhost = (neovim: Neovim, text: string) =>
  neovim.until(`ghost text ${text}`, async () => (await ghostMarks(neovim)).some((mark) => mark.text === text));

const mode = async (neovim: Neovim) => ((await neovim.request('nvim_get_mode')) as { mode: string }).mode;

test('typing shows ghost text, and accepting it leaves exactly the predicted buffer', async () => {
  const neovim = await beginThird();
  await untilGhost(neovim, 's.mu.Lock()');
  await neovim.type('s.');
  await untilGhost(neovim, 'mu.Lock()');
  const [mark] = await ghostMarks(neovim);
  const row = mark?.row ?? 0;
  expect(mark?.lines).toEqual(['\tdefer s.mu.Unlock()']);
  // The same change is not shown a second time, as a next edit.
  expect(await nextEditMarks(neovim)).toEqual([]);
  await neovim.until('it is on the screen', () => neovim.screen.rows()[row]?.trim() === 's.mu.Lock()');
  expect(neovim.screen.rows()[row + 1]?.trim()).toBe('defer s.mu.Unlock()');
  // Shown and not there.
  expect((await neovim.lines())[row]).toBe('\ts.');

  await neovim.type('<Tab>');
  const accepted = linesOf(withLock('Add', 'Get', 'Reset'));
  await neovim.until('it is inserted', async () => (await neovim.lines()).length === accepted.length);
  expect(await neovim.lines()).toEqual(accepted);
  // The cursor stands behind the new text, in insert mode.
  expect(await neovim.lua('return vim.api.nvim_win_get_cursor(0)')).toEqual([row + 2, '\tdefer s.mu.Unlock()'.length]);
  expect(await mode(neovim)).toBe('i');

  // One undo step: what was typed stays.
  await neovim.type('<Esc>u');
  expect((await neovim.lines()).slice(row, row + 2)).toEqual(['\ts.', '\tdelete(s.counts, name)']);
});

test('after ghost text the next place follows as a next edit', async () => {
  const neovim = await beginThird();
  await untilGhost(neovim, 's.mu.Lock()');
  await neovim.type('<Tab>');
  await neovim.until('it is inserted', async () =>
    (await neovim.lines()).join('\n').includes('Lock()\n\tdefer s.mu.Unlock()\n\tdelete'),
  );
  await neovim.type('<Esc>');
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(linesOf(withLock('Add', 'Get', 'Reset', 'Len')));
});

test('refused ghost text goes away and does not come back', async () => {
  const neovim = await beginThird();
  await untilGhost(neovim, 's.mu.Lock()');
  const before = await neovim.lines();
  await neovim.type('<S-Tab>');
  await neovim.until('it is hidden', async () => (await ghostMarks(neovim)).length === 0);
  // Asked again for the same place, the server has nothing.
  const answer = await neovim.lua<{ items?: unknown[] } | unknown[]>(`
    local client = require('cursorcore').client()
    local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
    params.context = { triggerKind = 2 }
    return client:request_sync('textDocument/inlineCompletion', params, 20000, vim.api.nvim_get_current_buf()).result
  `);
  expect(Array.isArray(answer) ? answer : answer.items).toEqual([]);
  expect(await neovim.lines()).toEqual(before);
});

test('a key typed right behind the text takes what is predicted for the text as it is', async () => {
  const neovim = await beginThird();
  await untilGhost(neovim, 's.mu.Lock()');
  // Typed ahead of the answer: the ghost text on the screen is still the one for the text before.
  await neovim.request('nvim_input', 's.mu<Tab>');
  const accepted = linesOf(withLock('Add', 'Get', 'Reset')).join('\n');
  await neovim.until('it is inserted', async () => (await neovim.lines()).join('\n') === accepted);
});

test('where ghost text is turned off the change is shown as a next edit', async () => {
  const neovim = await beginThird("require('cursorcore').setup({ inline_completion = false })");
  await neovim.until('the next edit', async () => (await nextEditMarks(neovim)).length > 0);
  expect(await ghostMarks(neovim)).toEqual([]);
  expect(await neovim.lua('return vim.lsp.inline_completion.is_enabled({ bufnr = 0 })')).toBe(false);
  await settled(neovim);
  await neovim.type('<Tab>');
  expect(await neovim.lines()).toEqual(linesOf(withLock('Add', 'Get', 'Reset')));
});

test('where next edits are turned off there is ghost text alone', async () => {
  const neovim = await beginThird("require('cursorcore').setup({ next_edit = false })");
  await untilGhost(neovim, 's.mu.Lock()');
  await neovim.type('<Tab>');
  await neovim.until('it is inserted', async () => (await neovim.lines()).length === linesOf(store).length + 6);
  await neovim.type('<Esc>');
  expect(await nextEditMarks(neovim)).toEqual([]);
});

test('the dot repeats what was typed and taken as one, and u takes back one at a time', async () => {
  const neovim = await beginThird();
  await untilGhost(neovim, 's.mu.Lock()');
  await neovim.type('s.');
  await untilGhost(neovim, 'mu.Lock()');
  await neovim.type('<Tab>');
  const accepted = linesOf(withLock('Add', 'Get', 'Reset'));
  await neovim.until('it is inserted', async () => (await neovim.lines()).length === accepted.length);
  await neovim.type('<Esc>');
  expect(await neovim.lines()).toEqual(accepted);
  await neovim.type('gg/Len(<CR>.');
  // What `A<CR>s.` and the key did, at once.
  expect(await neovim.lines()).toEqual(linesOf(withLock('Add', 'Get', 'Reset', 'Len')));
  await neovim.type('u');
  expect(await neovim.lines()).toEqual(accepted);
});

test('word by word and line by line', async () => {
  const neovim = await beginThird();
  await untilGhost(neovim, 's.mu.Lock()');
  const line = () => neovim.lua<string>('return vim.api.nvim_get_current_line()');
  for (const expected of ['\ts', '\ts.', '\ts.mu']) {
    await neovim.type('<M-Right>');
    await neovim.until(`the line is ${expected}`, async () => (await line()) === expected);
    await neovim.until('the rest is shown', async () => (await ghostMarks(neovim)).length > 0);
  }
  await neovim.type('<M-C-Right>');
  await neovim.until('the line is whole', async () => (await line()) === '\ts.mu.Lock()');
  await neovim.until('the rest is shown', async () => (await ghostMarks(neovim)).length > 0);
  await neovim.type('<M-C-Right>');
  const accepted = linesOf(withLock('Add', 'Get', 'Reset'));
  await neovim.until('it is inserted', async () => (await neovim.lines()).length === accepted.length);
  expect(await neovim.lines()).toEqual(accepted);
  // Each part is an undo step of its own.
  await neovim.type('<Esc>u');
  expect(await line()).toBe('\ts.mu.Lock()');
});
