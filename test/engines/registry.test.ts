import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngines, isSameChoice } from '../../server/engines/registry.ts';
import { importModel } from '../../server/models/importModel.ts';
import { ModelStore } from '../../server/models/store.ts';
import { defaultSettings } from '../../server/settings/settings.ts';
import { tinyCursorCore } from '../fixtures/tinyCursorCore.ts';

const events = { log: () => {}, notify: () => {} };
const settings = (engine: 'auto' | 'pattern' | 'model', model = '') => ({
  ...defaultSettings,
  engine,
  'model.name': model,
});

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(path.join(tmpdir(), 'cursorcore-'));
  vi.stubEnv('CURSORCORE_CACHE', cache);
});

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

describe('createEngines, where no model is installed', () => {
  it.each(['auto', 'pattern'] as const)('takes the embedded engine for %s', async (engine) => {
    const choice = await createEngines(settings(engine), events);
    expect(choice.engines.map(({ name }) => name)).toEqual(['pattern']);
    expect(choice.notices).toEqual([]);
  });

  it.each([
    ['model', '', /No model is installed: .*model pull.*model import.*The pattern engine is used instead/],
    ['model', 'tiny', /no model tiny is installed.*The pattern engine is used instead/i],
    ['auto', 'tiny', /no model tiny is installed.*The pattern engine is used instead/i],
  ] as const)('takes it for %s with the model "%s", too, and says so', async (engine, model, notice) => {
    const choice = await createEngines(settings(engine, model), events);
    expect(choice.engines.map(({ name }) => name)).toEqual(['pattern']);
    expect(choice.notices).toEqual([expect.stringMatching(notice)]);
  });
});

describe('createEngines, with and without the address of a server', () => {
  const withUrl = (engine: 'auto' | 'remote', url: string) => ({ ...defaultSettings, engine, 'remote.url': url });

  it('asks a server for auto only where one is named, and misses it nowhere else', async () => {
    const named = await createEngines(withUrl('auto', 'http://127.0.0.1:9'), events);
    expect(named.engines.map(({ name }) => name)).toEqual(['pattern', 'remote']);
    const alone = await createEngines(withUrl('remote', 'http://127.0.0.1:9/v1'), events);
    expect(alone.engines.map(({ name }) => name)).toEqual(['remote']);
    expect(alone.isLacking).toBe(false);
    // With a model, nothing is looked for any more that could be found only by other settings.
    await importModel(new ModelStore(), tinyCursorCore, {});
    const installed = await createEngines(settings('auto'), events);
    expect(installed.engines.map(({ name }) => name)).toEqual(['pattern', 'model']);
    expect(installed.isLacking).toBe(false);
  });

  it.each([
    ['remote', '', /No server is named: set remote\.url/],
    ['auto', 'models.example', /which is no address/],
    ['remote', 'http://models.example', /sends your code to models\.example unencrypted/],
  ] as const)('takes the embedded engine for %s with the address "%s", and says why', async (engine, url, notice) => {
    const choice = await createEngines(withUrl(engine, url), events);
    expect(choice.engines.map(({ name }) => name)).toEqual(['pattern']);
    expect(choice.notices).toEqual([expect.stringMatching(notice)]);
  });
});

it('isSameChoice goes by the settings of the engines alone', () => {
  const slower = { ...defaultSettings, debounceMs: 7 };
  expect(isSameChoice(defaultSettings, slower)).toBe(true);
  expect(isSameChoice(defaultSettings, { ...defaultSettings, 'model.threads': 7 })).toBe(false);
});
