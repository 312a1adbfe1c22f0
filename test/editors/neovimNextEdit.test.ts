import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
import type { Neovim } from './support/neovim.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

test('renaming a first use offers the other uses one after another, key by key', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);

  const places: string[] = [];
  while ((await neovim.lines()).join('\n').match(/\btotal\b/)) {
    await untilOffered(neovim);
    const [mark] = await nextEditMarks(neovim);
    const row = mark?.row ?? -1;
    // On the screen: the old name struck through, the new one behind it.
    await neovim.until('the preview is drawn', () => neovim.screen.rows()[row]?.includes('totalgrandTotal') === true);
    expect(neovim.screen.textWhere(row, (highlight) => highlight.strikethrough === true)).toMatch(/^(total)+$/);
    places.push(String(row));

    const before = await neovim.lines();
    await neovim.type('<Tab>');
    if ((await neovim.lines()).join('\n') === before.join('\n')) {
      // The first press went there, the second applies it.
      expect(await neovim.lua('return vim.fn.line(".") - 1')).toBe(row);
      await untilOffered(neovim);
      await neovim.type('<Tab>');
    }
    expect(await neovim.lines()).not.toEqual(before);
  }
  expect(await neovim.lines()).toEqual(linesOf(renamed));
  expect(places.length).toBeGreaterThan(1);

  const counts = await neovim.lua<{ accepted: number; rejected: number }>(`
    local client = require('cursorcore').client()
    return client:request_sync('workspace/executeCommand', { command = 'cursorcore.status' }, 20000, vim.api.nvim_get_current_buf()).result
  `);
  expect(counts).toMatchObject({ accepted: places.length, rejected: 0 });
});

test('each applied edit is one undo step, in insert mode too', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await neovim.type('gg0wcwgrandTotal');
  await untilOffered(neovim);
  const typed = await neovim.lines();

  const states: string[][] = [];
  for (let presses = 0; presses < 20; presses++) {
    await settled(neovim);
    if (!(await offered(neovim))) break;
    const before = await neovim.lines();
    await neovim.type('<Tab>');
    if ((await neovim.lines()).join('\n') !== before.join('\n')) states.push(before);
  }
  expect(await neovim.lines()).toEqual(linesOf(renamed));
  expect(states[0]).toEqual(typed);
  expect(states.length).toBeGreaterThan(1);
  expect(((await neovim.request('nvim_get_mode')) as { mode: string }).mode).toBe('i');

  await neovim.type('<Esc>');
  for (const state of states.reverse()) {
    await neovim.type('u');
    expect(await neovim.lines()).toEqual(state);
  }
  await neovim.type('u');
  expect(await neovim.lines()).toEqual(linesOf(shop));
});

test('keys typed ahead are taken in order, in insert mode too', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await neovim.type('gg0wcwgrandTotal');
  await untilOffered(neovim);
  // Uses in adjacent lines are one edit, behind whose last change the cursor goes.
  const row = (await nextEditMarks(neovim)).at(-1)?.row ?? -1;
  await neovim.request('nvim_input', '<Tab><Tab>x');
  const expected = (linesOf(renamed)[row] ?? '').replace(/.*grandTotal(?!.*grandTotal)/, (start) => `${start}x`);
  await neovim.until('jumped, applied, typed on', async () => (await neovim.lines())[row] === expected);
});

test('a refused edit goes away and does not come back', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await rename(neovim);
  await settled(neovim);

  const refused = new Set<string>();
  for (let presses = 0; presses < 10; presses++) {
    await settled(neovim);
    const [mark] = await nextEditMarks(neovim);
    if (!mark) break;
    expect(refused).not.toContain(String(mark.row));
    refused.add(String(mark.row));
    await neovim.type('<S-Tab>');
    // Gone at once, before the server has said what else there is.
    await neovim.until('it is hidden', async () => (await nextEditMarks(neovim))[0]?.row !== mark.row);
  }
  expect(refused.size).toBeGreaterThan(0);
  expect(await neovim.lines()).toEqual(linesOf(shop.replace('total', 'grandTotal')));

  // Neither when the cursor moves nor when the mode changes.
  await neovim.type('Gggi<Esc>');
  await settled(neovim);
  expect(await nextEditMarks(neovim)).toEqual([]);
  expect(await offered(neovim)).toBe(false);
});

