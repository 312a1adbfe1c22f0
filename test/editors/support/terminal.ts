import { type ChildProcess, spawn } from 'node:child_process';
import xterm from '@xterm/headless';

/** How long anything may take before a test gives up: generous, since a loaded machine is slow and not wrong. */
const deadlineMs = 60_000;

export interface TerminalOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly columns: number;
  readonly rows: number;
}

const named: Readonly<Record<string, string>> = {
  // As terminals send it that tell it from Alt, so that what is typed at once behind it is not taken for a chord.
  '<Esc>': '\x1b[27u',
  '<CR>': '\r',
  '<Tab>': '\t',
  '<BS>': '\x7f',
  '<Down>': '\x1b[B',
  '<Space>': ' ',
};

/** The bytes that a terminal sends for a key: a character, or a name such as `<Esc>`, `<C-n>` or `<A-n>`. */
function bytesOf(key: string): string {
  const chord = /^<([CA])-(.)>$/.exec(key);
  if (!chord) return named[key] ?? key;
  const [, modifier, character = ''] = chord;
  return modifier === 'A' ? `\x1b${character}` : String.fromCharCode(character.toUpperCase().charCodeAt(0) & 0x1f);
}

/** Keys as they are written in tests, one by one. `<` begins a key name where a `>` follows without blanks between. */
export const keysOf = (keys: string): string[] => keys.match(/<[A-Z][^<>\s]*>|[\s\S]/gu) ?? [];

/** A program in a real terminal: what it writes is drawn by xterm.js, what is typed reaches it as from a keyboard. */
export class Terminal {
  readonly #screen: xterm.Terminal;
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  #running = true;

  constructor({ command, args, cwd, environment, columns, rows }: TerminalOptions) {
    this.#screen = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true });
    const quoted = [command, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
    // `script` is on every Debian machine and gives the program a terminal of its own.
    const shell = `stty rows ${rows} cols ${columns}; exec ${quoted}`;
    this.#process = spawn('script', ['--quiet', '--flush', '--return', '--command', shell, '/dev/null'], {
      cwd,
      env: { ...process.env, TERM: 'xterm-256color', SHELL: '/bin/sh', ...environment },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdout?.on('data', (data: Buffer) => this.#screen.write(data));
    // A program that has quit takes no more keys; the test sees that on the screen.
    this.#process.stdin?.on('error', () => undefined);
    this.#exited = new Promise((resolve) => {
      const done = () => {
        this.#running = false;
        resolve();
      };
      this.#process.once('exit', done).once('error', done);
    });
    // What the terminal answers when it is asked what it is.
    this.#screen.onData((answer) => this.#process.stdin?.write(answer));
  }

  /** What is drawn, for who wants more of it than text. */
  get screen(): xterm.Terminal {
    return this.#screen;
  }

  get running(): boolean {
    return this.#running;
  }

  /** Sends one key. */
  press(key: string): void {
    this.#process.stdin?.write(bytesOf(key));
  }

  /** Rows of text without trailing blanks. */
  rows(): string[] {
    const { active } = this.#screen.buffer;
    return Array.from({ length: this.#screen.rows }, (_, row) => {
      return (
        active
          .getLine(active.viewportY + row)
          ?.translateToString(true)
          .trimEnd() ?? ''
      );
    });
  }

  text(): string {
    return this.rows().join('\n');
  }

  /** Polls until a condition holds. */
  async until(what: string, holds: () => boolean | Promise<boolean>, withinMs = deadlineMs): Promise<void> {
    const end = Date.now() + withinMs;
    while (!(await holds())) {
      if (!this.#running || Date.now() > end) throw new Error(`waited in vain: ${what}. Screen:\n${this.text()}`);
      await new Promise((wake) => setTimeout(wake, 20));
    }
  }

  /** Ends the program if it has not quit. */
  async stop(): Promise<void> {
    // The terminal goes, as where its window is closed; asked to end itself, `script` waits for seconds.
    if (this.#running) this.#process.kill('SIGKILL');
    await this.#exited;
    this.#screen.dispose();
  }
}
