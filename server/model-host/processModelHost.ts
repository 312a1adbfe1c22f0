import { EngineError } from '../../shared/errors.ts';
import type { Device } from '../models/manifest.ts';
import { AnswerStream } from './answerStream.ts';
import { BackOff, type BackOffOptions } from './backOff.ts';
import { HostProcess } from './hostProcess.ts';
import type { HostRequest, HostResponse, HostSetup } from './hostProtocol.ts';
import type { GeneratedChunk, GenerationEnd, GenerationRequest, ModelHost } from './modelHost.ts';

export type ReadyResponse = Extract<HostResponse, { kind: 'ready' }>;

export interface ProcessModelHostOptions {
  readonly setup: HostSetup;
  /** Milliseconds without a request after which the process is ended; 0 or absent: never. */
  readonly idleMs?: number;
  /** Called each time the model is loaded. */
  readonly onReady?: (ready: ReadyResponse) => void;
  /** Called for each ended generation, including those stopped early. */
  readonly onDone?: (end: GenerationEnd) => void;
  /** Called each time the model is unloaded, whatever the reason. */
  readonly onGone?: () => void;
  /** The host's script; another one is for tests. */
  readonly script?: URL;
  readonly backOff?: BackOffOptions;
  /** How long, in milliseconds, a working host may be silent before it is ended. */
  readonly silenceMs?: number;
}

/** Even a machine that swaps can send a byte within this time. */
const usualSilenceMs = 10_000;

interface Call {
  receive(response: HostResponse): void;
  reject(error: unknown): void;
}

/**
 * A model in a child process. Nothing here blocks: requests are written to its channel, answers arrive as
 * messages. The process starts with the first request and is ended when idle, which really frees its memory.
 */
export class ProcessModelHost implements ModelHost {
  readonly #options: ProcessModelHostOptions;
  readonly #calls = new Map<number, Call>();
  #process: HostProcess | undefined;
  #device: Device | undefined;
  #lastId = 0;
  #idle: NodeJS.Timeout | undefined;
  readonly #backOff: BackOff;
  #lastDeath = new EngineError('');
  #disposed = false;

  constructor(options: ProcessModelHostOptions) {
    this.#options = options;
    this.#backOff = new BackOff(options.backOff);
  }

  get device(): Device | undefined {
    return this.#device;
  }

  /** The process's id while it runs. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async *generate(
    { answeredText: _, ...request }: GenerationRequest,
    signal: AbortSignal,
  ): AsyncGenerator<GeneratedChunk, GenerationEnd, undefined> {
    signal.throwIfAborted();
    const id = ++this.#lastId;
    const stream = new AnswerStream();
    const onAbort = () => stream.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.#ask({ kind: 'generate', id, ...request }, stream);
      return yield* stream.chunks();
    } finally {
      signal.removeEventListener('abort', onAbort);
      if (!stream.ended) this.#process?.send({ kind: 'cancel', id });
      this.#settle(id);
    }
  }

  async read(prompt: GenerationRequest['prompt'], signal: AbortSignal): Promise<void> {
    const reading = this.generate({ prompt, maxTokens: 0, stop: [] }, signal);
    while (!(await reading.next()).done);
  }

  async count(texts: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
    signal.throwIfAborted();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = withResolvers<readonly number[]>();
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    const receive = (response: HostResponse) => {
      if (response.kind === 'counts') resolve(response.counts);
      else if (response.kind === 'failure') reject(failureOf(response));
    };
    try {
      this.#ask({ kind: 'count', id, texts }, { receive, reject });
      return await promise;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#settle(id);
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#end(stopped());
  }

  #ask(request: HostRequest & { readonly id: number }, call: Call): void {
    clearTimeout(this.#idle);
    const process = this.#running();
    this.#calls.set(request.id, call);
    process.ref();
    process.send(request);
  }

  /** The process, started if needed. Throws an EngineError during the pause after repeated crashes. */
  #running(): HostProcess {
    if (this.#process) return this.#process;
    if (this.#disposed) throw stopped();
    const { waitMs } = this.#backOff;
    if (waitMs > 0) {
      const { message, topic } = this.#lastDeath;
      throw new EngineError(`${message}. It is tried again in ${Math.ceil(waitMs / 1000)} s`, { topic });
    }
    const process = new HostProcess({
      script: this.#options.script ?? defaultScript(),
      silenceMs: this.#options.silenceMs ?? usualSilenceMs,
      onMessage: (response) => this.#receive(process, response),
      onEnd: (error) => this.#died(process, error),
    });
    this.#process = process;
    process.send({ kind: 'setup', setup: this.#options.setup });
    return process;
  }

  #receive(process: HostProcess, response: HostResponse): void {
    if (process !== this.#process) return;
    if (response.kind === 'ready') {
      this.#device = response.device;
      this.#options.onReady?.(response);
    } else if (response.kind === 'failure' && response.id === undefined) {
      this.#died(process, failureOf(response));
    } else {
      if (response.kind === 'done') {
        if (response.stats.generatedTokens > 0) this.#backOff.worked();
        this.#options.onDone?.(response);
      }
      // Nobody waits any more for a cancelled request.
      this.#calls.get(response.id ?? 0)?.receive(response);
      // An answer that has arrived is not lost if the host dies, however late it is read.
      if (response.kind !== 'tokens') this.#settle(response.id ?? 0);
    }
  }

  /** The process ended by itself, or has no model: its requests fail, and the next one starts another process. */
  #died(process: HostProcess, error: EngineError): void {
    if (process !== this.#process) return;
    this.#backOff.died();
    this.#lastDeath = error;
    void this.#end(error);
  }

  /** Ends the process and rejects all its requests. */
  async #end(error: EngineError): Promise<void> {
    clearTimeout(this.#idle);
    const process = this.#process;
    this.#process = undefined;
    this.#device = undefined;
    for (const call of [...this.#calls.values()]) call.reject(error);
    this.#calls.clear();
    if (process) this.#options.onGone?.();
    await process?.end();
  }

  #settle(id: number): void {
    this.#calls.delete(id);
    if (this.#calls.size > 0 || !this.#process) return;
    // An idle host does not keep an otherwise idle process alive.
    this.#process.unref();
    const { idleMs = 0 } = this.#options;
    if (idleMs === 0) return;
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => void this.#end(new EngineError('the model host was idle')), idleMs).unref();
  }
}

function stopped(): EngineError {
  return new EngineError('the model host was stopped');
}

function failureOf({ message, topic }: Extract<HostResponse, { kind: 'failure' }>): EngineError {
  return new EngineError(message, { topic });
}

/** The host is beside this module as source; in the build, scripts/build.mjs names it `modelHost.js`. */
function defaultScript(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './host.ts' : './modelHost.js', import.meta.url);
}

/** `Promise.withResolvers`, which Node 20 does not have. */
function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (reason: unknown) => void = () => {};
  const promise = new Promise<T>((resolvePromise, rejectPromise) => {
    resolve = resolvePromise;
    reject = rejectPromise;
  });
  return { promise, resolve, reject };
}
