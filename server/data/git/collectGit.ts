import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { codeLanguageOf } from '../../../shared/languageId.ts';
import { DataError, type Tally } from '../dataError.ts';
import { DataExclusion, hideSecrets } from '../privacy.ts';
import { type Process, schemaVersion } from '../records.ts';
import type { ResumableOutput } from '../resumable.ts';
import { type Blob, BlobReader } from './blobs.ts';
import { instructionOf } from './commitSubject.ts';
import { git } from './gitProcess.ts';
import { type ChangedFile, type Commit, commitsOf } from './history.ts';
import { allows, licenceOf } from './licence.ts';

/** Which commits become processes; after what EditPackFT keeps: one file, a message that says something, a size that fits. */
export interface GitFilters {
  /** UTF-16 code units of a text. */
  readonly minSize: number;
  readonly maxSize: number;
  /** Lines taken out and put in. */
  readonly maxChangedLines: number;
  /** Files of the commit that the program knows the language of. */
  readonly maxFiles: number;
  /** Processes from one file, so that one that is changed every day is not learned by heart. */
  readonly maxPerFile: number;
  /** Processes from one repository. */
  readonly maxPerRepository: number;
  /** `any`, `permissive`, or SPDX identifiers separated by commas. */
  readonly licence: string;
  /** Whether a commit without a message that could be an instruction is taken all the same, without one. */
  readonly anyMessage: boolean;
}

export const gitFilters: GitFilters = {
  minSize: 100,
  maxSize: 24_000,
  maxChangedLines: 120,
  maxFiles: 1,
  maxPerFile: 20,
  maxPerRepository: 5000,
  licence: 'permissive',
  anyMessage: false,
};

export interface Repository {
  readonly path: string;
  /** What it is called in records; not the path, which is of this machine. */
  readonly name: string;
  readonly head: string;
  readonly licence: string;
  readonly shallow: boolean;
  /** Whether it was cloned without all its files: then git must not look into them for renames. */
  readonly partial: boolean;
}

/** Looks at a repository, named `PATH` or `PATH=NAME`. Throws a DataError where it is none, or has no commits. */
export async function openRepository(spec: string): Promise<Repository> {
  const named = existsSync(spec) ? undefined : /^(.+)=([^=/\\]+(?:\/[^=/\\]+)?)$/s.exec(spec);
  const [path, given] = named ? [named[1] ?? spec, named[2]] : [spec, undefined];
  if (!existsSync(path)) throw new DataError(`${path} cannot be read: no such file`);
  const head = (await git(path, 'rev-parse', '--verify', '--end-of-options', 'HEAD^{commit}')).trim();
  const shallow = (await git(path, 'rev-parse', '--is-shallow-repository')).trim() === 'true';
  const partial = await isPartial(path);
  return { path, name: given ?? nameOf(path), head, licence: await licenceOf(path, head), shallow, partial };
}

/** Whether the clone leaves files out, to fetch them when they are wanted (`git clone --filter`). */
async function isPartial(path: string): Promise<boolean> {
  const settings = await git(path, 'config', '--list', '--name-only');
  return /^(?:extensions\.partialclone|remote\..*\.promisor)$/im.test(settings);
}

function nameOf(path: string): string {
  const name = basename(path.replace(/[\\/]+$/, '').replace(/[\\/]\.git$/, '')).replace(/\.git$/, '');
  return name || 'repository';
}

/** Where a run was: repositories done, commits of the next one done, and how much came of each of its files. */
export interface GitState {
  readonly repository: number;
  readonly head: string;
  readonly commits: number;
  readonly taken: number;
  readonly perFile: Readonly<Record<string, number>>;
}

const empty: GitState = { repository: 0, head: '', commits: 0, taken: 0, perFile: {} };

/**
 * Writes the processes of the repositories' histories, commit by commit, the newest first; every commit is one unit. Goes on
 * where an earlier run was, with the commits that there were then.
 */
