import { afterEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../server/engines/engine.ts';
import { WorkerEngine } from '../../server/engines/workerEngine.ts';
import type { Conversation } from '../../shared/conversation/conversation.ts';
import { eventually } from '../eventually.ts';

/** A worker that does what the conversation's text says. */
const script = new URL(
  `data:text/javascript,${encodeURIComponent(`
    import { parentPort, workerData } from 'node:worker_threads';
    const aborted = [];
    parentPort.on('message', ({ kind, id, conversation }) => {
      if (kind === 'abort') return aborted.push(id);
      if (kind === 'ping') return parentPort.postMessage({ kind: 'alive' });
      const { current } = conversation;
      if (current === 'throw') throw new Error('a crash that quotes the text');
      if (current === 'exit') process.exit(3);
      if (current === 'hang') for (;;);
      if (current === 'memory') for (const held = []; ; ) held.push(new Array(1e6).fill(held.length));
      if (current === 'wait') return;
      if (current === 'late') return setTimeout(() => parentPort.postMessage({ kind: 'answer', id, answer: { edits: [] } }), 2_000);
      if (current === 'fail') return parentPort.postMessage({ kind: 'failure', id, message: 'for the user', topic: 'a failure' });
      if (current === 'aborted') return parentPort.postMessage({ kind: 'failure', id, message: String(aborted) });
      const newText = current + workerData.options.minConfidence;
      parentPort.postMessage({ kind: 'answer', id, answer: { edits: [{ start: 0, end: 0, newText, confidence: 1 }] } });
    });
  `)}`,
);

const engines: WorkerEngine[] = [];

function start(timeoutMs = 10_000, silenceMs?: number): WorkerEngine {
  const engine = new WorkerEngine({
    name: 'test',
    options: { minConfidence: 0.25 },
    timeoutMs,
    ...(silenceMs === undefined ? {} : { silenceMs }),
    script,
  });
  engines.push(engine);
  return engine;
}

const saying = (current: string): Conversation => ({ path: 'a', languageId: '', history: [], current });
const never = new AbortController().signal;

afterEach(async () => {
  for (const engine of engines.splice(0)) await engine.dispose();
});

describe('WorkerEngine', () => {
  it('answers several calls at once, each with its own answer', async () => {
    const engine = start();
    const answers = await Promise.all(['a', 'b', 'c'].map((text) => engine.predict(saying(text), never)));
    expect(answers.map(({ edits }) => edits[0]?.newText)).toEqual(['a0.25', 'b0.25', 'c0.25']);
  });

  it('hands an EngineError on', async () => {
    const failing = start().predict(saying('fail'), never);
    await expect(failing).rejects.toBeInstanceOf(EngineError);
    await expect(failing).rejects.toMatchObject({ message: 'for the user', topic: 'a failure' });
  });

  it.each(['throw', 'exit', 'hang', 'memory'])(
    'fails the call and starts anew when the worker does this: %s',
    async (deed) => {
      const engine = start(deed === 'hang' ? 300 : 10_000);
      const beside = engine.predict(saying('wait'), never);
      const failing = engine.predict(saying(deed), never);
      await expect(failing).rejects.toBeInstanceOf(EngineError);
      await expect(beside).rejects.toBeInstanceOf(EngineError);
      await expect(failing).rejects.not.toThrow('quotes the text');
      // The time limit counts from the start of the new thread, which takes its time on a busy machine.
      await eventually(async () => expect((await engine.predict(saying('a'), never)).edits).toHaveLength(1));
    },
  );

  it('waits longer than its time for a thread that has no time on a processor', async () => {
    expect(await start(1_000).predict(saying('late'), never)).toEqual({ edits: [] });
  });

  it('waits for no thread forever', async () => {
    await expect(start(100).predict(saying('wait'), never)).rejects.toThrow('the test engine did not answer in time');
  });

  it('rejects with the reason of an abort, tells the worker, and goes on', async () => {
    const engine = start();
    const controller = new AbortController();
    const waiting = engine.predict(saying('wait'), controller.signal);
    controller.abort(new Error('no longer wanted'));
    await expect(waiting).rejects.toThrow('no longer wanted');
    await expect(engine.predict(saying('aborted'), never)).rejects.toThrow('1');
    await expect(engine.predict(saying('a'), AbortSignal.abort(new Error('never wanted')))).rejects.toThrow(
      'never wanted',
    );
  });

  it('may take as long as it likes without a limit, but for a thread that hangs, whoever leaves meanwhile', async () => {
    const engine = start(0, 2_000);
    const waiting = engine.predict(saying('wait'), never);
    waiting.catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect((await engine.predict(saying('a'), never)).edits).toHaveLength(1);
    engine.predict(saying('hang'), AbortSignal.timeout(10)).catch(() => {});
    await expect(waiting).rejects.toThrow('the test engine hangs and was ended');
    expect((await engine.predict(saying('a'), never)).edits).toHaveLength(1);
  });

  it('starts no thread once it was disposed of', async () => {
    const engine = start();
    await engine.dispose();
    await expect(engine.predict(saying('a'), never)).rejects.toThrow('the test engine was stopped');
  });

  it('fails what is under way when it is disposed of', async () => {
    const engine = start();
    const waiting = engine.predict(saying('wait'), never);
    const disposed = engine.dispose();
    await expect(waiting).rejects.toBeInstanceOf(EngineError);
    await disposed;
  });
});
