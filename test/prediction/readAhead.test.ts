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

const begin = (isExcluded = false) =>
  new ReadAhead({
    engines: async () => engines,
    conversation: (_, target) =>
      isExcluded
        ? undefined
        : { path: 'a.ts', languageId: 'typescript', history: [], current: '', ...(target ? { target } : {}) },
  });

it('prepares soon after the first change, and while someone types on once a second, for the latest place', async () => {
  const ahead = begin();
  for (let key = 0; key < 24; key++) {
    ahead.changed(uri, key);
    await vi.advanceTimersByTimeAsync(125);
  }
  expect(prepared.map(({ cursor }) => cursor)).toEqual([1, 9, 17]);
  // The next one goes on from what the one before has read.
  expect(prepared.map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
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
