import { type ChildProcess, fork } from 'node:child_process';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { EngineError } from '../../shared/errors.ts';
import type { HostRequest, HostResponse } from './hostProtocol.ts';
import { parseResponse } from './messages.ts';
import { HostDied } from './modelHost.ts';
import { pulseDescriptor, pulseVariable, Sign } from './pulseProtocol.ts';
import { noTelemetry } from './runtime.ts';
import { SilenceWatch } from './silenceWatch.ts';

export interface HostProcessOptions {
  readonly script: URL;
  /** How long, in milliseconds, a working host may be silent. */
  readonly silenceMs: number;
  readonly onMessage: (response: HostResponse) => void;
  /** The process ended or hangs: a HostDied, unless it could not be started at all. */
  readonly onEnd: (error: EngineError) => void;
}

/** Maximum length of the process output kept to explain its end. */
const tailLength = 2_000;

/**
 * For glibc's allocator: memory freed by a run is returned to the system, not kept in fragments, but not page by page.
 * With a threshold of 256 KiB the keys and values of each token were mapped again, and decoding took 2.5 times as
 * long (`npm run bench:host`).
 */
const allocatorSettings = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '4194304',
  MALLOC_TRIM_THRESHOLD_: '67108864',
};

/**
 * Megabytes for JavaScript: the largest tokenizers take a third of it. Weights and cache are not counted.
 */
const heapLimit = '--max-old-space-size=1024';

/** The child process itself: its channel, its output, whether it is alive, and why it ended. */
export class HostProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;
  readonly #watch: SilenceWatch;
  /** The requests not answered yet, whether or not somebody still waits; 0 for the setup. */
  readonly #owed = new Set<number>();
  #printed = '';

  constructor({ script, silenceMs, onMessage, onEnd }: HostProcessOptions) {
    this.#child = fork(fileURLToPath(script), [], {
      execArgv: [heapLimit, ...loaderArguments(script)],
      env: { ...allocatorSettings, ...process.env, ...noTelemetry, [pulseVariable]: '1' },
      // Output of native code must not reach our standard output, which LSP uses.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    });
    const hangs = (what: string) => onEnd(new HostDied(`the model host ${what}`, { topic: 'host hangs' }));
    this.#watch = new SilenceWatch({
      silenceMs,
      onSilence: () => hangs('gave no sign of life any more and was ended'),
    });
    this.#child.stdio[pulseDescriptor]?.on('data', (signs: Buffer) => {
      this.#watch.heard();
      if (signs.includes(Sign.stuck)) hangs('did not come back from loading or running the model and was ended');
    });
    this.#child.on('message', (message) => {
      this.#watch.heard();
      const response = parseResponse(message);
      if (!response) return;
      if (response.kind !== 'tokens') this.#owed.delete('id' in response ? (response.id ?? 0) : 0);
      if (this.#owed.size === 0) this.#watch.stop();
      onMessage(response);
    });
    this.#child.stdout?.on('data', (data: Buffer) => this.#keep(data));
    this.#child.stderr?.on('data', (data: Buffer) => this.#keep(data));
    this.#gone = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        onEnd(new EngineError(`the model host cannot be started (${error.message})`));
        if (this.#child.pid === undefined) resolve();
      });
      // Not `exit`: at this event all its output has been read.
      this.#child.on('close', (code, signal) => {
        onEnd(new HostDied(this.#explain(code, signal), { topic: 'host died' }));
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  send(request: HostRequest): void {
    if (request.kind !== 'cancel') {
      this.#owed.add('id' in request ? request.id : 0);
      this.#watch.start();
    }
    // The end of the process is reported by its own event; a failed send adds nothing.
    if (this.#child.connected) this.#child.send(request, () => {});
  }

  /** Whether it keeps this process alive. */
  ref(): void {
    this.#child.ref();
    this.#child.channel?.ref();
    for (const stream of this.#child.stdio) if (stream instanceof Socket) stream.ref();
  }

  unref(): void {
    this.#child.unref();
    this.#child.channel?.unref();
    for (const stream of this.#child.stdio) if (stream instanceof Socket) stream.unref();
  }

  /** Ends it, whatever it is doing. */
  async end(): Promise<void> {
    this.#watch.stop();
    this.ref();
    // Its memory holds nothing worth saving, and during a run it handles no gentler signal.
    this.#child.kill('SIGKILL');
    await this.#gone;
  }

  #keep(data: Buffer): void {
    this.#printed = (this.#printed + data.toString()).slice(-tailLength);
  }

  #explain(code: number | null, signal: NodeJS.Signals | null): string {
    const how = signal === null ? `exit code ${code}` : signal;
    const memory = signal === 'SIGKILL' || /out of memory|bad_alloc/i.test(this.#printed);
    const lines = this.#printed.trim().split('\n');
    // The last message of native code is above the stack that it prints.
    const last = lines.findLast((line) => /\b(fatal|error)\b/i.test(line)) ?? lines.at(-1) ?? '';
    return [
      `the model host died (${how})`,
      memory ? ', perhaps for want of memory: a smaller model or one of lower precision takes less' : '',
      last === '' ? '' : `; its last words: ${last.slice(0, 300)}`,
    ].join('');
  }
}

/** As source, during development and tests, the host needs a loader for TypeScript. */
function loaderArguments(script: URL): string[] {
  if (!script.pathname.endsWith('.ts')) return [];
  return ['--import', pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href];
}
