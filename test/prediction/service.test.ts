import { beforeEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../server/engines/engine.ts';
import type { Offer } from '../../server/prediction/offers.ts';
import { PredictionService } from '../../server/prediction/service.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { eventually } from '../eventually.ts';
import { ManualEngine } from './engineDouble.ts';

const uri = 'file:///a.ts';
const start = 'foo one\nfoo two\nfoo three\nfoo four\n';
/** Every `foo` that starts a line but the first becomes `bar`. */
const renames = [8, 16, 26].map((at) => ({ start: at, end: at + 3, newText: 'bar', reason: 'rename' }));

let engine: ManualEngine;
let text: string;
let version: number;
let failures: unknown[];
let service: PredictionService;

beforeEach(() => {
  engine = new ManualEngine();
  text = start;
  version = 1;
  failures = [];
  service = new PredictionService({
    engines: async () => [engine],
    debounceMs: () => 0,
    conversation: (_, target) => ({
      path: 'a.ts',
      languageId: '',
      history: [],
      current: text,
      ...(target && { target }),
    }),
    onFailure: (_, error) => failures.push(error),
  });
  service.open(uri, version, text);
});

function edit(change: OffsetEdit): void {
  text = applyEdits(text, [change]);
  version++;
  service.change(uri, version, [{ edit: change, text }]);
}

function apply(offer: Offer | undefined): void {
  if (!offer) throw new Error('there is nothing to apply');
  expect(offer.version).toBe(version);
  for (const change of [...offer.edits].reverse()) edit(change);
  service.accept(offer.id);
}

const ask = (cursor = 0) => service.nextEdit(uri, { cursor, signal: new AbortController().signal });
const askGhost = (cursor: number) => service.ghostText(uri, { cursor, signal: new AbortController().signal });

/** Waits until the engine has been asked `count` times in all, and gives the last call. */
async function engineCall(count: number) {
  await eventually(() => expect(engine.calls).toHaveLength(count));
  const call = engine.calls[count - 1];
  if (!call) throw new Error('no call');
  return call;
}

describe('asking the engine', () => {
  it('shares one call between all who ask about the same text', async () => {
    const asked = [
      ask(),
      ask(9),
      askGhost(0),
      service.nextAndAll(uri, { cursor: 0, signal: new AbortController().signal }, 10_000),
    ];
    (await engineCall(1)).answer(renames);
    const [first, second] = await Promise.all(asked);
    expect([first, second]).toMatchObject([{ id: '1-3' }, { id: '1-3' }]);
    await ask();
    expect(engine.calls).toHaveLength(1);
  });

  it('asks again, once, when the user has typed out an edit: it is one example more', async () => {
    const first = ask();
    (await engineCall(1)).answer(renames);
    await first;
    edit({ start: 8, end: 11, newText: '' });
    for (const [i, key] of [...'ba'].entries()) edit({ start: 8 + i, end: 8 + i, newText: key });
    // What it said still holds, and nothing of it is done.
    expect(await ask(10)).toMatchObject({ id: '1-3' });
    expect(engine.calls).toHaveLength(1);
    edit({ start: 10, end: 10, newText: 'r' });
    const again = ask(11);
    const nearer = { start: 12, end: 15, newText: '2', reason: 'count' };
    (await engineCall(2)).answer([nearer]);
    // What it said before is still on offer.
    expect(await again).toMatchObject({ edits: [nearer, { start: 16 }, { start: 26 }] });
    await ask(11);
    expect(engine.calls).toHaveLength(2);
  });

  it('does not ask one that waits for pauses again then', async () => {
    engine.debounceMs = 1;
    const first = ask();
    (await engineCall(1)).answer(renames);
    await first;
    edit({ start: 8, end: 11, newText: '' });
    for (const [i, key] of [...'bar'].entries()) edit({ start: 8 + i, end: 8 + i, newText: key });
    expect(await ask(11)).toMatchObject({ edits: [{ start: 16 }, { start: 26 }] });
    expect(engine.calls).toHaveLength(1);
  });

  it('does not ask again where the engine was silent, until the text changes', async () => {
    const first = ask();
    (await engineCall(1)).answer([]);
    expect(await first).toBeUndefined();
    expect(await ask()).toBeUndefined();
    expect(engine.calls).toHaveLength(1);
    edit({ start: 0, end: 0, newText: 'x' });
    const second = ask();
    (await engineCall(2)).answer([]);
    await second;
  });

  it('cancels the call when the text changes, and answers those who asked with nothing', async () => {
    const asked = ask();
    const call = await engineCall(1);
    edit({ start: 0, end: 0, newText: 'x' });
    expect(await asked).toBeUndefined();
    expect(call.signal.aborted).toBe(true);
  });

  it('cancels the call only once nobody waits for it', async () => {
    const [first, second] = [new AbortController(), new AbortController()];
    const asked = [first, second].map(({ signal }) => service.nextEdit(uri, { cursor: 0, signal }));
    const call = await engineCall(1);
    first.abort(new Error('first left'));
    await expect(asked[0]).rejects.toThrow('first left');
    expect(call.signal.aborted).toBe(false);
    second.abort(new Error('second left'));
    await expect(asked[1]).rejects.toThrow('second left');
    expect(call.signal.aborted).toBe(true);
    const again = ask();
    (await engineCall(2)).answer(renames);
    expect(await again).toBeDefined();
  });

  it('waits until the text has rested', async () => {
    let restMs = 60_000;
    service = new PredictionService({
      engines: async () => [engine],
      debounceMs: () => restMs,
      conversation: () => ({ path: 'a.ts', languageId: '', history: [], current: text }),
    });
    service.open(uri, version, text);
    edit({ start: 0, end: 0, newText: 'x' });
    const early = ask();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(engine.calls).toHaveLength(0);
    restMs = 0;
    edit({ start: 0, end: 0, newText: 'y' });
    expect(await early).toBeUndefined();
    const late = ask();
    (await engineCall(1)).answer([]);
    await late;
  });

  it('tells of a failure once, and is silent about that text', async () => {
    const asked = [ask(), ask()];
    (await engineCall(1)).fail(new EngineError('out of order'));
    expect(await Promise.all(asked)).toEqual([undefined, undefined]);
    expect(failures).toHaveLength(1);
    expect(service.lastError).toBe('out of order');
    await ask();
    expect(engine.calls).toHaveLength(1);
  });

  it.each([
    ['outside the text', [{ start: 0, end: 1000, newText: '' }]],
    [
      'overlapping',
      [
        { start: 0, end: 3, newText: 'a' },
        { start: 2, end: 5, newText: 'b' },
      ],
    ],
  ])('never offers edits that cannot be applied: %s', async (_, edits) => {
    const asked = ask();
    (await engineCall(1)).answer(edits);
    expect(await asked).toBeUndefined();
    expect(failures).toHaveLength(1);
  });

  it('shows the engine nothing of a document that it must not see', async () => {
    service = new PredictionService({
      engines: async () => [engine],
      debounceMs: () => 0,
      conversation: () => undefined,
    });
    service.open(uri, version, text);
    expect(await ask()).toBeUndefined();
    expect(engine.calls).toHaveLength(0);
  });

  it('knows nothing of documents that are not open', async () => {
    service.close(uri);
    expect(await ask()).toBeUndefined();
    service.change(uri, 9, []);
    expect(service.known(uri, 0)).toEqual([]);
  });
});

describe('after an accept', () => {
  it('offers one hunk after the other without asking again', async () => {
    // Lines apart, so that each rename is a hunk of its own.
    text = 'foo\n1\nfoo\n2\nfoo\n3\nfoo\n';
    service.open(uri, version, text);
    const asked = ask();
    const uses = [6, 12, 18].map((at) => ({ start: at, end: at + 3, newText: 'bar' }));
    (await engineCall(1)).answer(uses);
    let offer = await asked;
    for (let taken = 0; taken < 3; taken++) {
      apply(offer);
      if (taken < 2) offer = await ask();
    }
    expect(text).toBe('foo\n1\nbar\n2\nbar\n3\nbar\n');
    expect(engine.calls).toHaveLength(1);
    expect(service.counts).toEqual({ offered: 3, accepted: 3, rejected: 0 });
    const next = ask();
    (await engineCall(2)).answer([]);
    expect(await next).toBeUndefined();
  });

  it('recognises neighbouring edits that the client applied as one', async () => {
    const asked = ask();
    (await engineCall(1)).answer(renames);
    const offer = await asked;
    expect(offer?.edits).toHaveLength(3);
    edit({ start: 8, end: 31, newText: 'bar two\nbar three\nbar f' });
    expect(text).toBe('foo one\nbar two\nbar three\nbar four\n');
    const next = ask();
    (await engineCall(2)).answer([]);
    await next;
  });

  it('takes all edits of the file as one offer', async () => {
    text = 'foo\n1\nfoo\n2\nfoo\n';
    service.open(uri, version, text);
    const asked = service.nextAndAll(uri, { cursor: 0, signal: new AbortController().signal }, 10_000);
    (await engineCall(1)).answer([6, 12].map((at) => ({ start: at, end: at + 3, newText: 'bar' })));
    const [next, all] = (await asked) ?? [];
    expect(next?.edits).toHaveLength(1);
    expect(all).toMatchObject({ hunks: 2 });
    apply(all);
    expect(text).toBe('foo\n1\nbar\n2\nbar\n');
    expect(service.known(uri, 0)).toEqual([]);
  });
});

it('keeps what still holds while the user types, and what was rejected away', async () => {
  const asked = ask();
  (await engineCall(1)).answer([{ start: 3, end: 3, newText: 'bar' }]);
  await asked;
  edit({ start: 3, end: 3, newText: 'b' });
  const ghost = await askGhost(4);
  expect(ghost).toMatchObject({ insert: 'ar', id: '1-1', version: 2 });
  expect(service.reject(uri, ghost?.id ?? '')).toBe(true);
  expect(await askGhost(4)).toBeUndefined();
  expect(service.offer(uri, '1-1')).toBeUndefined();
  expect(engine.calls).toHaveLength(1);
  expect(service.counts).toEqual({ offered: 1, accepted: 0, rejected: 1 });
});

describe('instruct', () => {
  it('hands range and instruction on, and its edits back with their version', async () => {
    engine.supportsInstructions = true;
    const { signal } = new AbortController();
    const asked = service.instruct(uri, { start: 0, end: 3, instruction: 'shout', signal });
    const call = await engineCall(1);
    expect(call.conversation).toMatchObject({ instruction: 'shout', target: { kind: 'selection', start: 0, end: 3 } });
    call.answer([{ start: 0, end: 3, newText: 'FOO' }]);
    expect(await asked).toMatchObject({ version: 1, text: start, edits: [{ newText: 'FOO' }] });
  });

  it('gives nothing when the text changed meanwhile', async () => {
    engine.supportsInstructions = true;
    const asked = service.instruct(uri, {
      start: 0,
      end: 0,
      instruction: 'shout',
      signal: new AbortController().signal,
    });
    const call = await engineCall(1);
    edit({ start: 0, end: 0, newText: 'x' });
    call.answer([{ start: 0, end: 3, newText: 'FOO' }]);
    expect(await asked).toBeUndefined();
  });
});
