import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export const repository = resolve(import.meta.dirname, '../../..');
export const packageDirectory = join(repository, 'clients/emacs');
/** Where installEmacs.sh has put Emacs, the terminal and what else the tests run. */
export const installed =
  process.env.CURSORCORE_EMACS_DIR ??
  join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? '', '.cache'), 'cursorcore-lsp/sid-emacs');

/** How long anything may take before a test gives up: generous, since a loaded machine is slow and not wrong. */
const deadlineMs = 60_000;

/** A row of the terminal with blanks for the tabs that Emacs has moved the cursor by. */
const expandTabs = (row: string) =>
  row.replace(/[^\t]*\t/g, (cells) => cells.slice(0, -1).padEnd(8 * Math.ceil(cells.length / 8)));

const environment = (directory: string) => ({
  ...process.env,
  HOME: directory,
  XDG_CONFIG_HOME: join(directory, 'config'),
  CURSORCORE_CACHE: join(directory, 'cache'),
  TERM: 'xterm-256color',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
});

/** Runs Emacs without a screen, in a home of its own; both streams together. Throws where it fails. */
export async function batch(args: readonly string[], cwd: string): Promise<string> {
  const { stdout, stderr } = await run(join(installed, 'bin/emacs'), ['-Q', '--batch', ...args], {
    cwd,
    env: environment(cwd),
    timeout: 110_000,
  });
  return stdout + stderr;
}

/** Sets the package up as README says, without the look for the program. */
export const setUp = `(add-to-list 'load-path ${JSON.stringify(packageDirectory)})
(require 'cursorcore)
(global-cursorcore-mode)
`;

export interface Options {
  /** Files of the project by name; the first is opened. */
  readonly files: Readonly<Record<string, string>>;
  /** Lisp that is the user's init.el; `setUp` when left out. */
  readonly init?: string;
  /** Columns and rows of the terminal. */
  readonly columns?: number;
  readonly rows?: number;
}

const defaults = `(setq inhibit-startup-screen t make-backup-files nil auto-save-default nil create-lockfiles nil
      server-socket-dir (expand-file-name "~/socket") use-short-answers t)
`;

/** A real Emacs in a real terminal (tmux), driven by keys. Its home is an empty folder of its own. */
export class Emacs {
  readonly directory: string;
  readonly project: string;

  private constructor(directory: string) {
    this.directory = directory;
    this.project = join(directory, 'project');
  }

