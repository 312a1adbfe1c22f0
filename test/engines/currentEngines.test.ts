import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CurrentEngines } from '../../server/engines/currentEngines.ts';
import type { EngineChoice } from '../../server/engines/registry.ts';
import { ManualEngine } from '../prediction/engineDouble.ts';

const minute = 60_000;
let now = 0;
beforeEach(() => {
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

class Disposable extends ManualEngine {
  disposed = false;
  override async dispose(): Promise<void> {
    this.disposed = true;
  }
}

/** Each choice of these in turn, the last one again and again. */
function start(...choices: readonly EngineChoice[]) {
  let asked = 0;
  let replaced = 0;
  const engines = new CurrentEngines(
    async () => choices[Math.min(asked++, choices.length - 1)] ?? { engines: [], notices: [] },
    () => replaced++,
  );
  return { engines, asked: () => asked, replaced: () => replaced };
}

const choice = (engine: Disposable, isLacking = false): EngineChoice => ({
  engines: [engine],
  notices: [],
  isLacking,
});

it('are made once, and anew after they were ended', async () => {
  const [first, second] = [new Disposable('a'), new Disposable('b')];
  const { engines, asked } = start(choice(first), choice(second));
  expect(await Promise.all([engines.get(), engines.get()])).toEqual([[first], [first]]);
  now += 10 * minute;
  expect(await engines.get()).toEqual([first]);
  expect(asked()).toBe(1);
  await engines.dispose();
  expect(first.disposed).toBe(true);
  expect(await engines.get()).toEqual([second]);
});

it('that were ended while they were being chosen are given to nobody', async () => {
  const [first, second] = [new Disposable('a'), new Disposable('b')];
  const made = [first, second];
  const choosing: (() => void)[] = [];
  const engines = new CurrentEngines(
    () => new Promise((resolve) => choosing.push(() => resolve(choice(made.shift() ?? new Disposable('none'))))),
    () => {},
  );
  const waiting = [engines.get(), engines.get()];
  const ended = engines.dispose();
  choosing[0]?.();
  await ended;
  expect(first.disposed).toBe(true);
  await vi.waitFor(() => expect(choosing).toHaveLength(2));
  choosing[1]?.();
  expect(await Promise.all(waiting)).toEqual([[second], [second]]);
  expect(second.disposed).toBe(false);
});

it('are none once they were ended for good, also for those who waited', async () => {
  const engine = new Disposable('a');
  const { engines, asked } = start(choice(engine));
  const waiting = engines.get();
  await engines.close();
  expect([await waiting, await engines.get()]).toEqual([[], []]);
  expect([engine.disposed, asked()]).toEqual([true, 1]);
});

it('are chosen again where choosing failed', async () => {
  const engine = new Disposable('a');
  let times = 0;
  const engines = new CurrentEngines(
    async () => {
      if (times++ === 0) throw new Error('no luck');
      return choice(engine);
    },
    () => {},
  );
  await expect(engines.get()).rejects.toThrow('no luck');
  await engines.dispose();
  expect(await engines.get()).toEqual([engine]);
});

it('give way to a model that was installed meanwhile, looked for now and then', async () => {
  const [pattern, inVain, model] = [new Disposable('pattern'), new Disposable('pattern'), new Disposable('model')];
  const { engines, asked, replaced } = start(choice(pattern, true), choice(inVain, true), choice(model));
  for (let times = 0; times < 3; times++) expect(await engines.get()).toEqual([pattern]);
  expect(asked()).toBe(1);
  now += minute;
  expect(await engines.get()).toEqual([pattern]);
  await vi.waitFor(() => expect(inVain.disposed).toBe(true));
  expect([asked(), replaced(), pattern.disposed]).toEqual([2, 0, false]);
  now += minute;
  await engines.get();
  await vi.waitFor(() => expect(pattern.disposed).toBe(true));
  expect(replaced()).toBe(1);
  expect(await engines.get()).toEqual([model]);
  expect(model.disposed).toBe(false);
});
