import { afterEach, expect, test } from 'vitest';
import { type TinyCase, tinyCases } from '../fixtures/tinyCursorCore.ts';
import { linesOf, nextEditMarks, Sessions, untilOffered } from './support/cases.ts';
import type { Neovim } from './support/neovim.ts';
import { tinyModelCache } from './support/tinyModel.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

const cache = tinyModelCache();

const cases = tinyCases();

function find(holds: (one: TinyCase) => boolean): TinyCase {
  const found = cases.find(holds);
  if (!found) throw new Error('the fixture has no such case');
  return found;
}

const instructed = ({ conversation: { instruction, target }, chat }: TinyCase) =>
  instruction !== undefined && target !== undefined && chat !== null;

/** An editor in which the case's earlier text has been changed to its current one, the cursor where the case has it. */
async function start({ conversation: { path, history, current, target } }: TinyCase): Promise<Neovim> {
  const neovim = await sessions.start({
    files: { [path]: history[0] ?? current },
    environment: { CURSORCORE_CACHE: cache },
    init: `require('cursorcore').setup({
      settings = { engine = 'cursorcore', model = { name = 'tiny', minConfidence = 0, debounceMs = 0, threads = 1 } },
    })`,
  });
  await neovim.attached();
  const before = current.slice(0, target?.kind === 'cursor' ? target.offset : 0).split('\n');
  await neovim.lua(
    `local lines, row, col = ...
     vim.o.virtualedit = 'onemore'
     vim.api.nvim_buf_set_lines(0, 0, -1, true, lines)
     vim.api.nvim_win_set_cursor(0, { row, col })`,
    linesOf(current),
    before.length,
    Buffer.byteLength(before.at(-1) ?? ''),
  );
  return neovim;
}

test('an edit that the model predicts is shown, and applied with the key', async () => {
  const one = find(
    ({ conversation: { history, target, instruction, current }, expected }) =>
      history.length === 1 && target !== undefined && instruction === undefined && expected !== current,
  );
  const neovim = await start(one);
  for (let presses = 0; presses < 20; presses++) {
    if ((await neovim.lines()).join('\n') === linesOf(one.expected).join('\n')) break;
    await untilOffered(neovim);
    expect(await nextEditMarks(neovim)).not.toEqual([]);
    await neovim.type('<Tab>');
  }
  expect(await neovim.lines()).toEqual(linesOf(one.expected));
  await neovim.lua('Said = {}; vim.notify = function(message) table.insert(Said, message) end');
  await neovim.command('CursorCore status');
  await neovim.until('the status names the model', () =>
    neovim.lua("return (Said[1] or ''):find('engine model %(model tiny, cpu%)') ~= nil"),
  );
});

const inReview = (neovim: Neovim) =>
  neovim.until('the answer is shown', () =>
    neovim.lua<boolean>("return require('cursorcore').state().state == 'review'"),
  );

const reply = `
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      local lines = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, -1, true)
      if table.concat(lines, '\\n') == ... then return true end
    end
  end
  return false`;

test(':CursorCore edit shows its answer before any of it is applied, and the reply beside the cursor', async () => {
  const one = find(instructed);
  const neovim = await start(one);
  const before = await neovim.lines();
  await neovim.command(`CursorCore edit ${one.conversation.instruction}`);
  await inReview(neovim);
  await neovim.until('the reply is shown', () => neovim.lua(reply, one.chat ?? ''));
  expect(await neovim.lines()).toEqual(before);
  await neovim.until('the keys are named', () => /<Tab> take/.test(neovim.screen.text()));

  // Refused, nothing of it stays.
  await neovim.type('<M-BS>');
  expect(await neovim.lua("return require('cursorcore').state().state")).not.toBe('review');
  expect(await neovim.lines()).toEqual(before);

  await neovim.command(`CursorCore edit ${one.conversation.instruction}`);
  await inReview(neovim);
  await neovim.type('<M-CR>');
  expect(await neovim.lines()).toEqual(linesOf(one.expected));
  await neovim.type('u');
  expect(await neovim.lines()).toEqual(before);
});

test(':CursorCore fix passes a diagnostic on to the model', async () => {
  const one = find(instructed);
  const neovim = await start(one);
  await neovim.lua(
    `local row, col = unpack(vim.api.nvim_win_get_cursor(0))
     vim.diagnostic.set(vim.api.nvim_create_namespace('test'), 0, {
       { lnum = row - 1, col = col, end_lnum = row - 1, end_col = col, message = ... },
     })`,
    one.conversation.instruction ?? '',
  );
  await neovim.command('CursorCore fix');
  await inReview(neovim);
  for (let presses = 0; presses < 20; presses++) {
    if ((await neovim.lua<string>("return require('cursorcore').state().state")) !== 'review') break;
    await neovim.type('<Tab>');
  }
  expect(await neovim.lines()).toEqual(linesOf(one.expected));
});
