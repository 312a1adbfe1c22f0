import { GitProcess } from './gitProcess.ts';

/** A file that a commit changed, as `git log --raw` has it. */
export interface ChangedFile {
  /** `M` modified, `R` renamed, `A` added, `D` deleted, `T` another type, and so on. */
  readonly status: string;
  readonly oldMode: string;
  readonly newMode: string;
  readonly oldBlob: string;
  readonly newBlob: string;
  /** The name after the commit. */
  readonly path: string;
}

export interface Commit {
  readonly hash: string;
  readonly subject: string;
  readonly files: readonly ChangedFile[];
}

/** A commit that changes more files than this is read to its end, but these are not all kept. */
const maxFiles = 1000;
/** Renames are looked for among so many files of one commit at most: the search is quadratic. */
const renameLimit = 100;
/** A name or a subject longer than this is not read any further, in bytes. */
const maxField = 64 * 1024;

/**
 * The commits that lead to `head`, newest first, without merges: what a merge changes, its parents have said. Streams: one
 * commit is held. `exactRenames` finds renames without reading files. Throws a DataError where git fails.
 */
export async function* commitsOf(repository: string, head: string, exactRenames: boolean): AsyncGenerator<Commit> {
  const log = new GitProcess(repository, [
    ...['log', '--no-merges', '--topo-order', '--raw', '-r', '-z', '--no-abbrev', '--encoding=UTF-8'],
    ...[
      '--no-ext-diff',
      '--no-textconv',
      '--ignore-submodules=none',
      '--no-relative',
      `-l${renameLimit}`,
      exactRenames ? '-M100%' : '-M',
      '--no-color',
    ],
    ...['--format=%x01%H%x00%s', head, '--'],
  ]);
  try {
    let hash: string | undefined;
    let subject = '';
    let files: ChangedFile[] = [];
    let awaited: 'subject' | 'old path' | 'path' | undefined;
    let raw: string[] = [];
    for await (const field of fieldsOf(log)) {
      if (awaited === 'subject') {
        [subject, awaited] = [field, undefined];
      } else if (awaited === 'old path') {
        awaited = 'path';
      } else if (awaited === 'path') {
        awaited = undefined;
        const [oldMode = '', newMode = '', oldBlob = '', newBlob = '', status = ''] = raw;
        if (files.length < maxFiles)
          files.push({ status: status.charAt(0), oldMode, newMode, oldBlob, newBlob, path: field });
      } else if (field.startsWith('\x01')) {
        if (hash !== undefined) yield { hash, subject, files };
        [hash, subject, files, awaited] = [field.slice(1), '', [], 'subject'];
      } else if (field.replace(/^\n/, '').startsWith(':')) {
        raw = field.replace(/^\n?:/, '').split(' ');
        awaited = /^[RC]/.test(raw[4] ?? '') ? 'old path' : 'path';
      }
    }
    if (hash !== undefined) yield { hash, subject, files };
  } finally {
    log.dispose();
  }
}

/** What stands between NUL bytes; bytes that are no UTF-8 become U+FFFD. */
async function* fieldsOf(log: GitProcess): AsyncGenerator<string> {
  let held: Buffer[] = [];
  let length = 0;
  for (let chunk = await log.read(); chunk; chunk = await log.read()) {
    let from = 0;
    for (let at = chunk.indexOf(0); at >= 0; at = chunk.indexOf(0, from)) {
      const last = chunk.subarray(from, at);
      yield (held.length > 0 ? Buffer.concat([...held, last]) : last).toString('utf8');
      [held, length, from] = [[], 0, at + 1];
    }
    if (from < chunk.length && length < maxField) {
      const rest = chunk.subarray(from);
      held.push(rest);
      length += rest.length;
    }
  }
  if (length > 0) yield Buffer.concat(held).toString('utf8');
}
