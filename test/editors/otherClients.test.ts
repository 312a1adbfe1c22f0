import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { linesOf, rename, renamed, Sessions, shop } from './support/cases.ts';
import { type Neovim, repository } from './support/neovim.ts';

const run = promisify(execFile);
const sessions = new Sessions();
afterEach(() => sessions.stop());

let downloads: string;
beforeAll(async () => {
  downloads = await mkdtemp(join(tmpdir(), 'cursorcore-clients-'));
});
afterAll(() => rm(downloads, { recursive: true, force: true }));

/** Someone else's next-edit client, as published. */
interface Client {
  readonly name: string;
  readonly repository: string;
  /** A local checkout to use instead of cloning. */
  readonly variable: string;
  /** A user's init.lua, with the server under the name that the client wants. */
  readonly init: string;
  readonly server: string;
  /** Lua: jumps to the edit that is shown, or applies it; whether there is one. */
  readonly take: string;
}

/** Another file that uses what is renamed. */
const page = `const { total } = require('./shop');

module.exports = { empty: total([]) };
`;

const server = JSON.stringify(join(repository, 'dist/main.js'));

const clients: readonly Client[] = [
  {
    name: 'sidekick.nvim',
    repository: 'https://github.com/folke/sidekick.nvim',
    variable: 'CURSORCORE_SIDEKICK_DIR',
    server: 'cursorcore-copilot',
    init: `
      vim.lsp.config('cursorcore-copilot', { cmd = { 'node', ${server}, '--stdio' } })
      vim.lsp.enable('cursorcore-copilot')
      require('sidekick').setup({})
    `,
    take: "return require('sidekick').nes_jump_or_apply()",
  },
  {
    name: 'copilot-lsp',
    repository: 'https://github.com/copilotlsp-nvim/copilot-lsp',
    variable: 'CURSORCORE_COPILOT_LSP_DIR',
    server: 'cursorcore',
    // It sends positions in UTF-16, whatever was agreed.
    init: `
      vim.lsp.config('cursorcore', {
        cmd = { 'node', ${server}, '--stdio' },
        capabilities = { general = { positionEncodings = { 'utf-16' } } },
        on_init = function(client)
          require('copilot-lsp.nes').lsp_on_init(client, vim.api.nvim_create_augroup('cursorcore.nes', {}))
        end,
      })
      vim.g.copilot_nes_debounce = 50
      vim.lsp.enable('cursorcore')
    `,
    take: `
      local nes = require('copilot-lsp.nes')
      return nes.walk_cursor_start_edit() or (nes.apply_pending_nes() and nes.walk_cursor_end_edit())
    `,
  },
];

/** The client's folder: a local checkout or a fresh clone; or why there is none. */
async function obtain(client: Client): Promise<{ directory: string } | { missing: string }> {
  const local = process.env[client.variable];
  if (local !== undefined && local !== '') {
    return existsSync(local) ? { directory: local } : { missing: `${client.variable}=${local} is not there` };
  }
  const directory = join(downloads, client.name);
  try {
    await run('git', ['clone', '--quiet', '--depth', '1', client.repository, directory], {
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
      timeout: 60_000,
    });
    return { directory };
  } catch {
    return { missing: `${client.repository} cannot be cloned from here; set ${client.variable} to a checkout` };
  }
}

const state = (neovim: Neovim) =>
  neovim.lua<string>('return vim.inspect({ vim.api.nvim_win_get_cursor(0), vim.b.changedtick })');

/** Renames, and takes what the client shows until nothing is left to rename. */
async function renameThrough(neovim: Neovim, client: Client): Promise<void> {
  await neovim.attached(client.server);
  await rename(neovim);
  await neovim.until(`${client.name} has led through the rename`, async () => {
    if ((await neovim.lines()).join('\n') === linesOf(renamed).join('\n')) return true;
    const before = await state(neovim);
    if (!(await neovim.lua<boolean>(client.take))) return false;
    // Both do what they are told a little later, and not at all when a new answer comes in between. A person would
    // press the key again.
    for (let polls = 0; polls < 100 && (await state(neovim)) === before; polls++) {
      await new Promise((wake) => setTimeout(wake, 10));
    }
    return false;
  });
}

describe.each(clients)('unmodified $name', (client) => {
  test('takes the next edits to the end', async ({ skip }) => {
    const found = await obtain(client);
    if ('missing' in found) return skip(found.missing);
    const neovim = await sessions.start({
      files: { 'shop.js': shop },
      plugins: [found.directory],
      init: client.init,
    });
    await renameThrough(neovim, client);
    expect(await neovim.lines()).toEqual(linesOf(renamed));
  });

  test('shows nothing of another buffer in the one it asks about', async ({ skip }) => {
    const found = await obtain(client);
    if ('missing' in found) return skip(found.missing);
    const neovim = await sessions.start({
      files: { 'shop.js': shop, 'page.js': page },
      plugins: [found.directory],
      init: client.init,
    });
    await neovim.attached(client.server);
    await neovim.type(':edit page.js<CR>');
    await neovim.attached(client.server);
    await neovim.type(':edit shop.js<CR>');
    await renameThrough(neovim, client);
    // It asks what comes after the last edit, a little later.
    await neovim.lua(`
      local client = vim.lsp.get_clients({ name = '${client.server}' })[1]
      vim.wait(1000)
      vim.wait(20000, function()
        return vim.iter(pairs(client.requests)):all(function(_, request) return request.type ~= 'pending' end)
      end, 5)
    `);
    expect(await neovim.lua(client.take)).toBe(false);
    expect(await neovim.lines()).toEqual(linesOf(renamed));
    await neovim.type(':edit page.js<CR>');
    expect(await neovim.lines()).toEqual(linesOf(page));
  });
});
