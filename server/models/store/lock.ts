import { open, readFile, rm, stat, utimes } from 'node:fs/promises';
import path from 'node:path';
import { makeFolder } from './makeFolder.ts';
import { liveness, parseOwner, thisProcess } from './owner.ts';
import { codeOf, StoreError } from './storeError.ts';

const heartbeatMs = 15_000;
/** After this time without a heartbeat, a process of another machine counts as dead. */
const staleMs = 20 * heartbeatMs;

/**
 * Takes the lock on `name` for what `doing` says, and returns how to give it back. Throws a StoreError at once where
 * another process holds it. A lock whose process has died is taken over: the process id tells so without waiting, which
 * libraries that know only a heartbeat cannot do. The lock saves work and no more; what keeps the store whole is that
 * installing is one rename.
 */
export async function lock(folder: string, name: string, doing: string): Promise<() => Promise<void>> {
  await makeFolder(folder);
  const file = path.join(folder, `${name.toLowerCase()}.json`);
  for (let attempt = 0; attempt < 5; attempt++) {
    if (await created(file, name)) return held(file);
    const holder = await holderOf(file);
    if (holder !== undefined) {
      throw new StoreError(`another process (${holder}) is ${doing} right now; wait until it has ended and try again`);
    }
  }
  throw new StoreError(`the lock ${file} cannot be taken; remove it if no other cursorcore-lsp is running`);
}

async function created(file: string, name: string): Promise<boolean> {
  try {
    const handle = await open(file, 'wx');
    await handle.writeFile(JSON.stringify(thisProcess(name)));
    await handle.close();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

function held(file: string): () => Promise<void> {
  const timer = setInterval(() => {
    const now = new Date();
    utimes(file, now, now).catch(() => {});
  }, heartbeatMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await rm(file, { force: true });
  };
}

/** The lock's holder, in words; undefined if there is none any more, and then the lock was removed. */
async function holderOf(file: string): Promise<string | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    const owner = parseOwner(text);
    const age = Date.now() - (await stat(file)).mtimeMs;
    const life = owner ? liveness(owner) : 'unknown';
    // A lock without an owner is one being written, or one cut short by a crash.
    const recent = age < (owner ? staleMs : 5_000);
    if (life === 'alive' || (life === 'unknown' && recent)) {
      return owner ? `id ${owner.pid}${life === 'unknown' ? ` on ${owner.host}` : ''}` : 'id unknown';
    }
    // Another process may have taken the stale lock since it was read.
    if ((await readFile(file, 'utf8')) === text) await rm(file, { force: true });
    return undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
