import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createEngines, isSameChoice } from '../../server/engines/registry.ts';
import { defaultSettings } from '../../server/settings/settings.ts';

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

it('isSameChoice goes by the settings of the engines alone', () => {
  const slower = { ...defaultSettings, debounceMs: 7 };
  expect(isSameChoice(defaultSettings, slower)).toBe(true);
  expect(isSameChoice(defaultSettings, { ...defaultSettings, 'model.threads': 7 })).toBe(false);
});
