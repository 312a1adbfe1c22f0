import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { linesOf, rename, renamed, Sessions, shop } from './support/cases.ts';
import { repository } from './support/neovim.ts';

const run = promisify(execFile);
const sessions = new Sessions();
const ends: (() => unknown)[] = [];
afterEach(async () => {
  await sessions.stop();
  for (const end of ends.splice(0)) await end();
});

const source = 'https://github.com/cursortab/cursortab.nvim';
const variable = 'CURSORCORE_CURSORTAB_DIR';
const token = 'a token for these tests';

/** cursortab.nvim as published, its own program built: a checkout that the variable names, or a fresh clone; or why there is none. */
async function obtain(): Promise<{ directory: string } | { missing: string }> {
  const local = process.env[variable];
  if (local)
    return existsSync(join(local, 'server/cursortab')) ? { directory: local } : { missing: `${local} is not built` };
  const directory = await mkdtemp(join(tmpdir(), 'cursorcore-cursortab-'));
  ends.push(() => rm(directory, { recursive: true, force: true }));
  try {
    const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
    await run('git', ['clone', '--quiet', '--depth', '1', source, directory], { env, timeout: 30_000 });
    await run('go', ['build', '-o', 'cursortab', '.'], { cwd: join(directory, 'server'), timeout: 60_000 });
    return { directory };
  } catch {
    return {
      missing: `${source} cannot be cloned and built from here; set ${variable} to a checkout with server/cursortab`,
    };
  }
}

/** The built server at a port that is free; gives its address. */
async function served(): Promise<string> {
  const child = spawn(
    process.execPath,
    [join(repository, 'dist/main.js'), 'serve', '--completions', '0', '--engine', 'pattern'],
    {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, CURSORCORE_COMPLETIONS_TOKEN: token },
    },
  );
  ends.push(() => child.kill());
  let said = '';
  for await (const data of child.stderr) {
    said += String(data);
    const [, address] = /served at (http:\/\/[\d.]+:\d+)/.exec(said) ?? [];
    if (address !== undefined) return address;
  }
  throw new Error(`the server said: ${said}`);
}

test('unmodified cursortab.nvim shows the uses of a renamed function and applies them, asking as it asks Zeta 2', async ({
  skip,
}) => {
  const found = await obtain();
  if ('missing' in found) return skip(found.missing);
  const provider = `{ type = 'zeta-2', url = '${await served()}', api_key_env = 'TOKEN', model = 'zeta2', completion_timeout = 20000 }`;
  const neovim = await sessions.start({
    files: { 'shop.js': shop },
    plugins: [found.directory],
    init: `require('cursortab').setup({ provider = ${provider} })`,
    environment: { TOKEN: token },
  });
  await neovim.until('its program runs', () =>
    neovim.lua<boolean>("return require('cursortab.daemon').get_channel_status().connected == true"),
  );
  // It takes the buffer in when the cursor first rests, and what was typed before is no edit to it.
  await neovim.type('jk');
  await new Promise((wake) => setTimeout(wake, 3000));
  await rename(neovim);
  await neovim.until('something is shown', () => neovim.screen.text().includes('TAB'));
  await neovim.until('all uses are renamed', async () => {
    if ((await neovim.lines()).join('\n') === linesOf(renamed).join('\n')) return true;
    await neovim.type('<Tab>');
    // It answers a key a little later.
    await new Promise((wake) => setTimeout(wake, 300));
    return false;
  });
  expect(await neovim.lines()).toEqual(linesOf(renamed));
  await neovim.lua("require('cursortab.daemon').stop_daemon()");
});
