import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { type Neovim, pluginDirectory, repository } from './support/neovim.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

/** Collects what is said through `vim.notify`, so that no message asks for a key. */
const init = 'Said = {}; vim.notify = function(message, level) table.insert(Said, message) end';

const said = (neovim: Neovim): Promise<string[]> => neovim.lua<string[]>('return Said');

const untilSaid = (neovim: Neovim, pattern: RegExp) =>
  neovim.until(`it says ${pattern}`, async () => (await said(neovim)).some((message) => pattern.test(message)));

async function start(
  options: { readonly init?: string; readonly files?: Record<string, string> } = {},
): Promise<Neovim> {
  const files = options.files ?? { 'shop.js': shop };
  return sessions.start({ files, init: `${init}\n${options.init ?? ''}` });
}

test(':CursorCore status says version, engine, state and counts', async () => {
  const neovim = await start();
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  await neovim.type('<Tab><Tab>');
  await settled(neovim);
  await neovim.command('CursorCore');
  const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { version: string };
  await untilSaid(
    neovim,
    new RegExp(`^cursorcore: ${version}, engine \\w+, on; 1 documents; offered \\d+, accepted 1, rejected 0`),
  );
});

test(':CursorCore status says why a buffer is kept out', async () => {
  const neovim = await start({ files: { '.env': 'TOKEN=1\n' } });
  await neovim.attached();
  await neovim.command('CursorCore status');
  await untilSaid(neovim, /this buffer is kept out: ./);
});

test(':CursorCore toggle turns predictions off and on again', async () => {
  const neovim = await start();
  await neovim.attached();
  await neovim.command('CursorCore toggle');
  await untilSaid(neovim, /predictions are off/);
  await rename(neovim);
  await settled(neovim);
  expect(await nextEditMarks(neovim)).toEqual([]);
  // The key has its own meaning then: nothing is changed by it.
  const before = await neovim.lines();
  await neovim.type('<Tab>');
  expect(await neovim.lines()).toEqual(before);

  await neovim.command('CursorCore toggle');
  await untilSaid(neovim, /predictions are on/);
  await neovim.type('u');
  await rename(neovim);
  await tabThrough(neovim);
  expect(await neovim.lines()).toEqual(linesOf(renamed));
});

test(':CursorCore disable takes down what is shown', async () => {
  const neovim = await start();
  await neovim.attached();
  await rename(neovim);
  await untilOffered(neovim);
  await neovim.command('CursorCore disable');
  expect(await nextEditMarks(neovim)).toEqual([]);
  await neovim.command('CursorCore status');
  await untilSaid(neovim, /engine \w+, off;/);
});

test(':CursorCore edit says that the pattern engine takes no instructions', async () => {
  const neovim = await start({ init: "require('cursorcore').setup({ settings = { engine = 'pattern' } })" });
  await neovim.attached();
  await neovim.command('9,12CursorCore edit add a comment');
  await untilSaid(neovim, /Instructions want a model/);
  expect(await neovim.lines()).toEqual(linesOf(shop));
  // Without an instruction it asks for one.
  await neovim.lua(
    `vim.ui.input = function(options, done) Asked = options.prompt; done('add a comment') end; Said = {}`,
  );
  await neovim.type('ggVj:CursorCore edit<CR>');
  await untilSaid(neovim, /Instructions want a model/);
  expect(await neovim.lua('return Asked')).toBe('Edit: ');
});

test(':CursorCore edit passes on what is selected', async () => {
  const neovim = await start({ files: { 'a.txt': 'ünö 👍 two\nthree\nfour\n' } });
  await neovim.attached();
  // What goes to the server is caught on its way out.
  await neovim.lua(
    `require('cursorcore').client().commands['cursorcore.instruct'] = function(command) Passed = command.arguments[1] end`,
  );
  const range = async (keys: string): Promise<number[]> => {
    await neovim.lua('Passed = nil');
    await neovim.type(keys);
    await neovim.until('it is passed on', () => neovim.lua('return Passed ~= nil'));
    expect(await neovim.lua('return Passed.instruction')).toBe('say more');
    return neovim.lua<number[]>(
      'local r = Passed.range; return { r.start.line, r.start.character, r["end"].line, r["end"].character }',
    );
  };
  // In UTF-8, which the server takes when it may: ü and ö are two bytes long, the thumb four.
  expect(await range('gg0fti:<BS><Esc>l:CursorCore edit say more<CR>')).toEqual([0, 11, 0, 11]);
  expect(await range("gg0wvy:'<lt>,'>CursorCore edit say more<CR>")).toEqual([0, 6, 0, 10]);
  expect(await range('ggVj:CursorCore edit say more<CR>')).toEqual([0, 0, 1, 5]);
  expect(await range(':2,3CursorCore edit say more<CR>')).toEqual([1, 0, 2, 4]);
});

