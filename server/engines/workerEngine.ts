import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import type { ModelStatus } from '../../shared/protocol.ts';
import { SilenceWatch } from '../model-host/silenceWatch.ts';
import { type Engine, EngineError } from './engine.ts';
import type { Explanation } from './explanation.ts';
import type { Answers, WorkerRequest, WorkerResponse, WorkerSetup } from './workerProtocol.ts';

export interface WorkerEngineOptions {
  readonly name: string;
  /** The input from the engine's kind: a plain value, cloned for the thread. */
  readonly options: unknown;
  readonly supportsInstructions?: boolean;
  readonly minConfidence?: number;
  readonly debounceMs?: number;
  /** Whether there is something that the engine can do ahead. */
  readonly canPrepare?: boolean;
  /** The name of the engine's model, if it has one. */
  readonly modelName?: string;
  /**
   * If a prediction takes longer, in milliseconds, the worker hangs: it is ended and its calls fail. The limit is
   * multiplied on a machine so busy that this process gets hardly any processor time. 0 for
   * an engine that itself waits for others: its thread has to answer pings.
   */
  readonly timeoutMs?: number;
  /** How long, in milliseconds, a thread may leave pings unanswered. */
  readonly silenceMs?: number;
  /** How long, in milliseconds, the engine may take to free its resources outside its thread; 0 if it has none. */
  readonly disposeMs?: number;
  /** Called with the engine's messages for the log and for the user. */
  readonly onMessage?: (kind: 'log' | 'notice', message: string) => void;
  /** The worker's script; another one is for tests. */
  readonly script?: URL;
}

/** Small, because an engine needs a few copies of one document; one that needs more ends the worker, not us. */
const resourceLimits: ResourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

/** A thread in an endless loop uses at least this share of the time limit on a processor, unless others take it. */
const busyShare = 0.5;
/** Maximum number of times that the time limit is waited for. */
const maxPeriods = 6;

interface Call {
  readonly resolve: (answer: Answers[keyof Answers]) => void;
  readonly reject: (reason: unknown) => void;
  readonly release: () => void;
}

/**
 * An engine on a worker thread. The thread starts with the first prediction. When it crashes or hangs, its calls
 * fail with an `EngineError`, and the next call starts another.
 */
export class WorkerEngine implements Engine {
  readonly name: string;
  readonly supportsInstructions: boolean;
  readonly debounceMs: number;
  readonly minConfidence: number;
  readonly prepare?: (conversation: Conversation, signal: AbortSignal) => Promise<void>;
  readonly #options: WorkerEngineOptions;
  #worker: Worker | undefined;
  #watch: SilenceWatch | undefined;
  #isDisposed = false;
  #device: string | undefined;
  #disposed: (() => void) | undefined;
  #calls = new Map<number, Call>();
  #lastId = 0;

  constructor(options: WorkerEngineOptions) {
    this.name = options.name;
    this.supportsInstructions = options.supportsInstructions ?? false;
    this.debounceMs = options.debounceMs ?? 0;
    this.minConfidence = options.minConfidence ?? 0;
    this.#options = options;
    if (options.canPrepare) this.prepare = (...about) => this.#ask('prepare', ...about);
  }

  get model(): ModelStatus | undefined {
    const { modelName: name } = this.#options;
    if (name === undefined) return undefined;
    return this.#device === undefined ? { name } : { name, device: this.#device };
  }

  predict(conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    return this.#ask('predict', conversation, signal);
  }

  finish(conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    return this.#ask('finish', conversation, signal);
  }

  async explain(conversation: Conversation, signal: AbortSignal): Promise<Explanation> {
    const explanation = await this.#ask('explain', conversation, signal);
    if (!explanation) throw new EngineError(`the ${this.name} engine cannot be explained`);
    return explanation;
  }

