/** The process that owns a model: its tokenizer, session and KV cache. Started by `ProcessModelHost`. */
import { setPriority } from 'node:os';
import { EngineError, errorSite } from '../../shared/errors.ts';
import type {
  CountRequest,
  GenerateRequest,
  HostLimits,
  HostRequest,
  HostResponse,
  HostSetup,
} from './hostProtocol.ts';
import { LifeSigns } from './lifeSigns.ts';
import { type Loading, loadModel } from './loadModel.ts';
import { parseRequest } from './messages.ts';
import { TextGenerator } from './textGenerator.ts';

/** A niceness (-20 to 19); Windows takes it as "below normal". */
const belowEditor = 5;

if (!process.send) throw new Error('the model host is started by cursorcore-lsp, with a channel to it');

// The editor, and the server that it waits for, have priority if cores are scarce. Threads inherit it.
try {
  setPriority(belowEditor);
} catch {
  // If the system forbids this, predicting still works.
}

const usualLimits: HostLimits = { loadMs: 600_000, firstRunMs: 120_000, runMs: 30_000 };
let limits = usualLimits;
/** Whether this host has written an answer. */
let hasAnswered = false;
const lifeSigns = new LifeSigns();

/** Requests still to be answered, in order of arrival. */
const queue: Exclude<HostRequest, { kind: 'setup' | 'cancel' }>[] = [];
const cancelled = new Set<number>();
let loading: Promise<Loading> | undefined;
let working = false;
/** The request being answered, or the last one that was. */
let current: number | undefined;

process.on('message', (message) => {
  const request = parseRequest(message);
  if (!request) respond({ kind: 'failure', message: 'the model host was sent a message it does not know' });
  else if (request.kind === 'setup') load(request.setup);
  else if (request.kind === 'cancel') {
    // An answered request cannot be cancelled any more.
    if (request.id === current || queue.some(({ id }) => id === request.id)) cancelled.add(request.id);
    if (request.id === current) generator?.interrupt();
  } else if (request.kind === 'count' && generator) {
    // While a run is on its own thread, who plans a prompt need not wait for it.
    respond(count(generator, request));
  } else {
    queue.push(request);
    void work();
  }
});

// Nobody is left to answer: the editor has ended, in whatever way. An orderly exit would wait for a run in progress.
process.on('disconnect', () => {
  if (working) process.kill(process.pid, 'SIGKILL');
  process.exit();
});
// Ctrl+C in a terminal goes to all its processes; the parent decides when this one ends.
process.on('SIGINT', () => {});

function respond(response: HostResponse): void {
  if (process.connected) process.send?.(response);
}

function load(setup: HostSetup): void {
  const start = performance.now();
  limits = setup.limits ?? usualLimits;
  lifeSigns.begin(limits.loadMs);
  loading ??= loadModel(setup);
  loading.then(
    ({ device, notice }) =>
      respond({
        kind: 'ready',
        device,
        loadMs: Math.round(performance.now() - start),
        ...(notice === undefined ? {} : { notice }),
      }),
    (error) => {
      process.send?.(failure(error), () => process.exit(1));
    },
  );
  void work();
}

/** Answers the requests in the queue, one after another. */
async function work(): Promise<void> {
  if (working || !loading) return;
  working = true;
  try {
    const { model } = await loading;
    generator ??= new TextGenerator(model);
    for (let request = queue.shift(); request; request = queue.shift()) {
      current = request.id;
      lifeSigns.begin(limits.runMs);
      try {
        if (request.kind === 'generate') await generate(generator, request);
        else respond(count(generator, request));
      } catch (error) {
        respond({ ...failure(error), id: request.id });
      }
      cancelled.delete(request.id);
    }
    lifeSigns.idle();
  } catch {
    // `load` has reported why there is no model.
  }
  working = false;
}

let generator: TextGenerator | undefined;

function count(generator: TextGenerator, { id, texts }: CountRequest): HostResponse {
  try {
    return { kind: 'counts', id, counts: generator.count(texts) };
  } catch (error) {
    return { ...failure(error), id };
  }
}

async function generate(generator: TextGenerator, request: GenerateRequest): Promise<void> {
  const { id } = request;
  const beforeRun = () => {
    lifeSigns.begin(hasAnswered ? limits.runMs : limits.firstRunMs);
    return cancelled.has(id);
  };
  const answer = generator.generate(request, beforeRun);
  for (;;) {
    const { value, done } = await answer.next();
    if (!done) respond({ kind: 'tokens', id, ...value });
    else {
      hasAnswered = true;
      return respond({ kind: 'done', id, ...value });
    }
  }
}

/** What went wrong, for the user; an unforeseen error's own message may quote a prompt. */
function failure(error: unknown): Extract<HostResponse, { kind: 'failure' }> {
  if (error instanceof EngineError) return { kind: 'failure', message: error.message, topic: error.topic };
  return { kind: 'failure', message: `the model host failed (${errorSite(error)})` };
}
