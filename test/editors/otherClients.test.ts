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
  /** Lua: whether an edit is shown. */
  readonly shown: string;
  /** Lua: jumps to the edit, or applies it. */
  readonly take: string;
}

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
    shown: "return require('sidekick.nes').have()",
    take: "require('sidekick').nes_jump_or_apply()",
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
    shown: 'return vim.b.nes_state ~= nil',
    take: `
      local nes = require('copilot-lsp.nes')
      if not nes.walk_cursor_start_edit() and nes.apply_pending_nes() then nes.walk_cursor_end_edit() end
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

async function renameThrough(neovim: Neovim, client: Client): Promise<void> {
  await neovim.attached(client.server);
  await rename(neovim);
  const finished = linesOf(renamed).join('\n');
  const shown = () => neovim.lua<boolean>(client.shown);
  for (let presses = 0; presses < 30; presses++) {
    const text = (await neovim.lines()).join('\n');
    if (text === finished) return;
    await neovim.until(`${client.name} shows an edit`, shown);
    const before = await neovim.lua<string>(
      'return vim.inspect({ vim.api.nvim_win_get_cursor(0), vim.b.changedtick })',
    );
    await neovim.lua(client.take);
    // Both jump and apply a little later than they are told to.
    await neovim.until(
      'it is taken',
      async () =>
        (await neovim.lua<string>('return vim.inspect({ vim.api.nvim_win_get_cursor(0), vim.b.changedtick })')) !==
        before,
    );
  }
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
});