  static async start({ files, init = setUp, columns = 90, rows = 30 }: Options): Promise<Emacs> {
    const emacs = new Emacs(await mkdtemp(join(tmpdir(), 'cc-emacs-')));
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(emacs.project, name)), { recursive: true });
      await writeFile(join(emacs.project, name), text);
    }
    await mkdir(join(emacs.directory, 'socket'), { mode: 0o700 });
    await writeFile(join(emacs.directory, 'init.el'), `${defaults}${init}\n(server-start)\n`);
    const command = [join(installed, 'bin/emacs'), '-nw', '-Q', '-l', '../init.el', Object.keys(files)[0] ?? ''];
    await emacs.#tmux('new-session', '-d', '-x', `${columns}`, '-y', `${rows}`, '-c', emacs.project, command.join(' '));
    await emacs.until('Emacs is up', async () => (await emacs.lisp('1').catch(() => '')) === '1');
    return emacs;
  }

  #tmux(...args: string[]): Promise<{ stdout: string }> {
    return run(join(installed, 'bin/tmux'), ['-S', join(this.directory, 'tmux'), '-f', '/dev/null', ...args], {
      env: environment(this.directory),
      cwd: this.directory,
    });
  }

  /** Presses keys one after the other, by tmux's names: `C-e`, `M-f`, `Tab`, `BTab`, `Enter`. */
  async press(...keys: string[]): Promise<void> {
    // A semicolon of its own would end tmux's command.
    await this.#tmux('send-keys', ...keys.map((key) => (key === ';' ? '\\;' : key)));
    await this.#handled();
  }

  /** Types text; each character is a key. */
  async type(text: string): Promise<void> {
    await this.#tmux('send-keys', '-l', '--', text);
    await this.#handled();
  }

  /** Waits until Emacs has read the keys: it answers its server only then. */
  async #handled(): Promise<void> {
    await this.lisp('1').catch(() => '');
  }

  /** What an expression evaluates to, printed, in the buffer of the selected window. */
  async lisp(expression: string): Promise<string> {
    const socket = join(this.directory, 'socket/server');
    const inBuffer = `(with-current-buffer (window-buffer (selected-window)) ${expression})`;
    const { stdout } = await run(join(installed, 'bin/emacsclient'), ['-s', socket, '--eval', inBuffer], {
      env: environment(this.directory),
      timeout: 20_000,
    });
    return stdout.trimEnd();
  }

  /** The text of the buffer, through a file: what is printed is escaped. */
  async text(): Promise<string> {
    const file = join(this.directory, 'text');
    await this.lisp(
      `(let ((coding-system-for-write 'utf-8-unix)) (write-region nil nil ${JSON.stringify(file)} nil 'silent))`,
    );
    return readFile(file, 'utf8');
  }

  /** Rows of the screen, without trailing blanks; with the terminal's escape sequences if `styled`. */
  async screen(styled = false): Promise<string[]> {
    const { stdout } = await this.#tmux('capture-pane', '-p', ...(styled ? ['-e'] : []));
    return stdout.split('\n').map((row) => expandTabs(row).trimEnd());
  }

  /** Rows of the screen as a terminal can draw them again: every cell, with the escape sequences. */
  async captured(): Promise<string[]> {
    const { stdout } = await this.#tmux('capture-pane', '-p', '-e', '-N');
    return stdout.replace(/\n$/, '').split('\n');
  }

  /** Where the terminal's cursor is, counted from 0. */
  async cursor(): Promise<{ row: number; column: number }> {
    const { stdout } = await this.#tmux('display-message', '-p', '#{cursor_y} #{cursor_x}');
    const [row = 0, column = 0] = stdout.split(' ').map(Number);
    return { row, column };
  }

  /** Whether a text is somewhere on the screen. */
  async shows(text: string): Promise<boolean> {
    return (await this.screen()).join('\n').includes(text);
  }

  /** Polls until a condition holds. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + deadlineMs;
    while (!(await holds())) {
      if (Date.now() > end) {
        const rows = await this.screen().catch(() => ['no screen']);
        throw new Error(`waited in vain: ${what}. Screen:\n${rows.join('\n')}`);
      }
      await new Promise((wake) => setTimeout(wake, 30));
    }
  }

  untilShows(text: string): Promise<void> {
    return this.until(`${text} on the screen`, () => this.shows(text));
  }

  /** Waits until the server serves the buffer. */
  attached(): Promise<void> {
    return this.until(
      'the server serves the buffer',
      async () => (await this.lisp('(and cursorcore-server-uri t)')) === 't',
    );
  }

  /**
   * Waits until the server has answered about the text as it is: it is asked once more, so that "nothing is shown" is
   * an answer and not a matter of time.
   */
  async settled(): Promise<void> {
    await this.lisp('(progn (cursorcore-offer-ask) t)');
    await this.until(
      'the server has answered',
      async () =>
        (await this.lisp('(not (or cursorcore-offer--timer cursorcore-offer--request cursorcore-server--changes))')) ===
        't',
    );
  }

  /** What the mode line says of the client, such as `*` or `↓12`. */
  async state(): Promise<string> {
    return JSON.parse(await this.lisp('(or (cursorcore-state) "")')) as string;
  }

  async stop(): Promise<void> {
    await this.#tmux('kill-server').catch(() => undefined);
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

/** Editors that a test file started, to be stopped after each test. */
export class EmacsSessions {
  readonly #open: Emacs[] = [];

  async start(options: Options): Promise<Emacs> {
    const emacs = await Emacs.start(options);
    this.#open.push(emacs);
    return emacs;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#open.splice(0).map((emacs) => emacs.stop()));
  }
}

/** Renames the function in line 1 the way a person does. */
export async function rename(emacs: Emacs): Promise<void> {
  await emacs.attached();
  await emacs.press('M-<', 'M-f', 'C-f', 'M-d');
  await emacs.type('grandTotal');
  await emacs.until('an edit below is offered', async () => (await emacs.state()).startsWith('↓'));
}

/** Takes what is offered with TAB until nothing is offered any more. Something has to be; on a busy machine it may take a while. */
export async function tabThrough(emacs: Emacs): Promise<void> {
  await emacs.until('something is offered', async () => {
    await emacs.settled();
    return (await emacs.state()) !== '';
  });
  for (let presses = 0; presses < 20; presses++) {
    await emacs.settled();
    if ((await emacs.state()) === '') return;
    await emacs.press('Tab');
  }
  throw new Error('still offering after 20 keys');
}
