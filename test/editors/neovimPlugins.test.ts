import { mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  ghostMarks,
  linesOf,
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
import { pluginDirectory, repository } from './support/neovim.ts';
import { obtainPlugin } from './support/plugins.ts';

const sessions = new Sessions();
afterEach(() => sessions.stop());

let downloads: string;
let bin: string;
let help: string;
beforeAll(async () => {
  downloads = await mkdtemp(join(tmpdir(), 'cursorcore-plugins-'));
  bin = join(downloads, 'bin');
  await mkdir(bin);
  await symlink(join(repository, 'dist/main.js'), join(bin, 'cursorcore-lsp'));
  help = await readFile(join(pluginDirectory, 'doc/cursorcore.txt'), 'utf8');
});
afterAll(() => rm(downloads, { recursive: true, force: true }));

/** The recipe in the help that stands behind a tag. */
function recipe(tag: string): string {
  const [, lua] = new RegExp(`\\*${tag}\\*[\\s\\S]*?>lua\\n([\\s\\S]*?)\\n<`).exec(help) ?? [];
  if (!lua) throw new Error(`the help has no recipe at ${tag}`);
  return lua;
}

const menus = [
  {
    name: 'nvim-cmp',
    repository: 'hrsh7th/nvim-cmp',
    init: () => `
      local words = {}
      function words:complete(_, done) done({ { label = 'mutex' }, { label = 'counts' } }) end
      require('cmp').register_source('words', words)
      ${recipe('cursorcore-nvim-cmp')}
      require('cmp').setup({ sources = { { name = 'words' } } })`,
    visible: "return require('cmp').visible()",
  },
  {
    name: 'blink.cmp',
    // The last release: what comes after it wants another plugin beside it.
    repository: 'saghen/blink.cmp',
    tag: 'v1.9.1',
    init: () => `${recipe('cursorcore-blink.cmp')}`,
    visible: "return require('blink.cmp').is_menu_visible()",
  },
  {
    name: 'mini.completion',
    repository: 'nvim-mini/mini.nvim',
    init: () => `vim.o.completeopt = 'menuone,noselect'
      ${recipe('cursorcore-mini')}`,
    visible: 'return vim.fn.pumvisible() == 1',
  },
];

describe.each(menus)('beside $name', (menu) => {
  test('<Tab> takes the ghost text while the menu is open, and selects where there is none', async ({ skip }) => {
    const found = await obtainPlugin(menu.repository, downloads, 'tag' in menu ? menu.tag : undefined);
    if ('missing' in found) return skip(found.missing);
    const neovim = await sessions.start({
      files: { 'store.go': store },
      plugins: [pluginDirectory, found.directory],
      init: menu.init(),
      rows: 40,
    });
    await neovim.attached();
    for (const method of ['Add', 'Get']) {
      await neovim.type(`gg/${method}(<CR>A<CR>s.mu.Lock()<CR>defer s.mu.Unlock()<Esc>`);
      await settled(neovim);
    }
    await neovim.type('gg/Reset(<CR>A<CR>s.m');
    await neovim.until(
      'menu and ghost text',
      async () => (await neovim.lua<boolean>(menu.visible)) && (await ghostMarks(neovim)).length > 0,
    );
    await neovim.type('<Tab>');
    const accepted = linesOf(withLock('Add', 'Get', 'Reset'));
    await neovim.until('it is inserted', async () => (await neovim.lines()).length === accepted.length);
    expect(await neovim.lines()).toEqual(accepted);

    await neovim.type('<Esc>Go<CR>// cou');
    await neovim.until('the menu', () => neovim.lua<boolean>(menu.visible));
    await settled(neovim);
    await neovim.type('<Tab>');
    await neovim.until('a word is selected', async () => ((await neovim.lines()).at(-1) ?? '').startsWith('// coun'));
    expect(await neovim.command('messages')).not.toMatch(/E\d+:|stack/);
  });
});

const snippets = [
  {
    name: 'LuaSnip',
    repository: 'L3MON4D3/LuaSnip',
    init: () => `vim.fn.mkdir(vim.fn.stdpath('log'), 'p')
      ${recipe('cursorcore-luasnip')}`,
    expand: "require('luasnip').lsp_expand(SNIPPET)",
  },
  {
    name: 'mini.snippets',
    repository: 'nvim-mini/mini.nvim',
    init: () => "require('mini.snippets').setup({ mappings = { jump_next = '<Tab>', jump_prev = '<S-Tab>' } })",
    expand: "require('mini.snippets').default_insert({ body = SNIPPET })",
  },
];

describe.each(snippets)('in a snippet of $name', (plugin) => {
  test('<Tab> goes to the next place, though an edit is offered elsewhere', async ({ skip }) => {
    const found = await obtainPlugin(plugin.repository, downloads);
    if ('missing' in found) return skip(found.missing);
    const neovim = await sessions.start({
      files: { 'shop.js': shop },
      plugins: [pluginDirectory, found.directory],
      init: plugin.init(),
    });
    await neovim.attached();
    await rename(neovim);
    await untilOffered(neovim);
    await neovim.type('2GO');
    await neovim.lua(`SNIPPET = 'f(\${1:a}, \${2:b})$0'; ${plugin.expand}`);
    await neovim.type('xyz');
    await settled(neovim);
    expect(await offered(neovim)).toBe(true);
    // Some jump a little later than the key.
    const column = () => neovim.lua<number>("return vim.fn.col('.')");
    const at = await column();
    await neovim.type('<Tab>');
    await neovim.until('it has jumped', async () => (await column()) > at);
    await neovim.type('w');
    await neovim.type('<S-Tab>');
    await neovim.until('it has jumped back', async () => (await column()) <= at);
    await neovim.type('q');
    expect((await neovim.lines())[1]).toMatch(/f\(\w*q\w*, w\)/);
    expect(await neovim.command('messages')).not.toMatch(/E\d+:|stack/);
  });
});

/** Set up in a clean home, as the plugin's README says, the server on `$PATH`. */
const managers = [
  {
    name: 'lazy.nvim',
    repository: 'folke/lazy.nvim',
    init: (readme: string) => `vim.o.rtp = vim.o.rtp .. ',' .. LAZY
      ${readme}`,
  },
  { name: 'vim.pack', repository: undefined, init: (readme: string) => readme },
];

test.for(managers)(
  '$name sets the plugin up as the README says',
  async ({ name, repository: manager, init }, { skip }) => {
    const readme = await readFile(join(pluginDirectory, 'README.md'), 'utf8');
    const lua = new RegExp(`${name.replace('.', '\\.')}[^\`]*\`\`\`lua\\n([^\`]*)\`\`\``).exec(readme)?.[1] ?? '';
    expect(lua).toContain(name === 'vim.pack' ? 'vim.pack.add' : "require('lazy')");
    const found = manager ? await obtainPlugin(manager, downloads) : { directory: '' };
    if ('missing' in found) return skip(found.missing);
    const neovim = await sessions.start({
      files: { 'shop.js': shop },
      plugins: [],
      init: `LAZY = ${JSON.stringify(found.directory)}
      vim.fn.confirm = function() return 1 end
      ${init(lua.replace('https://github.com/OWNER/cursorcore-lsp', `file://${repository}`))}`,
      environment: { PATH: `${bin}:${process.env.PATH}` },
    });
    await neovim.attached();
    await rename(neovim);
    await untilOffered(neovim);
    await tabThrough(neovim);
    expect(await neovim.lines()).toEqual(linesOf(renamed));
    expect(await neovim.lua("return vim.fn.getcompletion('cursorcore-keys', 'help')")).toEqual(['cursorcore-keys']);
  },
);
