import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { hunksOfLines, type LineHunk } from '../../shared/edits/diff.ts';
import { CaseFileError, type NextEditCase } from './cases.ts';
import { gitEnvironment, gitOptions } from './gitEnvironment.ts';

export interface GitCaseOptions {
  /** The language identifier that a file's name suggests; files of none are left out. */
  readonly languageOf: (path: string) => string;
  /** Which commits and files are drawn, and where in a commit a case stands. */
  readonly seed: number;
  /** How many of the last commits are looked at. */
  readonly maxCommits?: number;
}

/** Paths that people do not write by hand. */
const notByHand = /(^|\/)(vendor|node_modules|dist|third_party|fixtures)\/|\.min\.|generated|snapshots/;
const maxCharacters = 24_000;
const minCharacters = 200;
/** A commit with more is not one train of thought. */
const maxHunks = 12;
const maxChangedLines = 80;
const maxFiles = 12;

/**
 * Next-edit cases out of a git repository's history: a file with some hunks of a commit made, from the top, and the others
 * still to come; and for each of these the same file when the commit is whole, where nothing remains. Reads objects only: no
 * hook, filter or text conversion of the repository runs. Throws a CaseFileError where there is no repository.
 */
export async function* gitCases(repository: string, options: GitCaseOptions): AsyncGenerator<NextEditCase> {
  const { languageOf, seed, maxCommits = 3000 } = options;
  const draw = (...words: readonly (string | number)[]) =>
    createHash('sha256')
      .update([seed, ...words].join(':'))
      .digest()
      .readUInt32BE(0);
  const commits = await commitsOf(repository, maxCommits);
  for (const { commit, paths } of commits.sort((a, b) => draw(a.commit) - draw(b.commit))) {
    const files = paths.filter((path) => !notByHand.test(path) && languageOf(path) !== '').sort();
    const path = files[draw(commit, 'path') % files.length];
    if (path === undefined || files.length > maxFiles) continue;
    const texts = [await textOf(repository, `${commit}^`, path), await textOf(repository, commit, path)];
    const change = changeOf(texts[0], texts[1]);
    if (!change) continue;
    const { before, hunks, after } = change;
    const made = 1 + (draw(commit, 'made') % (hunks.length - 1));
    for (const count of [made, hunks.length]) {
      yield {
        id: `${commit.slice(0, 10)}:${path}#${count}`,
        lang: languageOf(path),
        path,
        set: count < hunks.length ? 'half-made' : 'finished',
        ...stateAfter(before, after, hunks, count),
      };
    }
  }
}

interface Commit {
  readonly commit: string;
  readonly paths: readonly string[];
}

/** Commits with the files that they modify, the newest first. */
async function commitsOf(repository: string, count: number): Promise<Commit[]> {
  const format = ['--no-merges', '--diff-filter=M', '--name-only', '--format=%x01%H', `--max-count=${count}`];
  const log = await git(repository, ['-c', 'core.quotePath=false', 'log', '--no-ext-diff', ...format]).catch(
    (error: NodeJS.ErrnoException & { stderr?: Buffer }) => {
      const why = error.code === 'ENOENT' ? 'git is not installed' : error.stderr?.toString().trim().split('\n')[0];
      throw new CaseFileError(`${repository}: its history cannot be read: ${why || error.message}`);
    },
  );
  return log
    .toString()
    .split('\x01')
    .flatMap((entry) => {
      const [commit = '', ...paths] = entry.split('\n').filter((line) => line !== '');
      return commit === '' ? [] : [{ commit, paths }];
    });
}

/** A file's text; undefined where there is none, and for what is not UTF-8. */
async function textOf(repository: string, revision: string, path: string): Promise<string | undefined> {
  try {
    const bytes = await git(repository, ['cat-file', 'blob', `${revision}:${path}`]);
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

async function git(repository: string, args: readonly string[]): Promise<Buffer> {
  const { stdout } = await promisify(execFile)('git', ['-C', repository, ...gitOptions, ...args], {
    encoding: 'buffer',
    maxBuffer: 256 * 1024 ** 2,
    env: gitEnvironment(),
  });
  return stdout;
}

interface Change {
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly hunks: readonly LineHunk[];
}

/** A commit's change of one file, where it makes a case: some hunks, not too many, and not of layout alone. */
function changeOf(older: string | undefined, newer: string | undefined): Change | undefined {
  if (older === undefined || newer === undefined || `${older}${newer}`.includes('\r')) return undefined;
  if (older.length < minCharacters || older.length > maxCharacters || newer.length > maxCharacters) return undefined;
  const [before, after] = [older.split('\n'), newer.split('\n')];
  const hunks = hunksOfLines(before, after);
  const changed = hunks.reduce((sum, { start, end, newStart, newEnd }) => sum + end - start + newEnd - newStart, 0);
  if (hunks.length < 2 || hunks.length > maxHunks || changed > maxChangedLines) return undefined;
  const squash = (lines: readonly string[]) => lines.join('').replaceAll(/\s+/g, '');
  const layout = hunks.some(
    ({ start, end, newStart, newEnd }) => squash(before.slice(start, end)) === squash(after.slice(newStart, newEnd)),
  );
  return layout ? undefined : { before, after, hunks };
}

/** How many snapshots an engine is given. */
const maxHistory = 4;

/** The file after the first `made` hunks, with what it was before each of them, and what is still to come. */
function stateAfter(before: readonly string[], after: readonly string[], hunks: readonly LineHunk[], made: number) {
  const withFirst = (count: number): string[] => {
    const last = hunks[count - 1];
    return last ? [...after.slice(0, last.newEnd), ...before.slice(last.end)] : [...before];
  };
  const current = withFirst(made);
  const last = hunks[made - 1];
  const shift = (last?.newEnd ?? 0) - (last?.end ?? 0);
  // Behind what was written last; where lines were only taken out, behind the line above.
  const line = Math.min(Math.max((last?.newEnd ?? 0) - 1, 0), current.length - 1);
  const text = current.slice(0, line + 1).join('\n');
  return {
    history: Array.from({ length: made }, (_, i) => withFirst(i).join('\n')).slice(-maxHistory),
    current: current.join('\n'),
    cursor: [...text].length,
    remaining: hunks.slice(made).map(({ start, end, newStart, newEnd }) => ({
      start: start + shift,
      end: end + shift,
      lines: after.slice(newStart, newEnd),
    })),
  };
}
