import { beforeEach, describe, expect, it } from 'vitest';
import type { TextChange } from '../../server/prediction/documentPrediction.ts';
import { PredictionService } from '../../server/prediction/service.ts';
import { eventually } from '../eventually.ts';
import { ManualEngine } from './engineDouble.ts';

const here = 'file:///here.ts';
const before = 'total(1);\n';
const now = 'sum(1);\n';
const other = 'see(total);\n';

/** Knows the texts, as the workspace does. */
class Service extends PredictionService {
  override open(uri: string, version: number, text: string): void {
    texts.set(uri, text);
    super.open(uri, version, text);
  }

  override change(uri: string, version: number, changes: readonly TextChange[]): void {
    texts.set(uri, changes.at(-1)?.text ?? '');
    super.change(uri, version, changes);
  }
}
const texts = new Map<string, string>();

let engine: ManualEngine;
let model: ManualEngine;
let service: PredictionService;
const signal = new AbortController().signal;
const ask = () => service.nextElsewhere(here, { cursor: 3, signal });

/** Waits until the embedded engine has been asked `count` times in all, and gives the last call. */
async function engineCall(count: number) {
  await eventually(() => expect(engine.calls).toHaveLength(count));
  const call = engine.calls[count - 1];
  if (!call) throw new Error('no call');
  return call;
}

beforeEach(() => {
  engine = new ManualEngine();
  model = Object.assign(new ManualEngine(), { model: { name: 'model' } });
  service = new Service({
    engines: async () => [engine, model],
    debounceMs: () => 0,
    conversation: (uri) => ({ path: 'a.ts', languageId: '', history: [before], current: texts.get(uri) ?? '' }),
  });
  service.open(here, 1, now);
});

/** Both engines are silent about the document that the user is in. */
async function silentHere() {
  const asked = ask();
  (await engineCall(1)).answer([]);
  await eventually(() => expect(model.calls).toHaveLength(1));
  model.calls[0]?.answer([]);
  return asked;
}
const use = { start: now.length + 1 + 4, end: now.length + 1 + 9, newText: 'sum', confidence: 0.9 };

describe('asking about other documents', () => {
  it('asks the embedded engine alone, once for the same texts, those changed last first, and at most three', async () => {
    for (const name of ['a', 'b', 'c', 'd']) service.open(`file:///${name}.ts`, 1, `${name}(total);\n`);
    service.open('file:///e.ts', 1, 'nothing();\n');
    const asked = silentHere();
    for (const [i, name] of ['d', 'c', 'b'].entries()) {
      const call = await engineCall(i + 2);
      expect(call.conversation.current).toBe(`${now}\n${name}(total);\n`);
      call.answer([]);
    }
    expect(await asked).toBeUndefined();
    expect(await ask()).toBeUndefined();
    expect([engine.calls.length, model.calls.length]).toEqual([4, 1]);
  });

  it('keeps what it found, and offers it in its own document too', async () => {
    service.open('file:///a.ts', 7, other);
    const asked = silentHere();
    (await engineCall(2)).answer([use]);
    const offer = await asked;
    expect(offer).toMatchObject({
      uri: 'file:///a.ts',
      version: 7,
      text: other,
      edits: [{ start: 4, newText: 'sum' }],
    });
    expect(service.knownElsewhere(here)).toEqual(offer);
    expect(service.offer('file:///a.ts', offer?.id ?? '')).toMatchObject({ edits: offer?.edits });
    expect(service.accept(offer?.id ?? '')).toBe(true);
  });

  it('asks nobody while something is offered here', async () => {
    service.open('file:///a.ts', 1, other);
    const asked = ask();
    (await engineCall(1)).answer([{ start: 0, end: 3, newText: 'add' }]);
    expect(await asked).toBeUndefined();
    expect(engine.calls).toHaveLength(1);
  });

  it.each([
    ['here', () => service.change(here, 2, [{ edit: { start: 0, end: 0, newText: 'x' }, text: `x${now}` }])],
    [
      'there',
      () => service.change('file:///a.ts', 2, [{ edit: { start: 0, end: 0, newText: 'x' }, text: `x${other}` }]),
    ],
    ['by opening a document', () => service.open('file:///b.ts', 1, '')],
    ['by closing one', () => service.close('file:///a.ts')],
  ])('ends when a text changes: %s', async (_, change) => {
    service.open('file:///a.ts', 1, other);
    const asked = silentHere();
    const call = await engineCall(2);
    change();
    expect(await asked).toBeUndefined();
    expect(call.signal.aborted).toBe(true);
    expect(service.knownElsewhere(here)).toBeUndefined();
  });

  it('forgets what follows from a text that is no more', async () => {
    service.open('file:///a.ts', 1, other);
    const asked = silentHere();
    (await engineCall(2)).answer([use]);
    const offer = await asked;
    service.change(here, 2, [{ edit: { start: 0, end: 0, newText: 'x' }, text: `x${now}` }]);
    expect(service.offer('file:///a.ts', offer?.id ?? '')).toBeUndefined();
  });

  it('waits no longer than it may for an engine that does not answer', async () => {
    service.open('file:///a.ts', 1, other);
    expect(await silentHere()).toBeUndefined();
    expect((await engineCall(2)).signal.aborted).toBe(true);
  });
});