test(':CursorCore accept and reject do what the keys do', async () => {
  const neovim = await start();
  await neovim.attached();
  await neovim.command('CursorCore accept');
  await untilSaid(neovim, /nothing is offered/);
  await rename(neovim);
  await untilOffered(neovim);
  const before = await neovim.lines();
  await neovim.command('CursorCore accept');
  await neovim.command('CursorCore accept');
  expect(await neovim.lines()).not.toEqual(before);
  await untilOffered(neovim);
  const [mark] = await nextEditMarks(neovim);
  await neovim.command('CursorCore reject');
  await settled(neovim);
  expect((await nextEditMarks(neovim))[0]?.row).not.toBe(mark?.row);
});

test(':CursorCore completes its subcommands and names them when there is no such one', async () => {
  const neovim = await start();
  expect(await neovim.lua("return vim.fn.getcompletion('CursorCore ', 'cmdline')")).toEqual([
    'accept',
    'accept_all',
    'accept_line',
    'accept_word',
    'cancel',
    'disable',
    'edit',
    'enable',
    'fix',
    'next',
    'previous',
    'quiet',
    'reject',
    'reject_all',
    'restart',
    'status',
    'suggest',
    'toggle',
  ]);
  expect(await neovim.lua("return vim.fn.getcompletion('CursorCore en', 'cmdline')")).toEqual(['enable']);
  await neovim.command('CursorCore nonsense');
  await untilSaid(neovim, /no "nonsense"; there are accept, /);
});

test(':checkhealth cursorcore finds nothing to complain about', async () => {
  const neovim = await start();
  await neovim.attached();
  await neovim.command('checkhealth cursorcore');
  await neovim.until('the report', async () =>
    (await neovim.lines()).some((line) => line.includes('messages of the server')),
  );
  const report = (await neovim.lines()).join('\n');
  expect(report).not.toMatch(/ERROR|WARN/);
  expect(report).toMatch(/node v\d+/);
  expect(report).toMatch(/main\.js.*: version \d/);
  expect(report).toMatch(/client 1 serves 1 buffers/);
});

test(':checkhealth cursorcore and a message say when the server is not there', async () => {
  const neovim = await start({ init: "require('cursorcore').setup({ cmd = { 'no-such-server', '--stdio' } })" });
  await untilSaid(neovim, /no-such-server is not executable/);
  await neovim.command('checkhealth cursorcore');
  await neovim.until('the report', async () =>
    (await neovim.lines()).some((line) => line.includes('messages of the server')),
  );
  expect((await neovim.lines()).join('\n')).toMatch(/ERROR no-such-server --stdio: not executable/);
  // Neovim is none the worse for it.
  await neovim.command('edit! shop.js');
  await neovim.type('ggixyz<Esc>');
  expect((await neovim.lines())[0]).toMatch(/^xyzfunction/);
});

test(':help has a topic for every tag, and the tags are up to date', async () => {
  const neovim = await start();
  const tags = await readFile(join(pluginDirectory, 'doc/tags'), 'utf8');
  const names = tags
    .trim()
    .split('\n')
    .map((line) => line.split('\t')[0] ?? '');
  expect(names).toContain('cursorcore');
  for (const name of names) {
    await neovim.lua('vim.cmd.help({ args = { (...) } })', name);
    expect(await neovim.lua('return vim.fs.basename(vim.api.nvim_buf_get_name(0))')).toBe('cursorcore.txt');
    expect(await neovim.lua('return vim.api.nvim_get_current_line()')).toContain(`*${name}*`);
  }
  const text = await readFile(join(pluginDirectory, 'doc/cursorcore.txt'), 'utf8');
  expect([...text.matchAll(/(?<=^|\s)\*(\S+)\*(?=\s)/gm)].map((match) => match[1]).sort()).toEqual([...names].sort());
});

test('the lines of the README set the plugin up', async () => {
  const readme = await readFile(join(pluginDirectory, 'README.md'), 'utf8');
  const lines = /```lua\n([^`]*)```/.exec(readme)?.[1] ?? '';
  expect(lines).toContain('client-path');
  const bin = await mkdtemp(join(tmpdir(), 'cursorcore-bin-'));
  try {
    await symlink(join(repository, 'dist/main.js'), join(bin, 'cursorcore-lsp'));
    const neovim = await sessions.start({
      files: { 'shop.js': shop },
      plugins: [],
      init: lines,
      environment: { PATH: `${bin}:${process.env.PATH}` },
    });
    await neovim.attached();
    await rename(neovim);
    await tabThrough(neovim);
    expect(await neovim.lines()).toEqual(linesOf(renamed));
    await neovim.command('help cursorcore-keys');
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
});

test('setup() names an option that does not exist', async () => {
  const neovim = await start();
  const call = (options: string) =>
    neovim.lua<[boolean, string]>(`return { pcall(require('cursorcore').setup, ${options}) }`);
  expect((await call('{ keyz = {} }'))[1]).toContain('unknown option "keyz"');
  expect((await call("{ keys = { acept = '<Tab>' } }"))[1]).toContain('unknown key "acept"');
  expect((await call("{ debounce = 'fast' }"))[1]).toMatch(/debounce.*number/);
});