  async dispose(): Promise<void> {
    // A later request would start a thread, and a model host, that nobody ends.
    this.#isDisposed = true;
    const worker = this.#worker;
    if (!worker) return;
    const { disposeMs = 0 } = this.#options;
    if (disposeMs > 0) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, disposeMs);
        this.#disposed = () => {
          clearTimeout(timer);
          resolve();
        };
        worker.ref();
        post(worker, { kind: 'dispose' });
      });
    }
    await this.#giveUp(worker, this.#crash('was stopped', 'disposed'));
  }

  #ask<Kind extends keyof Answers>(
    kind: Kind,
    conversation: Conversation,
    signal: AbortSignal,
  ): Promise<Answers[Kind]> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#isDisposed) return Promise.reject(this.#crash('was stopped', 'disposed'));
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const release = this.#limit(worker);
      const onAbort = () => {
        this.#settle(id)?.reject(signal.reason);
        post(worker, { kind: 'abort', id });
      };
      signal.addEventListener('abort', onAbort, { once: true });
      // Each kind of question has its kind of answer.
      this.#calls.set(id, {
        resolve: resolve as Call['resolve'],
        reject,
        release: () => {
          release();
          signal.removeEventListener('abort', onAbort);
        },
      });
      worker.ref();
      this.#watch?.start();
      post(worker, { kind, id, conversation });
    });
  }

  /** Ends the worker unless the returned function, which lifts the limit, is called in time. */
  #limit(worker: Worker): () => void {
    const timeoutMs = this.#options.timeoutMs ?? 5_000;
    if (timeoutMs === 0) return () => {};
    const before = process.cpuUsage();
    let periods = 0;
    const timer = setInterval(() => {
      const { user, system } = process.cpuUsage(before);
      // A worker without processor time is not hanging: the machine is busy.
      const isStarved = (user + system) / 1000 < busyShare * timeoutMs;
      if (isStarved && ++periods < maxPeriods) return;
      clearInterval(timer);
      void this.#giveUp(worker, this.#crash('did not answer in time', `${timeoutMs} ms`));
    }, timeoutMs);
    return () => clearInterval(timer);
  }

  #start(): Worker {
    const worker = new Worker(this.#options.script ?? defaultScript(), {
      workerData: { engine: this.name, options: this.#options.options } satisfies WorkerSetup,
      resourceLimits,
      // The engine prints nothing; output of a crash must not reach standard output, which LSP uses.
      stdout: true,
      stderr: true,
    });
    if (this.#options.timeoutMs === 0) this.#watch = this.#watchOver(worker);
    worker.on('message', (response: WorkerResponse) => {
      this.#watch?.heard();
      this.#receive(response);
      // Only after a message: calls that are soon aborted, one after another, must not hide that the worker is silent.
      if (this.#calls.size === 0) this.#watch?.stop();
    });
    worker.on('error', (error) =>
      this.#giveUp(worker, this.#crash('crashed', 'code' in error ? `${error.code}` : error.name)),
    );
    worker.on('exit', (code) => this.#giveUp(worker, this.#crash('stopped', `exit code ${code}`)));
    return worker;
  }

  #watchOver(worker: Worker): SilenceWatch {
    const { silenceMs = 10_000 } = this.#options;
    return new SilenceWatch({
      silenceMs,
      onTick: () => post(worker, { kind: 'ping' }),
      onSilence: () => this.#giveUp(worker, this.#crash('hangs and was ended', `${silenceMs} ms`)),
    });
  }

  #receive(response: WorkerResponse): void {
    switch (response.kind) {
      case 'log':
      case 'notice':
        this.#options.onMessage?.(response.kind, response.message);
        break;
      case 'device':
        this.#device = response.device;
        break;
      case 'disposed':
        this.#disposed?.();
        break;
      // Nobody waits any more for an aborted call.
      case 'answer':
        this.#settle(response.id)?.resolve(response.answer);
        break;
      case 'failure':
        this.#settle(response.id)?.reject(new EngineError(response.message, { topic: response.topic }));
        break;
      case 'crash':
        this.#settle(response.id)?.reject(this.#crash('failed on this text', response.where));
    }
  }

  #crash(what: string, where: string): EngineError {
    return new EngineError(`the ${this.name} engine ${what}`, { cause: where });
  }

  #settle(id: number): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.release();
    // An idle worker does not keep an otherwise idle process alive.
    if (this.#calls.size === 0) this.#worker?.unref();
    return call;
  }

  /** Ends the worker and rejects all its calls. */
  async #giveUp(worker: Worker, error: EngineError): Promise<void> {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#watch?.stop();
    this.#device = undefined;
    this.#disposed?.();
    for (const id of [...this.#calls.keys()]) this.#settle(id)?.reject(error);
    await worker.terminate();
  }
}

function post(worker: Worker, request: WorkerRequest): void {
  worker.postMessage(request);
}

/** The worker is beside this module, both as source and as built: scripts/build.mjs keeps all chunks in one folder. */
function defaultScript(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './engineWorker.ts' : './engineWorker.js', import.meta.url);
}
