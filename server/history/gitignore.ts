import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';

/** A file of ignore rules that is longer, in bytes, is not read: it is none. */
const maxRulesSize = 256 * 1024;
/** How far up a repository's root is looked for. */
const maxDepth = 64;
/** How many folders' rules are held. */
const maxCached = 2000;

/** On these, git ignores the case of names by default (`core.ignoreCase`). */
const ignoreCase = process.platform === 'win32' || process.platform === 'darwin';

interface Cached {
  readonly stamp: string;
  readonly rules: Ignore | undefined;
}

/**
 * Whether git ignores a file: `.gitignore` in each folder from the repository's root down, and `.git/info/exclude`.
 * Rules are read when first needed, and again when their file has changed. All calls are synchronous; each costs one
 * `stat` for a folder on the way, so callers keep the answer for a while.
 */
export class GitIgnore {
  readonly #cache = new Map<string, Cached>();

  /** Whether git ignores the file at this absolute path; false outside a repository and where rules cannot be read. */
  ignores(file: string): boolean {
    const root = this.#rootOf(path.dirname(file));
    if (root === undefined) return false;
    const names = path.relative(root, file).split(path.sep);
    const chain = this.#chainOf(root, names.slice(0, -1));
    // Once a folder is ignored, nothing below it can be let in again (gitignore(5)).
    for (let depth = 1; depth <= names.length; depth++) {
      const isFolder = depth < names.length;
      if (decide(chain, names, depth, isFolder)) return true;
    }
    return false;
  }

  #rootOf(folder: string): string | undefined {
    let at = folder;
    for (let depth = 0; depth < maxDepth; depth++) {
      if (stampOf(path.join(at, '.git')) !== undefined) return at;
      const parent = path.dirname(at);
      if (parent === at) return undefined;
      at = parent;
    }
    return undefined;
  }

  /** The rules that count for a file, weakest first, each with how many names its folder lies below the root. */
  #chainOf(root: string, folders: readonly string[]): { rules: Ignore; depth: number }[] {
    const exclude = this.#rules(path.join(gitFolderOf(root), 'info', 'exclude'));
    const chain = exclude ? [{ rules: exclude, depth: 0 }] : [];
    for (let depth = 0; depth <= folders.length; depth++) {
      const rules = this.#rules(path.join(root, ...folders.slice(0, depth), '.gitignore'));
      if (rules) chain.push({ rules, depth });
    }
    return chain;
  }

  #rules(file: string): Ignore | undefined {
    const stamp = stampOf(file);
    if (stamp === undefined) {
      this.#cache.delete(file);
      return undefined;
    }
    const cached = this.#cache.get(file);
    if (cached?.stamp === stamp) return cached.rules;
    const rules = readRules(file);
    if (this.#cache.size >= maxCached) this.#cache.clear();
    this.#cache.set(file, { stamp, rules });
    return rules;
  }
}

/** What the strongest rule says of the first `depth` names; without one, the file is not ignored. */
function decide(
  chain: readonly { rules: Ignore; depth: number }[],
  names: readonly string[],
  depth: number,
  isFolder: boolean,
): boolean {
  for (const { rules, depth: base } of chain.toReversed()) {
    if (base >= depth) continue;
    const { ignored, unignored } = rules.test(names.slice(base, depth).join('/') + (isFolder ? '/' : ''));
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

function readRules(file: string): Ignore | undefined {
  try {
    if (statSync(file).size > maxRulesSize) return undefined;
    return ignore({ ignorecase: ignoreCase }).add(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Changes when the file does; undefined when there is none. */
function stampOf(file: string): string | undefined {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}

/** Where the repository keeps `info/exclude`: not in a work tree's own `.git`, which is a file that says where. */
function gitFolderOf(root: string): string {
  const own = path.join(root, '.git');
  try {
    if (statSync(own).isDirectory()) return own;
    const folder = path.resolve(
      root,
      readFileSync(own, 'utf8')
        .replace(/^gitdir:/, '')
        .trim(),
    );
    try {
      return path.resolve(folder, readFileSync(path.join(folder, 'commondir'), 'utf8').trim());
    } catch {
      return folder;
    }
  } catch {
    return own;
  }
}
