import path from 'node:path';
import envPaths from 'env-paths';

/**
 * The folder that holds models and unfinished downloads: `CURSORCORE_CACHE`, or the user's cache directory by the
 * platform's convention (`$XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`).
 */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env): string {
  const chosen = env.CURSORCORE_CACHE;
  return path.resolve(chosen || envPaths('cursorcore-lsp', { suffix: '' }).cache);
}
