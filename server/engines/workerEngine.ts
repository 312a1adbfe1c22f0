import { type ResourceLimits, Worker } from 'node:worker_threads';
import type { Conversation, Prediction } from '../../shared/conversation/conversation.ts';
import { type Engine, EngineError } from './engine.ts';
import type { WorkerRequest, WorkerResponse, WorkerSetup } from './workerProtocol.ts';

export interface WorkerEngineOptions {
  readonly name: string;
  readonly setup: WorkerSetup;
  /** A prediction that takes longer, in milliseconds, means that the worker hangs: it is ended and its work fails. */
  readonly timeoutMs?: number;
  /** The worker's script; another one is for tests. */
  readonly script?: URL;
}

/** Small, because an engine's working set is a few copies of one document; a bigger one ends the worker, not us. */
const resourceLimits: ResourceLimits = { maxOldGenerationSizeMb: 256, maxYoungGenerationSizeMb: 8 };

interface Call {
  readonly resolve: (prediction: Prediction) => void;
  readonly reject: (reason: unknown) => void;
  readonly release: () => void;
}

/**
 * An engine on a worker thread. The thread starts with the first prediction. When it crashes or hangs, the calls it had
 * fail with an `EngineError`, and the next call starts another.
 */
export class WorkerEngine implements Engine {
  readonly name: string;
  readonly supportsInstructions = false;
  readonly #options: WorkerEngineOptions;
  #worker: Worker | undefined;
  #calls = new Map<number, Call>();
  #lastId = 0;

  constructor(options: WorkerEngineOptions) {
    this.name = options.name;
    this.#options = options;
  }

  predict(conversation: Conversation, signal: AbortSignal): Promise<Prediction> {
    if (signal.aborted) return Promise.reject(signal.reason);
    this.#worker ??= this.#start();
    const worker = this.#worker;
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timeoutMs = this.#options.timeoutMs ?? 5_000;
      const timer = setTimeout(
        () => this.#giveUp(worker, this.#crash('did not answer in time', `${timeoutMs} ms`)),
        timeoutMs,
      );
      const onAbort = () => {
        this.#settle(id)?.reject(signal.reason);
        post(worker, { kind: 'abort', id });
      };
      const release = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#calls.set(id, { resolve, reject, release });
      worker.ref();
      post(worker, { kind: 'predict', id, conversation });
    });
  }

  async dispose(): Promise<void> {
    const worker = this.#worker;
    if (worker) await this.#giveUp(worker, this.#crash('was stopped', 'disposed'));
  }

  #start(): Worker {
    const worker = new Worker(this.#options.script ?? defaultScript(), {
      workerData: this.#options.setup,
      resourceLimits,
      // The engine prints nothing; whatever a crash prints must not reach standard output, where LSP is spoken.
      stdout: true,
      stderr: true,
    });
    worker.on('message', (response: WorkerResponse) => this.#receive(response));
    worker.on('error', (error) =>
      this.#giveUp(worker, this.#crash('crashed', 'code' in error ? `${error.code}` : error.name)),
    );
    worker.on('exit', (code) => this.#giveUp(worker, this.#crash('stopped', `exit code ${code}`)));
    return worker;
  }

  #receive(response: WorkerResponse): void {
    // Nobody waits any more for a call that was aborted.
    const call = this.#settle(response.id);
    if (response.kind === 'prediction') call?.resolve(response.prediction);
    else if (response.kind === 'failure') call?.reject(new EngineError(response.message));
    else call?.reject(this.#crash('failed on this text', response.where));
  }

  #crash(what: string, where: string): EngineError {
    return new EngineError(`the ${this.name} engine ${what}`, { cause: where });
  }

  #settle(id: number): Call | undefined {
    const call = this.#calls.get(id);
    this.#calls.delete(id);
    call?.release();
    // An idle worker does not keep a process alive that has nothing else to do.
    if (this.#calls.size === 0) this.#worker?.unref();
    return call;
  }

  /** Ends the worker and fails everything it was asked. */
  async #giveUp(worker: Worker, error: EngineError): Promise<void> {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    for (const id of [...this.#calls.keys()]) this.#settle(id)?.reject(error);
    await worker.terminate();
  }
}

function post(worker: Worker, request: WorkerRequest): void {
  worker.postMessage(request);
}

/** The worker lies beside this module, both as source and as built: scripts/build.mjs keeps all chunks in one folder. */
function defaultScript(): URL {
  return new URL(import.meta.url.endsWith('.ts') ? './engineWorker.ts' : './engineWorker.js', import.meta.url);
}