test('after a change the key applies nothing before the server has said that the edit is still good', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  // In one go, so that no answer comes in between: an edit, and the key.
  const lines = await neovim.lua<string[]>(`
    vim.api.nvim_buf_set_lines(0, 0, 0, true, { '// first' })
    local before = vim.api.nvim_buf_get_lines(0, 0, -1, true)
    require('cursorcore').accept()
    assert(vim.deep_equal(before, vim.api.nvim_buf_get_lines(0, 0, -1, true)))
    return before
  `);
  expect(lines[0]).toBe('// first');
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(['// first', ...linesOf(renamed)]);
});

test('an edit off screen is announced at the edge of the window', async () => {
  const blank = '// nothing\n'.repeat(60);
  const text = shop.replace('\nfunction report', `\n${blank}function report`);
  const neovim = await sessions.start({ files: { 'shop.js': text }, rows: 20 });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  const [mark] = await nextEditMarks(neovim);
  const line = (mark?.row ?? 0) + 1;
  expect(line).toBeGreaterThan(60);
  await neovim.until('the label', () => neovim.screen.rows()[17]?.endsWith(`↓ line ${line}  <Tab>`) === true);

  await neovim.type('<Tab>');
  await neovim.until('it is gone', () => !neovim.screen.text().includes('↓ line'));
  expect(await neovim.lua('return vim.fn.line(".")')).toBe(line);

  // Back at the top it is announced again.
  await neovim.type('gg');
  await neovim.until('the label again', () => neovim.screen.rows()[17]?.endsWith(`↓ line ${line}  <Tab>`) === true);
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(linesOf(renamed.replace('\nfunction report', `\n${blank}function report`)));
});

test('an edit above the window is announced at its top', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop + '// nothing\n'.repeat(60) }, rows: 20 });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  const [mark] = await nextEditMarks(neovim);
  await neovim.type('G');
  await neovim.until(
    'the label',
    () => neovim.screen.rows()[0]?.endsWith(`↑ line ${(mark?.row ?? 0) + 1}  <Tab>`) === true,
  );
  await neovim.type('<Tab>');
  expect(await neovim.lua('return vim.fn.line(".") - 1')).toBe(mark?.row);
  // The jump list leads back.
  await neovim.type('<C-o>');
  expect(await neovim.lua('return vim.fn.line(".") == vim.fn.line("$")')).toBe(true);
});

test('line breaks of DOS, characters of several bytes, tabs, and a last line without a break', async () => {
  const text = shop
    .replace("'amount'", "'größe 👍🏽 日本'")
    .replace('const amount = total', 'const größe = "👍🏽", amount = total')
    .replaceAll('\n  ', '\n\t')
    .replace(/\n$/, '')
    .replaceAll('\n', '\r\n');
  const expected = text.replaceAll('total(', 'grandTotal(').replace('{ total,', '{ grandTotal,');
  for (const encodings of [['utf-8', 'utf-16'], ['utf-16']]) {
    const neovim = await sessions.start({
      files: { 'shop.js': text },
      init: `vim.lsp.config('cursorcore', { capabilities = { general = { positionEncodings = ${`{ '${encodings.join("', '")}' }`} } } })`,
    });
    await neovim.attached();
    expect(await neovim.lua('return require("cursorcore").client().offset_encoding')).toBe(encodings[0]);
    expect(await neovim.lua('return { vim.bo.fileformat, vim.bo.endofline }')).toEqual(['dos', false]);
    await neovim.command('set nofixendofline');
    await rename(neovim);
    await untilOffered(neovim);
    await tabThrough(neovim);
    expect(await neovim.lines()).toEqual(linesOf(expected));
    await neovim.command('silent write');
    expect(await readFile(join(neovim.directory, 'project/shop.js'), 'utf8')).toBe(expected);
  }
});

/** Runs `vim.lsp.buf.code_action` and picks by title, where a person would; everything else is Neovim's own. */
const pickCodeAction = (neovim: Neovim, title: string) =>
  neovim.lua(
    `
    local wanted = ...
    Titles = {}
    vim.ui.select = function(items, options, choose)
      Titles = vim.tbl_map(function(item) return (item.action or item).title end, items)
      for i, title in ipairs(Titles) do
        if title:find(wanted, 1, true) then return choose(items[i], i) end
      end
    end
    vim.lsp.buf.code_action()
  `,
    title,
  );