export async function collectGit(
  repositories: readonly Repository[],
  filters: GitFilters,
  output: ResumableOutput,
  { limit, progress }: { readonly limit: number; readonly progress?: (note: string) => void },
): Promise<void> {
  let state = (output.stateBefore as GitState | null) ?? empty;
  for (const [index, opened] of repositories.entries()) {
    if (index < state.repository) continue;
    const repository = state.head === '' ? opened : { ...opened, head: state.head };
    if (!allows(filters.licence, repository.licence)) {
      output.counts.add(`repository left out: licence ${repository.licence}`);
    } else {
      const collector = new RepositoryCollector(repository, filters, output, state);
      const isEnough = () => output.counts.get('processes') >= limit || collector.isFull;
      try {
        await collector.takeAll(isEnough, async () => {
          await output.endUnit(() => collector.state(index));
          progress?.(`${repository.name}: ${output.counts.get('processes')} processes`);
        });
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        output.counts.add(`repository broken off: ${error.message.split('\n')[0]}`);
      } finally {
        collector.dispose();
      }
    }
    state = { ...empty, repository: index + 1 };
    await output.checkpoint(state);
  }
  await output.checkpoint(state, true);
}

class RepositoryCollector {
  readonly #repository: Repository;
  readonly #filters: GitFilters;
  readonly #output: ResumableOutput;
  readonly #counts: Tally;
  readonly #blobs: BlobReader;
  readonly #exclusion = new DataExclusion();
  readonly #perFile: Map<string, number>;
  #skip: number;
  #commits = 0;
  #taken: number;

  constructor(repository: Repository, filters: GitFilters, output: ResumableOutput, state: GitState) {
    this.#repository = repository;
    this.#filters = filters;
    this.#output = output;
    this.#counts = output.counts;
    this.#blobs = new BlobReader(repository.path);
    this.#perFile = new Map(Object.entries(state.perFile));
    this.#skip = state.commits;
    this.#taken = state.taken;
  }

  get isFull(): boolean {
    return this.#taken >= this.#filters.maxPerRepository;
  }

