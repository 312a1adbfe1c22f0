import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings, readSettings } from '../server/settings/settings.ts';

describe('readSettings', () => {
  it('takes nested objects and dotted keys', () => {
    const { settings, problems } = readSettings({
      inlineCompletion: { enable: false },
      'nextEdit.enable': false,
      debounceMs: 7,
    });
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      ...defaultSettings,
      'inlineCompletion.enable': false,
      'nextEdit.enable': false,
      debounceMs: 7,
    });
  });

  it('takes the names of earlier versions', () => {
    expect(readSettings({ engine: 'cursorcore' })).toMatchObject({ settings: { engine: 'model' }, problems: [] });
  });

  it.each([
    [
      { debounceMs: 'soon' },
      'cursorcore.debounceMs: expected a whole number, 0 to 5000, but received "soon"; the default 30 is used',
    ],
    [{ engine: 'gpt' }, 'cursorcore.engine: expected one of "auto", "pattern", "remote", "model", but received "gpt"'],
    [
      { history: { maxSnapshots: 0 } },
      'cursorcore.history.maxSnapshots: expected a whole number, 1 to 32, but received 0',
    ],
    [
      { exclude: { maxFileSize: 64 * 1024 * 1024 } },
      'cursorcore.exclude.maxFileSize: expected a whole number, 1024 to 4194304, but received 67108864',
    ],
    [{ exclude: { files: ['a', 1] } }, 'cursorcore.exclude.files[1]: expected a string, but received 1'],
    [{ exclude: { files: 'a' } }, 'cursorcore.exclude.files: expected a list of strings, but received "a"'],
    [{ history: { maxSnapshots: 2.5 } }, ': expected a whole number, 1 to 32, but received 2.5; the default 4 is used'],
    [{ pattern: { minConfidence: 2 } }, 'cursorcore.pattern.minConfidence: expected a number, 0 to 1, but received 2'],
    [
      { inlineCompletion: true },
      'cursorcore.inlineCompletion: expected an object, for it is the group of inlineCompletion.enable, but received true; it is ignored',
    ],
    [{ history: 3 }, ': expected an object, for it is the group of history.maxSnapshots, history.maxRelated, but'],
    [{ nextEdit: { colour: 1 } }, 'cursorcore.nextEdit.colour: there is no such setting; it is ignored'],
    ['all', 'cursorcore: expected an object, but received "all"; the defaults are used'],
  ])('names what is wrong with %j and takes the default', (value, problem) => {
    const { settings, problems } = readSettings(value);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(settings).toEqual(defaultSettings);
  });

  it('names a setting that is nested too deep to be written out', () => {
    let deep: unknown = [];
    for (let depth = 0; depth < 50_000; depth++) deep = [deep];
    expect(readSettings({ enable: deep }).problems).toEqual([
      'cursorcore.enable: expected true or false, but received a list; the default true is used',
    ]);
    expect(readSettings(deep).settings).toEqual(defaultSettings);
  });

  it('keeps the right settings beside a wrong one', () => {
    const { settings, problems } = readSettings({ debounceMs: -1, pattern: { minConfidence: 0.9 } });
    expect(problems).toHaveLength(1);
    expect(settings).toEqual({ ...defaultSettings, 'pattern.minConfidence': 0.9 });
  });

  it.each([[undefined], [null], [[]], [{}], [{ nextEdit: [] }], [{ nextEdit: null }], [{ debounceMs: null }]])(
    'takes %j for nothing said',
    (value) => {
      expect(readSettings(value)).toEqual({ settings: defaultSettings, problems: [] });
    },
  );

  it('gives settings for any value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(Object.keys(readSettings(value).settings)).toEqual(Object.keys(defaultSettings));
      }),
    );
  });
});
