import { beforeEach, describe, expect, it } from 'vitest';
import { EngineError } from '../../server/engines/engine.ts';
import type { Offer } from '../../server/prediction/offers.ts';
import { PredictionService } from '../../server/prediction/service.ts';
import { applyEdits } from '../../shared/edits/apply.ts';
import type { OffsetEdit } from '../../shared/edits/offsetEdit.ts';
import { eventually } from '../eventually.ts';
import { ManualEngine } from './engineDouble.ts';

const uri = 'file:///a.ts';
/** Lines apart, so that each `foo` is a hunk of its own. */
const start = 'foo\n1\nfoo\n2\nfoo\n3\nfoo\n';
const use = (index: number, newText = 'bar') => ({ start: 6 * index, end: 6 * index + 3, newText });

let fast: ManualEngine;
let slow: ManualEngine;
let text: string;
let version: number;
let late: number[];
let failures: unknown[];
let service: PredictionService;

beforeEach(() => {
  [fast, slow] = [new ManualEngine('fast'), new ManualEngine('slow')];
  [text, version, late, failures] = [start, 1, [], []];
  service = new PredictionService({
    engines: async () => [fast, slow],
    debounceMs: () => 0,
    conversation: () => ({ path: 'a.ts', languageId: '', history: [], current: text }),
    onFailure: (_, error) => failures.push(error),
    onLateAnswer: (_, ofVersion) => late.push(ofVersion),
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
  for (const change of [...offer.edits].reverse()) edit(change);
  service.accept(offer.id);
}

const signal = () => new AbortController().signal;
const ask = (cursor = 0) => service.nextEdit(uri, { cursor, signal: signal() });
const askGhost = (cursor: number) => service.ghostText(uri, { cursor, signal: signal() });

async function call(engine: ManualEngine, count = 1) {
  await eventually(() => expect(engine.calls).toHaveLength(count));
  const last = engine.calls[count - 1];
  if (!last) throw new Error('no call');
  return last;
}

describe('two engines', () => {
  it('that one of them answers does not hide that the other one failed', async () => {
    const asked = ask();
    (await call(fast)).answer([]);
    (await call(slow)).fail(new Error('out of order'));
    await asked;
    edit({ start: 0, end: 0, newText: 'x' });
    const again = ask();
    (await call(fast, 2)).answer([]);
    const second = await call(slow, 2);
    expect(service.lastError).toBe('out of order');
    second.answer([]);
    await again;
    expect(service.lastError).toBeUndefined();
  });

  it('the second is asked where the first is silent, and all who ask wait for it', async () => {
    const asked = [ask(), askGhost(0)];
    (await call(fast)).answer([]);
    (await call(slow)).answer([use(1)]);
    expect((await asked[0])?.edits).toMatchObject([use(1)]);
    expect(late).toEqual([]);
    await ask();
    expect([fast.calls.length, slow.calls.length]).toEqual([1, 1]);
  });

  it('what the first says is offered at once; the second comes on top, and never in its place', async () => {
    const asked = ask(0);
    (await call(fast)).answer([use(2)]);
    const shown = await asked;
    expect(shown?.edits).toMatchObject([use(2)]);
    (await call(slow)).answer([use(0, 'baz'), { start: 8, end: 8, newText: '!' }]);
    await eventually(() => expect(late).toEqual([1]));
    // Nearer to the cursor, and still not before what is shown.
    expect(await ask(0)).toMatchObject({ id: shown?.id });
    expect(await askGhost(8)).toMatchObject({ insert: '!' });
    service.reject(uri, shown?.id ?? '');
    expect((await ask(0))?.edits[0]).toMatchObject({ newText: 'baz' });
  });

  it('what the second said stays while the first one’s hunks are taken', async () => {
    const asked = ask();
    (await call(fast)).answer([use(1), use(2)]);
    (await call(slow)).answer([use(3, 'end')]);
    const first = await asked;
    await eventually(() => expect(late).toEqual([1]));
    apply(first);
    apply(await ask());
    const third = ask();
    (await call(fast, 2)).answer([]);
    apply(await third);
    expect(text).toBe('foo\n1\nbar\n2\nbar\n3\nend\n');
    expect(slow.calls).toHaveLength(1);
  });

  it('a call in the background ends with the text it is about, and silence is not told', async () => {
    const asked = ask();
    (await call(fast)).answer([use(1)]);
    await asked;
    const background = await call(slow);
    edit({ start: 6, end: 7, newText: 'b' });
    expect(background.signal.aborted).toBe(true);
    // Typing what is offered keeps it; the other engine is asked again, about the text as it is.
    expect((await ask())?.edits).toMatchObject([{ newText: 'ar' }]);
    (await call(slow, 2)).answer([]);
    await eventually(() => expect(slow.calls[1]?.conversation.current).toBe(text));
    expect(late).toEqual([]);
  });

  it('a failure of the second leaves what the first said', async () => {
    const asked = ask();
    (await call(fast)).answer([use(1)]);
    await asked;
    (await call(slow)).fail(new EngineError('no model'));
    await eventually(() => expect(failures).toHaveLength(1));
    expect((await ask())?.edits).toMatchObject([use(1)]);
  });

  it('a request that is cancelled cancels the engine it waits for', async () => {
    const controller = new AbortController();
    const asked = service.nextEdit(uri, { cursor: 0, signal: controller.signal });
    (await call(fast)).answer([]);
    const waiting = await call(slow);
    controller.abort(new Error('left'));
    await expect(asked).rejects.toThrow('left');
    expect(waiting.signal.aborted).toBe(true);
  });

  it('a listing does not wait for long; what was asked goes on and is known the next time', async () => {
    const asked = service.nextAndAll(uri, { cursor: 0, signal: signal() }, 0);
    expect(await asked).toBeUndefined();
    (await call(fast)).answer([]);
    (await call(slow)).answer([use(1), use(2)]);
    await eventually(() => expect(service.known(uri, 0)).toHaveLength(2));
    expect(await service.nextAndAll(uri, { cursor: 0, signal: signal() }, 10_000)).toHaveLength(2);
  });

  it('waits for text that an engine wants to rest', async () => {
    let debounceMs = 60_000;
    Object.defineProperty(slow, 'debounceMs', { get: () => debounceMs });
    edit({ start: 0, end: 0, newText: 'x' });
    const early = ask();
    (await call(fast)).answer([]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(slow.calls).toHaveLength(0);
    debounceMs = 0;
    edit({ start: 0, end: 1, newText: '' });
    expect(await early).toBeUndefined();
    const again = ask();
    (await call(fast, 2)).answer([]);
    (await call(slow)).answer([]);
    expect(await again).toBeUndefined();
  });

  it('instructions go to the first that takes them', async () => {
    slow.supportsInstructions = true;
    const asked = service.instruct(uri, { start: 0, end: 3, instruction: 'shout', signal: signal() });
    (await call(slow)).answer([use(0, 'FOO')], { chat: 'Done.' });
    expect(await asked).toMatchObject({ chat: 'Done.', edits: [use(0, 'FOO')] });
    expect(fast.calls).toHaveLength(0);
  });
});

describe('a partial prediction', () => {
  async function partial(): Promise<Offer | undefined> {
    const asked = ask();
    (await call(fast)).answer([]);
    (await call(slow)).answer([use(1)], { partial: true });
    return asked;
  }
  const whole = [use(1), use(2), use(3)];

  it('offers its first hunk, and asks for nothing more', async () => {
    expect((await partial())?.edits).toMatchObject([use(1)]);
    await ask();
    expect(slow.calls).toHaveLength(1);
  });

  it('is finished once its first hunk is taken, and the rest is rebased over that', async () => {
    apply(await partial());
    const next = ask();
    (await call(fast, 2)).answer([]);
    const finish = await call(slow, 2);
    expect(finish).toMatchObject({ kind: 'finish', conversation: { current: start } });
    finish.answer(whole.map((one) => (one.start > 6 ? { ...one, newText: 'long' } : one)));
    apply(await next);
    apply(await ask());
    expect(text).toBe('foo\n1\nbar\n2\nlong\n3\nlong\n');
    expect(slow.calls).toHaveLength(2);
  });

  it('is finished after its first hunk was typed bit by bit, or partly replaced', async () => {
    await partial();
    edit({ start: 6, end: 9, newText: '' });
    for (const [index, letter] of [...'bar'].entries()) edit({ start: 6 + index, end: 6 + index, newText: letter });
    const next = ask();
    (await call(fast, 2)).answer([]);
    (await call(slow, 2)).answer(whole);
    expect((await next)?.edits).toMatchObject([use(2)]);
  });

  it('is forgotten when the text goes elsewhere', async () => {
    apply(await partial());
    edit({ start: 0, end: 0, newText: '// ' });
    const next = ask();
    (await call(fast, 2)).answer([]);
    expect(await call(slow, 2)).toMatchObject({ kind: 'predict', conversation: { current: text } });
    slow.calls[1]?.answer([]);
    expect(await next).toBeUndefined();
  });

  it('that has no rest leads to a new question', async () => {
    apply(await partial());
    const next = ask();
    (await call(fast, 2)).answer([]);
    (await call(slow, 2)).answer([use(1)]);
    const again = await call(slow, 3);
    expect(again).toMatchObject({ kind: 'predict', conversation: { current: text } });
    again.answer([use(3)]);
    expect((await next)?.edits).toMatchObject([use(3)]);
  });

  it('is finished when its first hunk is rejected, which stays away', async () => {
    const offer = await partial();
    service.reject(uri, offer?.id ?? '');
    const next = ask();
    (await call(slow, 2)).answer(whole);
    expect((await next)?.edits).toMatchObject([use(2)]);
  });

  it('is finished for all edits at once, the offer shown keeping its id', async () => {
    const offer = await partial();
    const [next, all] = service.known(uri, 0);
    expect([next?.id, all?.partial, all?.hunks]).toEqual([offer?.id, true, 1]);
    const finished = service.wholeOffer(uri, all?.id ?? '', signal());
    (await call(slow, 2)).answer(whole);
    expect(await finished).toMatchObject({ hunks: 3, partial: false, edits: whole });
    expect(service.offer(uri, offer?.id ?? '')?.edits).toMatchObject([use(1)]);
    // Known now: the rest is not asked for again.
    expect(await service.wholeOffer(uri, all?.id ?? '', signal())).toMatchObject({ hunks: 3 });
    expect(slow.calls).toHaveLength(2);
  });

  it('all at once is off when the text changes meanwhile, or the offer is gone', async () => {
    const offer = await partial();
    const finished = service.wholeOffer(uri, offer?.id ?? '', signal());
    await call(slow, 2);
    edit({ start: 0, end: 0, newText: 'x' });
    expect(await finished).toBeUndefined();
    expect(await service.wholeOffer(uri, offer?.id ?? '', signal())).toBeUndefined();
  });

  it('whose engine fails to finish keeps its first hunk', async () => {
    const offer = await partial();
    const finished = service.wholeOffer(uri, offer?.id ?? '', signal());
    (await call(slow, 2)).fail(new EngineError('died'));
    expect((await finished)?.edits).toMatchObject([use(1)]);
    expect(failures).toHaveLength(1);
  });
});
