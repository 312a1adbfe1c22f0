import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { DataError } from '../dataError.ts';

/** A git that says nothing for so long, in milliseconds, has stalled and is ended. */
const patienceMs = 120_000;
const maxErrorText = 2000;

/**
 * What git is told whatever the repository says: nothing is fetched (a clone without all its blobs would ask for them one by
 * one), nobody is asked, nothing is signed, and no program of the repository's own is run.
 */
const options = ['-c', 'log.showSignature=false', '-c', 'core.fsmonitor=false', '-c', 'core.quotePath=false'];
const environment = {
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_NO_LAZY_FETCH: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_NO_REPLACE_OBJECTS: '1',
  LC_ALL: 'C',
};

/** What an editor or a hook may have set, and would mean another repository. */
const foreign = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_COMMON_DIR',
  'GIT_NAMESPACE',
];

/** One run of git in a repository. Ended when it is disposed of, and when it is silent too long while something is awaited. */
export class GitProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #repository: string;
  readonly #output: AsyncIterator<Buffer>;
  #errorText = '';
  #failure: Error | undefined;

  constructor(repository: string, args: readonly string[]) {
    this.#repository = repository;
    const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
    for (const name of foreign) delete env[name];
    this.#child = spawn('git', ['-C', repository, ...options, ...args], { env, stdio: 'pipe' });
    this.#child.on('error', (error: NodeJS.ErrnoException) => {
      this.#failure = new DataError(
        error.code === 'ENOENT'
          ? 'git is not installed, or not on the PATH'
          : `git cannot be started: ${error.message}`,
      );
    });
    this.#child.stdin.on('error', () => {});
    this.#child.stderr.on('data', (chunk: Buffer) => {
      if (this.#errorText.length < maxErrorText) this.#errorText += chunk.toString('utf8');
    });
    this.#output = this.#child.stdout[Symbol.asyncIterator]();
  }

  write(text: string): void {
    this.#child.stdin.write(text);
  }

  /** The next bytes, or undefined at the end. Throws a DataError for a git that failed or stalled. */
  async read(): Promise<Buffer | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const stalled = new Promise<'stalled'>((resolve) => {
      timer = setTimeout(() => resolve('stalled'), patienceMs);
    });
    const next = await Promise.race([this.#output.next(), stalled]).finally(() => clearTimeout(timer));
    if (next === 'stalled') {
      this.dispose();
      throw new DataError(`git in ${this.#repository} said nothing for ${patienceMs / 1000} seconds`);
    }
    if (!next.done) return next.value;
    const code = await this.#ended();
    if (this.#failure) throw this.#failure;
    if (code !== 0)
      throw new DataError(`git failed in ${this.#repository}: ${this.#errorText.trim() || `exit code ${code}`}`);
    return undefined;
  }

  /** All that comes, as text; `maxBytes` at most. */
  async text(maxBytes = 1024 * 1024): Promise<string> {
    const chunks: Buffer[] = [];
    let length = 0;
    for (let chunk = await this.read(); chunk; chunk = await this.read()) {
      length += chunk.length;
      if (length > maxBytes) {
        this.dispose();
        throw new DataError(`git in ${this.#repository} says more than can be held`);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }

  dispose(): void {
    this.#child.stdin.destroy();
    this.#child.stdout.destroy();
    this.#child.kill('SIGKILL');
  }

  #ended(): Promise<number | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null || this.#failure) return Promise.resolve(exitCode);
    return new Promise((resolve) => {
      this.#child.once('close', (code) => resolve(code));
      this.#child.once('error', () => resolve(null));
    });
  }
}

/** What git prints for these arguments. Throws a DataError where it fails. */
export async function git(repository: string, ...args: readonly string[]): Promise<string> {
  const run = new GitProcess(repository, args);
  try {
    return await run.text();
  } finally {
    run.dispose();
  }
}
