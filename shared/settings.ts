import * as v from 'valibot';

/** A setting with its default, and the sentence that README shows for it. */
const setting = <T extends v.GenericSchema>(schema: T, fallback: v.InferInput<T>, description: string) =>
  v.pipe(v.optional(schema, fallback), v.description(description));

const wholeNumber = (min: number, max: number) => v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max));

/**
 * Every setting, by its dotted name under `cursorcore`. Flat here, so that each can be validated, defaulted and
 * documented by itself; clients send nested objects. README's table is generated from this by `npm run docs`.
 */
export const settingSchemas = {
  enable: setting(v.boolean(), true, 'Whether predictions are made at all.'),
  engine: setting(
    v.picklist(['auto', 'pattern', 'cursorcore', 'remote']),
    'auto',
    'What predicts: `pattern` is the embedded engine; `auto` takes the best one installed.',
  ),
  debounceMs: setting(
    wholeNumber(0, 5000),
    30,
    'How long the text must rest, in milliseconds, before the engine is asked.',
  ),
  'inlineCompletion.enable': setting(v.boolean(), true, 'Offer predictions at the cursor as ghost text.'),
  'nextEdit.enable': setting(v.boolean(), true, 'Offer predictions anywhere in the file to next-edit clients.'),
  'codeAction.enable': setting(v.boolean(), true, 'Offer predictions as code actions.'),
  'pattern.minConfidence': setting(
    v.pipe(v.number(), v.minValue(0), v.maxValue(1)),
    0.5,
    'The pattern engine stays silent below this confidence, 0 to 1.',
  ),
  'history.maxSnapshots': setting(
    wholeNumber(1, 32),
    4,
    'How many earlier snapshots of a document an engine sees at most.',
  ),
  'history.maxRelated': setting(
    wholeNumber(0, 32),
    4,
    'How many recent changes of other documents an engine sees at most.',
  ),
  'exclude.files': setting(
    v.array(v.string()),
    [],
    'Further files to keep out of history, prompts and predictions, as gitignore patterns; `!` in front lets a file in again.',
  ),
  'exclude.gitignored': setting(v.boolean(), true, 'Keep files that git ignores out.'),
  'exclude.maxFileSize': setting(
    wholeNumber(1024, 64 * 1024 * 1024),
    1024 * 1024,
    'Keep documents longer than this many UTF-16 code units out.',
  ),
  'exclude.minified': setting(v.boolean(), true, 'Keep minified and generated-looking files out.'),
} as const;

export type SettingName = keyof typeof settingSchemas;
export type Settings = { readonly [K in SettingName]: v.InferOutput<(typeof settingSchemas)[K]> };