  state(repository: number): GitState {
    const { head } = this.#repository;
    return { repository, head, commits: this.#commits, taken: this.#taken, perFile: Object.fromEntries(this.#perFile) };
  }

  dispose(): void {
    this.#blobs.dispose();
  }

  /** Looks at the commits that no earlier run has seen, until it is enough; `done` is called after each. */
  async takeAll(isEnough: () => boolean, done: () => Promise<void>): Promise<void> {
    const { path, head, partial } = this.#repository;
    for (const exactRenames of partial ? [true] : [false, true]) {
      try {
        for await (const commit of commitsOf(path, head, exactRenames)) {
          if (isEnough()) return;
          if (++this.#commits <= this.#skip) continue;
          this.#counts.add('commits');
          const reason = await this.#record(commit);
          if (reason !== undefined) this.#counts.add(`left out: ${reason}`);
          await done();
        }
        return;
      } catch (error) {
        // A file that is not there, or damaged, and that was looked into for a rename: from there on without.
        if (exactRenames || !(error instanceof DataError)) throw error;
        this.#counts.add('repositories whose renames could not all be followed');
        [this.#skip, this.#commits] = [Math.max(this.#skip, this.#commits), 0];
      }
    }
  }

  /** Writes what the commit gives, or says why it gives nothing. */
  async #record({ hash, subject, files }: Commit): Promise<string | undefined> {
    const known = files.filter(({ path }) => codeLanguageOf(path) !== '');
    const usable = known.filter(isChanged);
    if (usable.length === 0) return whyNone(files, known);
    if (known.length > this.#filters.maxFiles) return 'changes several files';
    const message = instructionOf(subject);
    if (message === undefined && !this.#filters.anyMessage) return 'its message says too little';
    const reasons: string[] = [];
    let count = 0;
    for (const file of usable) {
      const process = await this.#process(hash, file, message);
      if (typeof process === 'string') reasons.push(process);
      else {
        this.#output.add(process);
        this.#counts.add('processes');
        this.#counts.add('secrets hidden', process.masked);
        this.#perFile.set(file.path, (this.#perFile.get(file.path) ?? 0) + 1);
        this.#taken++;
        count++;
      }
    }
    return count > 0 ? undefined : reasons[0];
  }

  async #process(hash: string, file: ChangedFile, message: string | undefined): Promise<Process | string> {
    const { path, oldBlob, newBlob } = file;
    if ((this.#perFile.get(path) ?? 0) >= this.#filters.maxPerFile) return 'enough was taken from its file';
    const byName = this.#exclusion.nameReason(path);
    if (byName !== undefined) return byName;
    const texts: string[] = [];
    for (const blob of [oldBlob, newBlob]) {
      const text = this.#text(await this.#blobs.read(blob, this.#filters.maxSize * 4));
      if (typeof text !== 'string') return text.problem;
      texts.push(text);
    }
    const hidden = hideSecrets([...texts, message ?? '']);
    const [before = '', after = '', said = ''] = hidden.texts;
    if (before === after) return 'changes nothing that is left';
    if (changedLines(before, after) > this.#filters.maxChangedLines) return 'changes too many lines';
    return {
      kind: 'process',
      version: schemaVersion,
      id: `git:${this.#repository.name}@${hash.slice(0, 12)}:${path}`,
      source: 'git',
      language: codeLanguageOf(path),
      path,
      licence: this.#repository.licence,
      snippets: [before, after],
      ...(said === '' ? {} : { message: said }),
      masked: hidden.count,
    };
  }

  #text(blob: Blob): string | { problem: string } {
    if (blob === 'missing') return { problem: 'not all of it is in this clone' };
    if (blob === 'too large') return { problem: 'too large' };
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(blob).replaceAll('\r\n', '\n');
    } catch {
      return { problem: 'not UTF-8' };
    }
    if (text.includes('\r')) return { problem: 'has carriage returns inside lines' };
    if (text.length < this.#filters.minSize) return { problem: 'too small' };
    if (text.length > this.#filters.maxSize) return { problem: 'too large' };
    const reason = this.#exclusion.contentReason(text);
    return reason === undefined ? text : { problem: reason.split(':')[0] ?? reason };
  }
}

const regular = /^100/;
const submodule = '160000';

function isChanged({ status, oldMode, newMode, oldBlob, newBlob }: ChangedFile): boolean {
  return (status === 'M' || status === 'R') && regular.test(oldMode) && regular.test(newMode) && oldBlob !== newBlob;
}

function whyNone(files: readonly ChangedFile[], known: readonly ChangedFile[]): string {
  if (files.length === 0) return 'changes no file';
  if (files.every(({ newMode, oldMode }) => newMode === submodule || oldMode === submodule))
    return 'changes a submodule';
  if (known.length === 0) return 'changes no file in a language that is known';
  if (known.every(({ status }) => status === 'R')) return 'only renames';
  return 'only adds or deletes files, or changes what they are';
}

/** How many lines go and come, roughly: those that do not stand in the other text as often. */
function changedLines(before: string, after: string): number {
  const counts = new Map<string, number>();
  for (const line of before.split('\n')) counts.set(line, (counts.get(line) ?? 0) + 1);
  for (const line of after.split('\n')) counts.set(line, (counts.get(line) ?? 0) - 1);
  let sum = 0;
  for (const count of counts.values()) sum += Math.abs(count);
  return sum;
}

/** Opens what is named on the command line. Throws a DataError for a name that two have: ids would be equal. */
export async function openRepositories(specs: readonly string[]): Promise<Repository[]> {
  const repositories: Repository[] = [];
  for (const spec of specs) repositories.push(await openRepository(spec));
  const names = new Set<string>();
  for (const { name, path } of repositories) {
    if (names.has(name))
      throw new DataError(`two repositories are called ${name}; name one of them: ${path}=OWNER/NAME`);
    names.add(name);
  }
  return repositories;
}
