import { realpathSync } from 'node:fs';
import path from 'node:path';
import ignore, { type Ignore } from 'ignore';
import type { Settings } from '../settings/settings.ts';
import { boundedMatch, isSimple } from './boundedMatch.ts';
import { contentReason } from './contentRules.ts';
import { maxUriLength, pathsOf } from './documentUri.ts';
import { generatedFiles, secretFiles, withoutCopyMarks } from './exclusionDefaults.ts';
import { GitIgnore } from './gitignore.ts';

export type ExclusionSettings = Pick<
  Settings,
  'exclude.files' | 'exclude.gitignored' | 'exclude.maxFileSize' | 'exclude.minified'
>;

/** How long a verdict by name is valid before ignore files are checked again, in milliseconds. */
const recheckMs = 5000;
/** On a slow file system, checking ignore files may take at most this fraction of the time. */
const maxShare = 1 / 200;
/** How much text must have been added or removed, in UTF-16 code units, before the content is checked again. */
const minChange = 128;
/** The largest number of names in a real path. */
const maxNames = 200;
const secretByName = 'may hold secrets, by its name';
const tooLong = 'its name is too long';
const tooSlow = 'kept out, for its ignore rules take too long to match';
/** How many documents' verdicts are kept. */
const maxCached = 2000;

/** Why a document is excluded, in a few words for the user. */
export interface KeptOut {
  readonly reason: string;
  /** Whether it holds secrets, so that its text should not be kept at all. */
  readonly isSecret: boolean;
}

interface Verdict {
  name: { readonly reason: string | undefined; readonly untilMs: number };
  content?: { readonly reason: string | undefined; readonly length: number; inserted: number };
}

export interface ExclusionOptions {
  /** The workspace's folders, as URIs: `exclude.files` patterns with a slash are relative to them. */
  readonly folders?: readonly string[];
  /** Milliseconds; for tests. */
  readonly now?: () => number;
}

/**
 * What must never be recorded, shown to an engine, or logged: secrets, files git ignores, generated and binary ones,
 * and those over the size limit.
 */
export class Exclusion {
  readonly #git = new GitIgnore();
  readonly #secret = ignore().add([...secretFiles]);
  readonly #generated = ignore().add([...generatedFiles]);
  readonly #verdicts = new Map<string, Verdict>();
  readonly #folders: readonly string[];
  readonly #now: () => number;
  #settings: ExclusionSettings;
  #user: Ignore;

  constructor(settings: ExclusionSettings, options: ExclusionOptions = {}) {
    this.#settings = settings;
    this.#user = userRules(settings);
    this.#folders = (options.folders ?? []).flatMap((uri) => pathsOf(uri).filter(path.isAbsolute));
    this.#now = options.now ?? (() => performance.now());
  }

  update(settings: ExclusionSettings): void {
    this.#settings = settings;
    this.#user = userRules(settings);
    this.forget();
  }

  /** Makes the next call check everything again, e.g. after an ignore file has changed. */
  forget(uri?: string): void {
    if (uri === undefined) this.#verdicts.clear();
    else this.#verdicts.delete(uri);
  }

  /**
   * Why the document is excluded, in a few words for the user, or undefined. Cheap enough for every change: `inserted`
   * is how many UTF-16 code units the change inserted, because the text's length alone does not show a replacement;
   * infinite where the content must be checked again.
   */
  reason(uri: string, text: string, inserted?: number): string | undefined {
    const max = this.#settings['exclude.maxFileSize'];
    if (text.length > max) return `longer than ${max} characters (exclude.maxFileSize)`;
    return this.nameReason(uri) ?? this.#contentReason(uri, text, inserted ?? 0);
  }

  /** The same, with whether the document is a secret. */
  keptOut(uri: string, text: string, inserted?: number): KeptOut | undefined {
    const reason = this.reason(uri, text, inserted);
    return reason === undefined ? undefined : { reason, isSecret: this.nameReason(uri) === secretByName };
  }

  /** The same by the document's name alone. */
  nameReason(uri: string): string | undefined {
    const now = this.#now();
    const known = this.#verdicts.get(uri);
    if (known && now < known.name.untilMs) return known.name.reason;
    const reason = this.#judgeName(uri);
    const cost = this.#now() - now;
    this.#verdictOf(uri).name = { reason, untilMs: now + Math.max(recheckMs, cost / maxShare) };
    return reason;
  }

