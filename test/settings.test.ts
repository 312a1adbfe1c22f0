import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultSettings, readSettings } from '../shared/settings.ts';

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

  it.each([
    [{ debounceMs: 'soon' }, 'cursorcore.debounceMs: expected number but received "soon"; the default 30 is used'],
    [
      { engine: 'gpt' },
      'cursorcore.engine: expected ("auto" | "pattern" | "cursorcore" | "remote") but received "gpt"',
    ],
    [{ history: { maxSnapshots: 0 } }, 'cursorcore.history.maxSnapshots: expected >=1 but received 0'],
    [
      { exclude: { maxFileSize: 64 * 1024 * 1024 } },
      'cursorcore.exclude.maxFileSize: expected <=4194304 but received 67108864',
    ],
    [{ exclude: { files: ['a', 1] } }, 'cursorcore.exclude.files[1]: expected string but received 1'],
    [{ inlineCompletion: true }, 'cursorcore.inlineCompletion: there is no such setting; it is ignored'],
    [{ nextEdit: { colour: 1 } }, 'cursorcore.nextEdit.colour: there is no such setting; it is ignored'],
    ['all', 'cursorcore: expected an object but received "all"; the defaults are used'],
  ])('names what is wrong with %j and takes the default', (value, problem) => {
    const { settings, problems } = readSettings(value);
    expect(problems).toEqual([expect.stringContaining(problem)]);
    expect(settings).toEqual(defaultSettings);
  });

  it('names a setting that is nested too deep to be written out', () => {
    let deep: unknown = [];
    for (let depth = 0; depth < 50_000; depth++) deep = [deep];
    expect(readSettings({ enable: deep }).problems).toEqual([
      'cursorcore.enable: expected boolean but received a list; the default true is used',
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