test('the code action applies one edit; undo restores', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  const before = await neovim.lines();
  const [mark] = await nextEditMarks(neovim);
  const row = mark?.row ?? 0;

  await pickCodeAction(neovim, 'Apply predicted edit');
  await neovim.until('it is applied', async () => (await neovim.lines()).join('\n') !== before.join('\n'));
  expect(await neovim.lua('return Titles[1]')).toMatch(/^Apply predicted edit: .*\d/);
  const changed = (await neovim.lines()).flatMap((line, index) => (line === before[index] ? [] : [index]));
  expect(changed).toContain(row);
  for (const index of changed) expect((await neovim.lines())[index]).toBe(linesOf(renamed)[index]);
  await neovim.type('u');
  expect(await neovim.lines()).toEqual(before);
});

test('another code action applies all edits; undo restores', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  const before = await neovim.lines();

  await pickCodeAction(neovim, 'predicted edits in this file');
  await neovim.until('all are applied', async () => (await neovim.lines()).join('\n') !== before.join('\n'));
  expect(await neovim.lines()).toEqual(linesOf(renamed));
  await neovim.type('u');
  expect(await neovim.lines()).toEqual(before);
});

test('label and preview stand while one types elsewhere, and do not come and go with every key', async () => {
  const blank = '// nothing\n'.repeat(60);
  const text = shop.replace('\nfunction report', `\n${blank}function report`);
  const neovim = await sessions.start({ files: { 'shop.js': text }, rows: 20 });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  await neovim.until('the label', () => /↓ line 70/.test(neovim.screen.text()));
  // Each redraw is looked at, not only where the screen comes to rest.
  await neovim.lua(`
    Shown, Events = {}, {}
    vim.api.nvim_create_autocmd('User', { pattern = 'CursorCoreState', callback = function(event)
      table.insert(Events, event.data.state .. (event.data.line or ''))
    end })
    vim.api.nvim_set_decoration_provider(vim.api.nvim_create_namespace('test'), { on_start = function()
      local label = ''
      for _, window in ipairs(vim.api.nvim_list_wins()) do
        if vim.api.nvim_win_get_config(window).relative ~= '' then
          label = vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(window), 0, 1, true)[1]
        end
      end
      if Shown[#Shown] ~= label then table.insert(Shown, label) end
    end })
  `);
  await neovim.type('3Go// some words<Esc>');
  await settled(neovim);
  await neovim.command('redraw');
  expect(await neovim.lua('return Shown')).toEqual([' ↓ line 70  <Tab> ', ' ↓ line 71  <Tab> ']);
  expect(await neovim.lua('return Events')).toEqual(['edit71']);
  await tabThrough(neovim);
  expect((await neovim.lines()).filter((line) => /\btotal\(/.test(line))).toEqual([]);
});

test('with nowrap no part of an edit is applied that was off to the right', async () => {
  const long = `  const amount = ${'"padding" + '.repeat(12)}total(items);`;
  const text = shop.replace('  const amount = total(items);', long);
  const neovim = await sessions.start({ files: { 'shop.js': text }, init: 'vim.o.wrap = false', columns: 80 });
  await neovim.attached();
  await neovim.type('10G');
  await neovim.lua(`
    vim.api.nvim_buf_set_text(0, 0, 9, 0, 14, { 'grandTotal' })
    vim.api.nvim_win_set_cursor(0, { 10, 2 })
  `);
  await untilOffered(neovim);
  const before = (await neovim.lines()).join();
  let presses = 0;
  let seen = false;
  // In the cursor's line, and not to be seen: the key goes there first, and then to the part in the line below.
  for (; presses < 6 && (await neovim.lines()).join() === before; presses++) {
    await settled(neovim);
    await neovim.command('redraw');
    seen ||= neovim.screen.rows()[9]?.includes('totalgrandTotal(items)') === true;
    if (presses === 0) expect(neovim.screen.text()).toMatch(/↔ line 10/);
    await neovim.type('<Tab>');
    if (!seen) expect((await neovim.lines()).join()).toBe(before);
  }
  expect(seen).toBe(true);
  expect(presses).toBeGreaterThan(1);
  expect((await neovim.lines())[9]).toBe(long.replace('total(', 'grandTotal('));
});