  #contentReason(uri: string, text: string, inserted: number): string | undefined {
    const verdict = this.#verdictOf(uri);
    const { content } = verdict;
    if (content) {
      content.inserted += inserted;
      if (Math.max(content.inserted, Math.abs(text.length - content.length)) < minChange) return content.reason;
    }
    const reason = contentReason(text, { minified: this.#settings['exclude.minified'] });
    verdict.content = { reason, length: text.length, inserted: 0 };
    return reason;
  }

  #verdictOf(uri: string): Verdict {
    const known = this.#verdicts.get(uri);
    if (known) return known;
    if (this.#verdicts.size >= maxCached) this.#verdicts.clear();
    const verdict: Verdict = { name: { reason: undefined, untilMs: Number.NEGATIVE_INFINITY } };
    this.#verdicts.set(uri, verdict);
    return verdict;
  }

  /** Judges every path that the URI refers to, whatever its scheme: a buffer about a file holds that file's text. */
  #judgeName(uri: string): string | undefined {
    if (uri.length > maxUriLength) return tooLong;
    for (const name of pathsOf(uri)) {
      const reason = this.#judgeNamed(name);
      if (reason !== undefined) return reason;
    }
    return undefined;
  }

  #judgeNamed(name: string): string | undefined {
    const file = path.isAbsolute(name) ? name : undefined;
    const own = this.#judgePath(file, name);
    if (own !== undefined || file === undefined) return own || undefined;
    // A harmless name may be a link to a secret.
    const target = realPath(file);
    return target === undefined || target === file ? undefined : this.#judgePath(target, target) || undefined;
  }

  /** The reason; '' where the user includes the path, undefined where no rule matches it. */
  #judgePath(file: string | undefined, name: string): string | undefined {
    const names = segmentsOf(name);
    if (names.length > maxNames) return tooLong;
    const whole = names.join('/');
    if (whole === '') return undefined;
    const byName = this.#matched(this.#inWorkspace(file) ?? whole, whole);
    if (byName !== undefined) return byName;
    const ignored = this.#settings['exclude.gitignored'] && file !== undefined && this.#git.ignores(file);
    return ignored === 'unknown' ? tooSlow : ignored ? 'ignored by git' : undefined;
  }

  /** The verdict on a path, as in `#judgePath`, by the user's patterns first, then the built-in ones. */
  #matched(inWorkspace: string, whole: string): string | undefined {
    const simple = isSimple(this.#settings['exclude.files'].join('\n'));
    const user = boundedMatch(simple, () => this.#user.test(inWorkspace));
    if (user === undefined) return tooSlow;
    if (user.ignored) return 'kept out by the setting exclude.files';
    if (user.unignored) return '';
    if (this.#secret.ignores(whole) || this.#secret.ignores(originalOf(whole))) return secretByName;
    return this.#settings['exclude.minified'] && this.#generated.ignores(whole)
      ? 'minified or generated, by its name'
      : undefined;
  }

  /** The path in the innermost workspace folder that holds the file. */
  #inWorkspace(file: string | undefined): string | undefined {
    if (file === undefined) return undefined;
    const inside = this.#folders
      .map((folder) => path.relative(folder, file))
      .filter((relative) => relative !== '' && !relative.startsWith('..') && !path.isAbsolute(relative))
      .sort((a, b) => a.length - b.length)[0];
    return inside?.split(path.sep).join('/');
  }
}

/** Matched case-insensitively, like the built-in rules. */
function userRules(settings: ExclusionSettings): Ignore {
  return ignore().add([...settings['exclude.files']]);
}

/** The path of the file that an editor's own copy was made from, or the path itself. */
function originalOf(name: string): string {
  const at = name.lastIndexOf('/') + 1;
  return name.slice(0, at) + (withoutCopyMarks(name.slice(at)) || name.slice(at));
}

/** The real path of a file, or, where the file is not written yet, with its folder's real path. */
function realPath(file: string): string | undefined {
  for (const existing of [file, path.dirname(file)]) {
    try {
      return path.join(realpathSync(existing), path.relative(existing, file));
    } catch {
      // Missing or unreadable.
    }
  }
  return undefined;
}

/** The names of a path without its root, as the matching library requires; a document's path has no `..`. */
function segmentsOf(file: string): string[] {
  return file
    .replace(/^[A-Za-z]:/, '')
    .split(/[\\/]/)
    .filter((name) => name !== '' && name !== '.' && name !== '..');
}
