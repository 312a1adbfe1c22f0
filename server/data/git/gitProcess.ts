import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { gitEnvironment, gitOptions } from '../../eval/gitEnvironment.ts';
import { DataError } from '../dataError.ts';

/** A git that says nothing for so long, in milliseconds, has stalled and is ended. */
const patienceMs = 120_000;
const maxErrorText = 2000;

/** One run of git in a repository. Ended when it is disposed of, and when it is silent too long while something is awaited. */
export class GitProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #repository: string;
  readonly #output: AsyncIterator<Buffer>;
  #errorText = '';
  #failure: Error | undefined;

  constructor(repository: string, args: readonly string[]) {
    this.#repository = repository;
    this.#child = spawn('git', ['-C', repository, ...gitOptions, ...args], { env: gitEnvironment(), stdio: 'pipe' });
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
