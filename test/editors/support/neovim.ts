import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { Rpc } from './rpc.ts';
import { Screen } from './screen.ts';

export const repository = resolve(import.meta.dirname, '../../..');
export const pluginDirectory = join(repository, 'clients/neovim');

/** How long anything may take before a test gives up: generous, since a loaded machine is slow and not wrong. */
const deadlineMs = 30_000;

export interface Options {
  /** Files of the project by name; the first is opened. */
  readonly files: Readonly<Record<string, string>>;
  /** Lua that is run as the user's init.lua. */
  readonly init?: string;
  /** Folders put on the runtime path; the plugin alone when left out. */
  readonly plugins?: readonly string[];
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** A real Neovim with a real screen, driven over its RPC. Its home is an empty folder of its own. */
export class Neovim {
  readonly screen = new Screen();
  readonly directory: string;
  readonly #process: ChildProcess;
  readonly #rpc: Rpc;

  private constructor(directory: string, process: ChildProcess) {
    if (!process.stdin || !process.stdout) throw new Error('the editor has no streams');
    this.directory = directory;
    this.#process = process;
    process.on('error', () => process.stdin?.destroy());
    this.#rpc = new Rpc(process.stdout, process.stdin, (method, args) => {
      if (method === 'redraw') this.screen.redraw(args);
    });
  }

  static async start(options: Options): Promise<Neovim> {
    const directory = await mkdtemp(join(tmpdir(), 'cursorcore-neovim-'));
    const project = join(directory, 'project');
    const names = Object.keys(options.files);
    await mkdir(project, { recursive: true });
    for (const [name, text] of Object.entries(options.files)) {
      await mkdir(dirname(join(project, name)), { recursive: true });
      await writeFile(join(project, name), text);
    }
    const init = join(directory, 'init.lua');
    const paths = (options.plugins ?? [pluginDirectory]).map((path) => `vim.opt.rtp:prepend(${JSON.stringify(path)})`);
    await writeFile(init, [...paths, options.init ?? ''].join('\n'));

    const command = process.env.CURSORCORE_NVIM ?? 'nvim';
    const child = spawn(command, ['--embed', '-u', init, '-i', 'NONE', '-n', ...names.slice(0, 1)], {
      cwd: project,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        HOME: directory,
        XDG_CONFIG_HOME: join(directory, 'config'),
        XDG_DATA_HOME: join(directory, 'data'),
        XDG_STATE_HOME: join(directory, 'state'),
        XDG_CACHE_HOME: join(directory, 'cache'),
        CURSORCORE_CACHE: join(directory, 'cache'),
        XDG_RUNTIME_DIR: directory,
        NVIM_LOG_FILE: join(directory, 'nvim.log'),
        LANG: 'C.UTF-8',
        LC_ALL: 'C.UTF-8',
        ...options.environment,
      },
    });
    const neovim = new Neovim(directory, child);
    await neovim.request('nvim_ui_attach', options.columns ?? 90, options.rows ?? 24, {
      ext_linegrid: true,
      rgb: true,
    });
    return neovim;
  }

  /** One call of Neovim's API. */
  async request(method: string, ...args: unknown[]): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new Error(`${method} got no answer. Screen:\n${this.screen.text()}`)),
        deadlineMs,
      );
    });
    try {
      return await Promise.race([this.#rpc.request(method, args), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Runs Lua; `...` in it are the arguments. */
  lua<T = unknown>(code: string, ...args: unknown[]): Promise<T> {
    return this.request('nvim_exec_lua', code, args) as Promise<T>;
  }

  /** Runs an Ex command and gives back what it prints. */
  async command(command: string): Promise<string> {
    const result = (await this.request('nvim_exec2', command, { output: true })) as { output?: string };
    return result.output ?? '';
  }

  /** Types keys one by one, each handled before the next, as a person's are. `<` begins a key name such as `<Esc>`. */
  async type(keys: string): Promise<void> {
    for (const key of keys.match(/<[^<>\s]+>|[\s\S]/g) ?? []) {
      await this.request('nvim_input', key === '\n' ? '<CR>' : key);
      await this.#handled();
    }
  }

  /** Waits until the typed keys are handled, or are the beginning of a command that waits for more, such as `d` or `2`. */
  async #handled(): Promise<void> {
    let handled = false;
    const answer = this.#rpc.request('nvim_eval', ['1']).then(
      () => {
        handled = true;
      },
      () => {
        handled = true;
      },
    );
    const end = Date.now() + deadlineMs;
    while (!handled) {
      await Promise.race([answer, new Promise((wake) => setTimeout(wake, 5))]);
      if (handled) return;
      const mode = (await this.request('nvim_get_mode')) as { blocking: boolean };
      if (mode.blocking) return;
      if (Date.now() > end) throw new Error(`keys were not handled. Screen:\n${this.screen.text()}`);
    }
  }

  /** The lines of the current buffer. */
  lines(): Promise<string[]> {
    return this.request('nvim_buf_get_lines', 0, 0, -1, true) as Promise<string[]>;
  }

  /** Polls until a condition holds. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    const end = Date.now() + deadlineMs;
    while (!(await holds())) {
      if (Date.now() > end) {
        throw new Error(
          `waited in vain: ${what}. Messages:\n${await this.command('messages')}\nScreen:\n${this.screen.text()}`,
        );
      }
      await new Promise((wake) => setTimeout(wake, 10));
    }
  }

  /** Waits until the server serves the current buffer. */
  async attached(name = 'cursorcore'): Promise<void> {
    const code =
      'local c = vim.lsp.get_clients({ name = ..., bufnr = 0 })[1]; return c ~= nil and c.initialized == true';
    await this.until('the server serves the buffer', () => this.lua<boolean>(code, name));
  }

  async stop(): Promise<void> {
    const quit = new Promise((done) => this.#process.once('exit', done));
    this.#rpc.request('nvim_command', ['qall!']).catch(() => undefined);
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), 10_000);
    if (this.#process.exitCode === null && this.#process.signalCode === null) await quit;
    clearTimeout(timer);
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
