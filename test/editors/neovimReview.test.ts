import { afterEach, expect, test } from 'vitest';
import { Sessions } from './support/cases.ts';
import type { Neovim } from './support/neovim.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

const text = `${Array.from({ length: 40 }, (_, index) => `line ${index + 1}`).join('\n')}\n`;

/** Shows edits as the client does when a model has answered; lines count from 1, `to` is not part of what is replaced. */
async function review(
  edits: readonly { readonly from: number; readonly to: number; readonly text: string }[],
  target: readonly [number, number],
): Promise<Neovim> {
  const neovim = await sessions.start({
    files: { 'a.txt': text },
    init: 'Said = {}; vim.notify = function(message) table.insert(Said, message) end',
    rows: 30,
  });
  await neovim.attached();
  await neovim.lua(
    `local edits, from, to = ...
     local function at(line) return { line = line - 1, character = 0 } end
     for i, edit in ipairs(edits) do
       edits[i] = { range = { start = at(edit.from), ['end'] = at(edit.to) }, newText = edit.text }
     end
     local target = { start = at(from), ['end'] = at(to) }
     assert(require('cursorcore.review').start(require('cursorcore').client(), vim.api.nvim_get_current_buf(), edits, target))`,
    edits,
    ...target,
  );
  return neovim;
}

const lines = (neovim: Neovim, from: number, to: number) =>
  neovim.lua<string[]>('return vim.fn.getline(...)', from, to);
const state = (neovim: Neovim) =>
  neovim.lua<{ state: string; changes?: number }>("return require('cursorcore').state()");
const row = (neovim: Neovim) => neovim.lua<number>("return vim.fn.line('.')");

const edits = [
  { from: 2, to: 3, text: 'second\n' },
  { from: 4, to: 4, text: 'put in\n' },
  { from: 6, to: 8, text: '' },
];

test('an answer is walked through change by change, each an undo step', async () => {
  const neovim = await review(edits, [1, 8]);
  expect(await state(neovim)).toEqual({ state: 'review', changes: 3 });
  await neovim.until(
    'it is drawn',
    () => /second/.test(neovim.screen.text()) && /change 1 of 3, line 2/.test(neovim.screen.text()),
  );
  expect(neovim.screen.rows().slice(0, 9)).toEqual([
    'line 1',
    expect.stringMatching(/line 2.*second|line 2second/),
    'line 3',
    'put in',
    'line 4',
    'line 5',
    'line 6',
    'line 7',
    'line 8',
  ]);
  expect(neovim.screen.textWhere(6, (highlight) => highlight.strikethrough === true)).toBe('line 6');
  // Next, and the one before; then the first is taken, the second left, the third taken.
  await neovim.type(']c]c');
  expect(await row(neovim)).toBe(6);
  await neovim.type('[c[c');
  expect(await row(neovim)).toBe(2);
  await neovim.type('<Tab>');
  expect(await lines(neovim, 1, 4)).toEqual(['line 1', 'second', 'line 3', 'line 4']);
  await neovim.type('<S-Tab>');
  expect(await lines(neovim, 1, 4)).toEqual(['line 1', 'second', 'line 3', 'line 4']);
  expect(await state(neovim)).toEqual({ state: 'review', changes: 1 });
  await neovim.type('<Tab>');
  expect(await row(neovim)).toBe(6);
  await neovim.type('<Tab>');
  expect(await lines(neovim, 5, 6)).toEqual(['line 5', 'line 8']);
  expect((await state(neovim)).state).not.toBe('review');
  await neovim.until('nothing is drawn', () => !/put in|change \d/.test(neovim.screen.text()));
  await neovim.type('u');
  expect(await lines(neovim, 5, 6)).toEqual(['line 5', 'line 6']);
  await neovim.type('u');
  expect(await lines(neovim, 2, 2)).toEqual(['line 2']);
  // The keys of the review are gone with it.
  expect(await neovim.lua("return vim.fn.maparg(']c', 'n', false, true).buffer or 0")).toBe(0);
});

test('what is typed meanwhile moves the answer along, and drops what it no longer fits', async () => {
  const neovim = await review(edits, [1, 8]);
  await neovim.type('ggOabove<Esc>');
  await neovim.type('7GAx<Esc>');
  await neovim.until('one is dropped', async () => (await state(neovim)).changes === 2);
  await neovim.type('<M-CR>');
  expect(await lines(neovim, 1, 8)).toEqual([
    'above',
    'line 1',
    'second',
    'line 3',
    'put in',
    'line 4',
    'line 5',
    'line 6x',
  ]);
  await neovim.type('u');
  expect(await lines(neovim, 2, 5)).toEqual(['line 1', 'line 2', 'line 3', 'line 4']);
});

test('lines that go far from what was asked about are marked, and are not part of all', async () => {
  const neovim = await review([...edits, { from: 30, to: 36, text: '' }, { from: 41, to: 41, text: 'last\n' }], [1, 8]);
  await neovim.type('<M-CR>');
  expect(await lines(neovim, 5, 7)).toEqual(['line 4', 'line 5', 'line 8']);
  expect(await neovim.lua('return vim.fn.getline("$")')).toBe('last');
  expect(await state(neovim)).toEqual({ state: 'review', changes: 1 });
  expect((await neovim.lua<string[]>('return Said')).join()).toMatch(/1 left that take lines out far/);
  await neovim.until('it is marked', () => /far off: 6 lines go/.test(neovim.screen.text()));
  // Looked at, it can be taken.
  await neovim.type('<Tab>');
  expect(await row(neovim)).toBe(29);
  await neovim.type('<Tab>');
  expect(await lines(neovim, 28, 29)).toEqual(['line 29', 'line 36']);
});

test('what takes long is said, with the key that calls it off', async () => {
  const neovim = await sessions.start({
    files: { 'a.txt': text },
    init: 'Said = {}; vim.notify = function(message) table.insert(Said, message) end',
  });
  await neovim.attached();
  const server = await neovim.lua<number>(`
    for _, process in ipairs(vim.api.nvim_get_proc_children(vim.uv.os_getpid())) do
      local name = io.open(('/proc/%d/comm'):format(process))
      if name and name:read('l'):find('node') then return process end
    end`);
  process.kill(server, 'SIGSTOP');
  try {
    await neovim.type(':CursorCore edit sort the lines<CR>');
    await neovim.until('it is said', () => /working \d+ s {2}<S-Tab> cancels/.test(neovim.screen.text()));
    expect((await state(neovim)).state).toBe('working');
    // Asked for twice, it says that it still works.
    await neovim.type(':CursorCore edit sort them<CR>');
    expect((await neovim.lua<string[]>('return Said')).join()).toMatch(/still working/);
    await neovim.type('<S-Tab>');
    await neovim.until('the label is gone', () => !/working/.test(neovim.screen.text()));
    expect((await neovim.lua<string[]>('return Said')).at(-1)).toBe('cursorcore: cancelled');

    // A server that dies takes the label with it.
    await neovim.type(':CursorCore edit sort the lines<CR>');
    await neovim.until('it is said', () => /working \d+ s/.test(neovim.screen.text()));
    process.kill(server, 'SIGKILL');
    await neovim.until('the label is gone', () => !/working/.test(neovim.screen.text()));
  } finally {
    try {
      process.kill(server, 'SIGCONT');
    } catch {
      // It is dead, as it should be.
    }
  }
  await neovim.command('set nomodifiable');
  expect(await neovim.command('messages')).not.toMatch(/E\d+:|stack/);
});
