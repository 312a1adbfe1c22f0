import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Engine } from '../../server/engines/engine.ts';
import { ReadAhead } from '../../server/prediction/readAhead.ts';
import { PredictionService } from '../../server/prediction/service.ts';

const uri = 'file:///a.ts';
let prepared: { cursor: number; signal: AbortSignal }[];
let engines: Engine[];

beforeEach(() => {
  vi.useFakeTimers();
  prepared = [];
  const asked = {
    name: 'model',
    supportsInstructions: false,
    predict: async () => ({ edits: [] }),
    dispose: async () => {},
  };
  engines = [
    { ...asked, name: 'pattern' },
    {
      ...asked,
      prepare: (conversation, signal) => {
        prepared.push({ cursor: conversation.target?.kind === 'cursor' ? conversation.target.offset : -1, signal });
        return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      },
    },
  ];
});
afterEach(() => vi.useRealTimers());

/** Has the engine do this instead of reading until it is stopped. */
function prepareIn(work: (signal: AbortSignal) => Promise<void>): void {
  engines = engines.map((engine) => {
    const { prepare } = engine;
    if (!prepare) return engine;
    return {
      ...engine,
      prepare: async (conversation, signal) => {
        void prepare(conversation, signal).catch(() => {});
        await work(signal);
      },
    };
  });
}

const begin = (isExcluded = false) =>
  new ReadAhead({
    engines: async () => engines,
    conversation: (_, target) =>
      isExcluded
        ? undefined
        : { path: 'a.ts', languageId: 'typescript', history: [], current: '', ...(target ? { target } : {}) },
  });

it('prepares soon after the first change, and while someone types on again after a second, for the latest place', async () => {
  const ahead = begin();
  for (let key = 0; key < 24; key++) {
    ahead.changed(uri, key);
    await vi.advanceTimersByTimeAsync(125);
  }
  expect(prepared.map(({ cursor }) => cursor)).toEqual([1, 9]);
  // The next one goes on from what the one before has read.
  expect(prepared.map(({ signal }) => signal.aborted)).toEqual([true, false]);
});

it('rests longer the longer it works while someone types on, and not in a pause', async () => {
  let [working, worked] = [0, 0];
  prepareIn(async (signal) => {
    working++;
    expect(working).toBe(1);
    const begun = performance.now();
    await new Promise<void>((done) => {
      const timer = setTimeout(done, 700);
      signal.addEventListener('abort', () => {
        clearTimeout(timer);
        done();
      });
    });
    worked += performance.now() - begun;
    working--;
  });
  const ahead = begin();
  const begun = performance.now();
  for (let key = 0; key < 480; key++) {
    ahead.changed(uri, key);
    await vi.advanceTimersByTimeAsync(125);
  }
  const share = worked / (performance.now() - begun);
  expect(share).toBeGreaterThan(0.06);
  expect(share).toBeLessThan(0.12);
  const before = prepared.length;
  await vi.advanceTimersByTimeAsync(450);
  expect(prepared.length).toBe(before + 1);
  expect(prepared.at(-1)?.cursor).toBe(479);
});

it('stops for a question, and begins again with the next change', async () => {
  const ahead = begin();
  ahead.changed(uri, 1);
  await vi.advanceTimersByTimeAsync(200);
  ahead.changed(uri, 2);
  ahead.stop();
  expect(prepared[0]?.signal.aborted).toBe(true);
  await vi.advanceTimersByTimeAsync(5_000);
  expect(prepared).toHaveLength(1);
  ahead.changed(uri, 3);
  await vi.advanceTimersByTimeAsync(200);
  expect(prepared.map(({ cursor }) => cursor)).toEqual([1, 3]);
});

it('is about the place that differs, where a client sends the whole text', async () => {
  const service = new PredictionService({
    engines: async () => engines,
    conversation: (_, target) => ({
      path: 'a.ts',
      languageId: 'typescript',
      history: [],
      current: '',
      ...(target ? { target } : {}),
    }),
    debounceMs: () => 0,
  });
  const before = 'one\ntwo\nthree\n';
  const text = 'one\ntwo and more\nthree\n';
  service.open(uri, 1, before);
  service.change(uri, 2, [{ edit: { start: 0, end: before.length, newText: text }, text }]);
  await vi.advanceTimersByTimeAsync(200);
  expect(prepared.map(({ cursor }) => cursor)).toEqual([text.indexOf('\nthree')]);
});

it('does nothing where no engine can, or none may see the document', async () => {
  const excluded = begin(true);
  excluded.changed(uri, 1);
  await vi.advanceTimersByTimeAsync(200);
  engines = engines.slice(0, 1);
  const ahead = begin();
  ahead.changed(uri, 1);
  await vi.advanceTimersByTimeAsync(200);
  expect(prepared).toEqual([]);
});
