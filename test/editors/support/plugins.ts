import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * The folder of someone else's plugin, as published: `$CURSORCORE_NVIM_PLUGINS/NAME` where that is there, else a fresh clone
 * of `$CURSORCORE_NVIM_MIRROR/OWNER+NAME/repo` or of GitHub into `downloads`; or why there is none.
 */
export async function obtainPlugin(
  repository: string,
  downloads: string,
  tag?: string,
): Promise<{ directory: string } | { missing: string }> {
  const name = repository.split('/').at(-1) ?? '';
  const local = process.env.CURSORCORE_NVIM_PLUGINS;
  if (local && existsSync(join(local, name))) return { directory: join(local, name) };
  const directory = join(downloads, name);
  if (existsSync(directory)) return { directory };
  const copy = join(process.env.CURSORCORE_NVIM_MIRROR ?? '', repository.replace('/', '+'), 'repo');
  const source = process.env.CURSORCORE_NVIM_MIRROR && existsSync(copy) ? copy : `https://github.com/${repository}`;
  try {
    const branch = tag === undefined ? [] : ['--branch', tag];
    const depth = source === copy ? [] : ['--depth', '1'];
    await run('git', ['-c', 'advice.detachedHead=false', 'clone', '--quiet', ...depth, ...branch, source, directory], {
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
      timeout: 60_000,
    });
    return { directory };
  } catch {
    return {
      missing: `${repository} cannot be cloned from here; set CURSORCORE_NVIM_PLUGINS to a folder that holds it`,
    };
  }
}
