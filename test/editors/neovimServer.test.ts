import { afterEach, expect, test } from 'vitest';
import {
  linesOf,
  nextEditMarks,
  rename,
  renamed,
  Sessions,
  settled,
  shop,
  tabThrough,
  untilOffered,
} from './support/cases.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

const pid = `
  for _, process in ipairs(vim.api.nvim_get_proc_children(vim.uv.os_getpid())) do
    -- nvim_get_proc asks \`ps\`, which bare machines lack.
    local name = io.open(('/proc/%d/comm'):format(process))
    if name and name:read('l'):find('node') then return process end
  end
`;

test('a server that is killed leaves the editor usable, says so, and can be started again', async () => {
  const neovim = await sessions.start({
    files: { 'shop.js': shop },
    init: 'Said = {}; vim.notify = function(message) table.insert(Said, message) end',
  });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);

  process.kill(await neovim.lua<number>(pid), 'SIGKILL');
  await neovim.until('the server has gone', () => neovim.lua('return #vim.lsp.get_clients() == 0'));
  await neovim.until('it is said', () =>
    neovim.lua("return table.concat(Said, ' '):find('cursorcore quit .* signal 9') ~= nil"),
  );
  expect(await nextEditMarks(neovim)).toEqual([]);

  // Typing, the keys and leaving insert mode work as if the plugin were not there.
  await neovim.type('Go// still<Tab>here<Esc>');
  expect((await neovim.lines()).at(-1)).toBe('// still\there');

  await neovim.command('edit!');
  await neovim.command('CursorCore restart');
  await neovim.attached();
  await rename(neovim);
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(linesOf(renamed));
});

test('a server that hangs does not hold up the editor; what it says too late is not shown', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  const server = await neovim.lua<number>(pid);
  await neovim.lua(`
    Cancelled = 0
    vim.api.nvim_create_autocmd('LspRequest', { callback = function(event)
      local request = event.data.request
      if request.type == 'cancel' and request.method == 'textDocument/copilotInlineEdit' then
        Cancelled = Cancelled + 1
      end
    end })
  `);
  const waiting = () =>
    neovim.lua<boolean>(`
      return vim.iter(pairs(require('cursorcore').client().requests)):any(function(_, request)
        return request.type == 'pending' and request.method == 'textDocument/copilotInlineEdit'
      end)
    `);
  process.kill(server, 'SIGSTOP');
  try {
    await rename(neovim);
    await neovim.until('a request waits', waiting);
    // Each further change calls the request for the one before off.
    await neovim.type('O// one<Esc>');
    await neovim.until('it is called off', async () => (await neovim.lua<number>('return Cancelled')) > 0);
    await neovim.until('another request waits', waiting);
    expect(await neovim.lines()).toEqual(['// one', ...linesOf(shop.replace('total', 'grandTotal'))]);
    expect(await nextEditMarks(neovim)).toEqual([]);
  } finally {
    process.kill(server, 'SIGCONT');
  }
  await settled(neovim);
  for (const mark of await nextEditMarks(neovim)) {
    expect((await neovim.lines())[mark.row]).toMatch(/\btotal\b/);
  }
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(['// one', ...linesOf(renamed)]);
});

test('several buffers are served by one server, each with its own edits', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop, 'copy.js': shop.replaceAll('total', 'sumUp') } });
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  await neovim.command('set hidden | edit copy.js');
  await neovim.attached();
  expect(await nextEditMarks(neovim)).toEqual([]);
  await neovim.type('gg0wcwaddUp<Esc>');
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(linesOf(renamed.replaceAll('grandTotal', 'addUp').replaceAll('total', 'sumUp')));

  await neovim.command('edit shop.js');
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(linesOf(renamed));
  expect(await neovim.lua('return #vim.lsp.get_clients()')).toBe(1);
});

test('closing the editor ends the server', async () => {
  const neovim = await sessions.start({ files: { 'shop.js': shop } });
  await neovim.attached();
  const server = await neovim.lua<number>(pid);
  expect(server).toBeGreaterThan(0);
  await neovim.stop();
  const alive = () => {
    try {
      process.kill(server, 0);
      return true;
    } catch {
      return false;
    }
  };
  for (const end = Date.now() + 20_000; alive() && Date.now() < end; ) {
    await new Promise((wake) => setTimeout(wake, 20));
  }
  expect(alive()).toBe(false);
});
