import { lstatSync, statSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import { boundedMatch, isSimple } from './boundedMatch.ts';
import { readSmallFile } from './workspaceFile.ts';

/** The maximum size of an ignore file, in bytes; a larger file is not read. */
const maxRulesSize = 256 * 1024;
/** The same for the files that tell where a repository is. */
const maxPointerSize = 8 * 1024;
/** How many folders up a repository's root is searched. */
const maxDepth = 64;
/** How many folders' rules are cached. */
const maxCached = 2000;
/** How long a repository whose rules took too long is not checked again, in milliseconds. */
const slowForMs = 60_000;

/** On these, git ignores the case of names by default (`core.ignoreCase`). */
const ignoreCase = process.platform === 'win32' || process.platform === 'darwin';

interface Rules {
  readonly patterns: Ignore;
  readonly simple: boolean;
}

interface Cached {
  readonly stamp: string;
  readonly rules: Rules | undefined;
}

/** The rules of a folder, with its depth in names below the root. */
interface Link extends Rules {
  readonly depth: number;
}

/**
 * Whether git ignores a file: `.gitignore` in each folder from the repository's root down, and `.git/info/exclude`.
 * Rules are read when first needed, and again when their file has changed. All calls are synchronous; each costs one
 * `stat` per folder on the path, so callers cache the answer for a while. A repository is hostile input: only small
 * regular files are read, and links only where git follows them; matching always ends.
 */
export class GitIgnore {
  readonly #cache = new Map<string, Cached>();
  /** Until when the rules of a repository count as endless. */
  readonly #slow = new Map<string, number>();

  /**
   * Whether git ignores the file at this absolute path, or the folder if it ends with a slash; false outside a
   * repository and where rules cannot be read. `unknown` where matching takes too long.
   */
  ignores(file: string): boolean | 'unknown' {
    const isFolder = /[\\/]$/.test(file);
    const root = this.#rootOf(path.dirname(file));
    if (root === undefined) return false;
    if (performance.now() < (this.#slow.get(root) ?? 0)) return 'unknown';
    const names = path.relative(root, file).split(path.sep);
    const chain = this.#chainOf(root, names.slice(0, -1));
    if (chain.length === 0) return false;
    const simple = chain.every((link) => link.simple);
    const ignored = boundedMatch(simple, () => {
      // Once a folder is ignored, nothing below it can be included again (gitignore(5)).
      for (let depth = 1; depth <= names.length; depth++) {
        if (decide(chain, names, depth, isFolder || depth < names.length)) return true;
      }
      return false;
    });
    if (ignored !== undefined) return ignored;
    if (this.#slow.size >= maxCached) this.#slow.clear();
    this.#slow.set(root, performance.now() + slowForMs);
    return 'unknown';
  }

  #rootOf(folder: string): string | undefined {
    let at = folder;
    for (let depth = 0; depth < maxDepth; depth++) {
      if (exists(path.join(at, '.git'))) return at;
      const parent = path.dirname(at);
      if (parent === at) return undefined;
      at = parent;
    }
    return undefined;
  }

  /** The rules that apply to a file, weakest first. */
  #chainOf(root: string, folders: readonly string[]): Link[] {
    const exclude = this.#rules(path.join(gitFolderOf(root), 'info', 'exclude'), true);
    const chain = exclude ? [{ ...exclude, depth: 0 }] : [];
    for (let depth = 0; depth <= folders.length; depth++) {
      // Git reads no `.gitignore` that is a link (gitignore(5)).
      const rules = this.#rules(path.join(root, ...folders.slice(0, depth), '.gitignore'), false);
      if (rules) chain.push({ ...rules, depth });
    }
    return chain;
  }

  #rules(file: string, followLink: boolean): Rules | undefined {
    const stamp = stampOf(file, followLink);
    if (stamp === undefined) {
      this.#cache.delete(file);
      return undefined;
    }
    const cached = this.#cache.get(file);
    if (cached?.stamp === stamp) return cached.rules;
    const text = readSmallFile(file, maxRulesSize, { followLink });
    const rules =
      text === undefined
        ? undefined
        : { patterns: ignore({ ignorecase: ignoreCase }).add(text), simple: isSimple(text) };
    if (this.#cache.size >= maxCached) this.#cache.clear();
    this.#cache.set(file, { stamp, rules });
    return rules;
  }
}

/** The verdict of the strongest rule on the first `depth` names; without a rule, the file is not ignored. */
function decide(chain: readonly Link[], names: readonly string[], depth: number, isFolder: boolean): boolean {
  for (const { patterns, depth: base } of chain.toReversed()) {
    if (base >= depth) continue;
    const { ignored, unignored } = patterns.test(names.slice(base, depth).join('/') + (isFolder ? '/' : ''));
    if (ignored) return true;
    if (unignored) return false;
  }
  return false;
}

function exists(file: string): boolean {
  try {
    statSync(file);
    return true;
  } catch {
    return false;
  }
}

/** Changes when the file changes; undefined when there is no file. */
function stampOf(file: string, followLink: boolean): string | undefined {
  try {
    const { mtimeMs, size, ino } = followLink ? statSync(file) : lstatSync(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}

/** Where the repository keeps `info/exclude`: a work tree's own `.git` is only a file that names the folder. */
function gitFolderOf(root: string): string {
  const own = path.join(root, '.git');
  const pointer = readSmallFile(own, maxPointerSize, { followLink: true });
  if (pointer === undefined) return own;
  const folder = within(root, pointer.replace(/^gitdir:/, ''));
  const common = folder && readSmallFile(path.join(folder, 'commondir'), maxPointerSize, { followLink: true });
  return (common === undefined || folder === undefined ? folder : within(folder, common)) ?? own;
}

/** The folder that a file names; undefined for one on another machine, because Windows would log in there. */
function within(folder: string, named: string): string | undefined {
  const target = path.resolve(folder, named.trim());
  return process.platform === 'win32' && /^[\\/]{2}/.test(target) && !/^[\\/]{2}/.test(folder) ? undefined : target;
}
