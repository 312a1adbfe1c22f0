import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from './neovim.ts';
import { keysOf, Terminal } from './terminal.ts';

export interface HelixOptions {
  /** Files of the project by name; the first is opened. */
  readonly files: Readonly<Record<string, string>>;
  /** The user's languages.toml. */
  readonly languages?: string;
  /** Lines for a shell that make the user's settings instead, in the home that Helix then starts in. */
  readonly setUp?: string;
  /** The command of the server, without arguments; the built one when left out. */
  readonly server?: readonly string[];
  /** The user's config.toml; the client's own when left out. */
  readonly config?: string;
  /** Further environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly columns?: number;
  readonly rows?: number;
}

/** languages.toml with ours alone for the languages named, and the hints as the client's recipe has them. */
export const alone = (...languages: string[]): string =>
  [
    '[language-server.cursorcore]',
    'command = "cursorcore-lsp"',
    'args = ["--stdio"]',
    'config = { hintDiagnostics.enable = true }',
    ...languages.map((name) => `[[language]]\nname = "${name}"\nlanguage-servers = ["cursorcore"]`),
  ].join('\n');

/** A real Helix in a real terminal. Its home is an empty folder of its own. */
export class Helix {
  readonly terminal: Terminal;
  readonly #directory: string;

  private constructor(directory: string, terminal: Terminal) {
    this.#directory = directory;
    this.terminal = terminal;
  }

  static async start({
    files,
    languages,
    setUp,
    config,
    server,
    environment = {},
    ...size
  }: HelixOptions): Promise<Helix> {
    const directory = await mkdtemp(join(tmpdir(), 'cursorcore-helix-'));
    const [project, settings, servers] = ['project', '.config/helix', 'bin'].map((name) => join(directory, name));
    if (!project || !settings || !servers) throw new Error('unreachable');
    for (const folder of [project, servers]) await mkdir(folder, { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(project, name), text);
    const words = server ?? [process.execPath, join(repository, 'dist/main.js')];
    const started = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    const command = `#!/bin/sh\necho $$ > '${directory}/server.pid'\nexec ${started} "$@"\n`;
    await writeFile(join(servers, 'cursorcore-lsp'), command);
    await chmod(join(servers, 'cursorcore-lsp'), 0o755);
    const variables = {
      HOME: directory,
      XDG_CONFIG_HOME: join(directory, '.config'),
      XDG_CACHE_HOME: join(directory, 'cache'),
      XDG_DATA_HOME: join(directory, 'data'),
      XDG_STATE_HOME: join(directory, 'state'),
      CURSORCORE_CACHE: join(directory, 'cache'),
      COLORTERM: 'truecolor',
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
      PATH: `${servers}:${process.env.PATH}`,
      ...environment,
    };
    if (setUp === undefined) {
      await mkdir(settings, { recursive: true });
      await writeFile(join(settings, 'languages.toml'), languages ?? '');
      await writeFile(
        join(settings, 'config.toml'),
        config ?? (await readFile(join(repository, 'clients/helix/config.toml'))),
      );
    } else {
      execFileSync('sh', ['-ec', setUp], { env: { ...process.env, ...variables }, stdio: 'pipe' });
    }
    const terminal = new Terminal({
      command: process.env.CURSORCORE_HX ?? 'hx',
      args: Object.keys(files).slice(0, 1),
      cwd: project,
      columns: size.columns ?? 110,
      rows: size.rows ?? 24,
      environment: variables,
    });
    const helix = new Helix(directory, terminal);
    try {
      await helix.mode('NOR');
    } catch (error) {
      await helix.stop();
      throw error;
    }
    return helix;
  }

  /** The screen's last line, where messages are. */
  get message(): string {
    return this.terminal.rows().at(-1) ?? '';
  }

  mode(name: string): Promise<void> {
    return this.terminal.until(`mode ${name}`, () => this.terminal.rows().at(-2)?.startsWith(` ${name} `) === true);
  }

  /** Types keys one after another, as a person who does not wait. */
  async type(keys: string): Promise<void> {
    for (const key of keysOf(keys)) this.terminal.press(key);
  }

  /** Types a command line. */
  async command(line: string): Promise<void> {
    await this.type(`:${line}`);
    await this.terminal.until(`the prompt has :${line}`, () => this.message === `:${line}`);
    await this.type('<CR>');
  }

  /** Waits until the last line says something. */
  says(what: string | RegExp): Promise<void> {
    return this.terminal.until(`it says ${what}`, () => {
      return typeof what === 'string' ? this.message.includes(what) : what.test(this.message);
    });
  }

  /** Waits until the screen shows something. */
  shows(what: string | RegExp): Promise<void> {
    return this.terminal.until(`the screen shows ${what}`, () => {
      const text = this.terminal.text();
      return typeof what === 'string' ? text.includes(what) : what.test(text);
    });
  }

  /**
   * Waits until a hint is shown after the first line was changed. On a machine with too much to do it was sometimes not on the
   * screen, and it is not known why: once the server's log had no request, once it had the prediction. It comes with the next
   * change, here a blank that comes and goes.
   */
  async hints(what: string): Promise<void> {
    const isShown = () => this.terminal.text().includes(what);
    try {
      await this.terminal.until(`the screen shows ${what}`, isShown, 10_000);
    } catch {
      await this.type('ggI <BS><Esc>');
      await this.shows(what);
    }
  }

  /** Waits until the server serves, which is when it can say so. */
  async served(): Promise<void> {
    for (;;) {
      await this.command('lsp-workspace-command cursorcore.status');
      await this.says(/^(cursorcore-lsp \d|`cursorcore.status` is not supported)/);
      if (this.message.startsWith('cursorcore-lsp')) return;
    }
  }

  /** Writes the buffer, which has been changed, and gives the text of its file. */
  async written(name: string): Promise<string> {
    await this.command('w');
    // The status line without the mark of a changed buffer; while the prompt is open there are suggestions in its place.
    await this.terminal.until('it is written', () => /^ NOR (?!.*\[\+\])/.test(this.terminal.rows().at(-2) ?? ''));
    return this.read(name);
  }

  /** The text of a file of the project as it is on the disk. */
  read(name: string): Promise<string> {
    return readFile(join(this.project, name), 'utf8');
  }

  /** The folder of the project. */
  get project(): string {
    return join(this.#directory, 'project');
  }

  /** The process of the server that was started last. */
  async serverPid(): Promise<number> {
    return Number(await readFile(join(this.#directory, 'server.pid'), 'utf8'));
  }

  async stop(): Promise<void> {
    await this.terminal.stop();
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}
