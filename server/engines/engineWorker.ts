/** The thread of an engine, so the thread that handles LSP stays free. Started by `WorkerEngine`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { errorSite } from '../../shared/errors.ts';
import type { SettingSchemas } from '../settings/setting.ts';
import { type Engine, EngineError } from './engine.ts';
import type { EngineKind } from './engineKind.ts';
import { engineKinds } from './kinds.ts';
import type { Answers, WorkerRequest, WorkerResponse, WorkerSetup } from './workerProtocol.ts';

if (!parentPort) throw new Error('engineWorker.ts is started as a worker thread');
const port = parentPort;
const setup: WorkerSetup = workerData;
const engine = await makeEngine();
const waiting = new Map<number, { readonly kind: keyof Answers; readonly conversation: Conversation }>();
const running = new Map<number, AbortController>();

port.on('message', (request: WorkerRequest) => {
  if (request.kind === 'abort') {
    waiting.delete(request.id);
    running.get(request.id)?.abort();
  } else if (request.kind === 'ping') {
    post({ kind: 'alive' });
  } else if (request.kind === 'dispose') {
    waiting.clear();
    void engine.dispose().finally(() => post({ kind: 'disposed' }));
  } else {
    waiting.set(request.id, request);
    setImmediate(next);
  }
});

async function makeEngine(): Promise<Engine> {
  const kinds: readonly EngineKind<string, SettingSchemas, never>[] = engineKinds;
  const kind = kinds.find(({ name }) => name === setup.engine);
  if (!kind) throw new Error(`there is no engine ${setup.engine}`);
  // Prepared by its `create`.
  return kind.start(setup.options as never, post);
}

/** Starts the oldest call. By then the messages about calls aborted while the thread was busy have arrived. */
async function next(): Promise<void> {
  const [call] = waiting;
  if (!call) return;
  const [id, { kind, conversation }] = call;
  waiting.delete(id);
  const controller = new AbortController();
  running.set(id, controller);
  let response: WorkerResponse;
  try {
    response = { kind: 'answer', id, answer: await ask(kind, conversation, controller.signal) };
  } catch (error) {
    response =
      error instanceof EngineError
        ? { kind: 'failure', id, message: error.message, topic: error.topic }
        : { kind: 'crash', id, where: errorSite(error) };
  }
  running.delete(id);
  post(response);
}

async function ask(
  kind: keyof Answers,
  conversation: Conversation,
  signal: AbortSignal,
): Promise<Answers[keyof Answers]> {
  if (kind === 'prepare') return void (await engine.prepare?.(conversation, signal));
  if (kind === 'explain') return engine.explain?.(conversation, signal);
  if (kind === 'finish' && engine.finish) return engine.finish(conversation, signal);
  return engine.predict(conversation, signal);
}

function post(response: WorkerResponse): void {
  port.postMessage(response);
}
