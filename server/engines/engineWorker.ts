/** The thread that the embedded engine runs on, so that the thread that speaks LSP stays free. Started by `WorkerEngine`. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { errorSite } from '../../shared/errors.ts';
import { type Engine, EngineError } from './engine.ts';
import { PatternEngine } from './pattern/patternEngine.ts';
import type { WorkerRequest, WorkerResponse, WorkerSetup } from './workerProtocol.ts';

if (!parentPort) throw new Error('engineWorker.ts is started as a worker thread');
const port = parentPort;
const { minConfidence }: WorkerSetup = workerData;
const engine: Engine = new PatternEngine({ minConfidence });
const waiting = new Map<number, Conversation>();
const running = new Map<number, AbortController>();

port.on('message', (request: WorkerRequest) => {
  if (request.kind === 'abort') {
    waiting.delete(request.id);
    running.get(request.id)?.abort();
    return;
  }
  waiting.set(request.id, request.conversation);
  setImmediate(next);
});

/** Starts the oldest call. Whatever was aborted while another one kept the thread busy has been told of by then. */
async function next(): Promise<void> {
  const [call] = waiting;
  if (!call) return;
  const [id, conversation] = call;
  waiting.delete(id);
  const controller = new AbortController();
  running.set(id, controller);
  let response: WorkerResponse;
  try {
    response = { kind: 'prediction', id, prediction: await engine.predict(conversation, controller.signal) };
  } catch (error) {
    response =
      error instanceof EngineError
        ? { kind: 'failure', id, message: error.message }
        : { kind: 'crash', id, where: errorSite(error) };
  }
  running.delete(id);
  port.postMessage(response);
}
