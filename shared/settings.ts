import * as v from 'valibot';
import { isRecord } from './isRecord.ts';
import { defaultMinConfidence } from './minConfidence.ts';

/** What a value may be: the schema, and the words for it in messages and in README's table. */
interface Kind<T extends v.GenericSchema> {
  readonly schema: T;
  /** Goes on from "expected". */
  readonly expected: string;
  /** All the values there are, where they can be listed. */
  readonly alternatives?: readonly unknown[];
}

const flag = { schema: v.boolean(), expected: 'true or false', alternatives: [true, false] };
const string = { schema: v.string(), expected: 'a string' };
const strings = { schema: v.array(v.string()), expected: 'a list of strings' };
const wholeNumber = (min: number, max: number) => ({
  schema: v.pipe(v.number(), v.integer(), v.minValue(min), v.maxValue(max)),
  expected: `a whole number, ${min} to ${max}`,
});
const number = (min: number, max: number) => ({
  schema: v.pipe(v.number(), v.minValue(min), v.maxValue(max)),
  expected: `a number, ${min} to ${max}`,
});
const oneOf = <const T extends readonly string[]>(alternatives: T) => ({
  schema: v.picklist(alternatives),
  expected: `one of ${alternatives.map((value) => JSON.stringify(value)).join(', ')}`,
  alternatives,
});

/** A setting with its default, and the sentence that README shows for it. */
const setting = <T extends v.GenericSchema>(
  { schema, expected, alternatives }: Kind<T>,
  fallback: v.InferInput<T>,
  description: string,
) => v.pipe(v.optional(schema, fallback), v.description(description), v.metadata({ expected, alternatives }));

/**
 * Every setting, by its dotted name under `cursorcore`. Flat here, so that each can be validated, defaulted and
 * documented by itself; clients send nested objects. README's table is generated from this by `npm run docs`.
 */
export const settingSchemas = {
  enable: setting(flag, true, 'Whether predictions are made at all.'),
  engine: setting(
    oneOf(['auto', 'pattern', 'cursorcore', 'remote']),
    'auto',
    'What predicts: `pattern` is the embedded engine, `cursorcore` a language model that you have installed; `auto` asks the embedded engine first and then the model, if there is one; `remote` is not in this version.',
  ),
  debounceMs: setting(
    wholeNumber(0, 5000),
    30,
    'How long the text must rest, in milliseconds, before the engine is asked.',
  ),
  'inlineCompletion.enable': setting(flag, true, 'Offer predictions at the cursor as ghost text.'),
  'nextEdit.enable': setting(flag, true, 'Offer predictions anywhere in the file to next-edit clients.'),
  'codeAction.enable': setting(flag, true, 'Offer predictions as code actions.'),
  'hintDiagnostics.enable': setting(
    flag,
    false,
    'Also show the next edit as a hint diagnostic where it would go, in editors that pull diagnostics (Helix); read when the server starts.',
  ),
  'pattern.minConfidence': setting(
    number(0, 1),
    defaultMinConfidence,
    'The pattern engine stays silent below this confidence, 0 to 1.',
  ),
  'model.name': setting(
    string,
    '',
    'The model: a name that `cursorcore-lsp model list` shows, or the absolute path of a folder that holds one; empty takes the first, those made to predict edits before others.',
  ),
  'model.device': setting(
    oneOf(['auto', 'cpu', 'cuda']),
    'auto',
    'Where the model runs; `auto` takes the GPU where it can be used.',
  ),
  'model.gpuDevice': setting(wholeNumber(0, 63), 0, 'Which GPU, counted from 0.'),
  'model.gpuMemoryLimit': setting(
    wholeNumber(0, 1024 * 1024),
    0,
    'A model whose files are larger than so many MiB is kept off the GPU and runs on the CPU; 0 lets any onto it. What a model takes there once it runs is not limited.',
  ),
  'model.threads': setting(
    wholeNumber(0, 512),
    0,
    'How many threads the model takes on the CPU; 0 is one for each physical core.',
  ),
  'model.idleMinutes': setting(
    wholeNumber(0, 1440),
    15,
    'After how many minutes without a request the model leaves memory; 0 is never.',
  ),
  'model.debounceMs': setting(
    wholeNumber(0, 10_000),
    150,
    'How long the text must rest, in milliseconds, before the model is asked.',
  ),
  'model.maxPromptTokens': setting(
    wholeNumber(0, 131_072),
    0,
    'How many tokens of code, current and earlier, the model is shown at most; 0 is 768 on the CPU and 6144 on a GPU.',
  ),
  'model.maxNewTokens': setting(
    wholeNumber(0, 32_768),
    0,
    'How many tokens the model writes at most for one answer; 0 is 320 on the CPU and 2048 on a GPU. Models that repeat what they are shown are shown no more than this.',
  ),
  'model.minConfidence': setting(number(0, 1), 0.3, 'Edits that the model is less sure of are not shown, 0 to 1.'),
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
    strings,
    [],
    'Further files to keep out of history, prompts and predictions, as gitignore patterns; `!` in front lets a file in again.',
  ),
  'exclude.gitignored': setting(flag, true, 'Keep files that git ignores out.'),
  'exclude.maxFileSize': setting(
    // A thread that runs out of memory may take the whole process with it, and with four times as much the embedded
    // engine's can.
    wholeNumber(1024, 4 * 1024 * 1024),
    1024 * 1024,
    'Keep documents longer than this many UTF-16 code units out.',
  ),
  'exclude.minified': setting(flag, true, 'Keep minified and generated-looking files out.'),
} as const;

export type SettingName = keyof typeof settingSchemas;
export type Settings = { readonly [K in SettingName]: v.InferOutput<(typeof settingSchemas)[K]> };

/** Settings as read from a client, and what was wrong with what it sent, each a sentence for the user. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly problems: readonly string[];
}

/**
 * Reads settings that come as nested objects, dotted keys or both. A setting that is wrong gets its default and a
 * problem that names it; so does a name that no setting has. Never throws.
 */
export function readSettings(value: unknown): ReadSettings {
  const problems: string[] = [];
  if (!isRecord(value) && !isNothing(value)) {
    problems.push(`cursorcore: ${mismatch('an object', value)}; the defaults are used`);
  }
  const given = new Map<string, unknown>();
  if (isRecord(value)) flatten(value, '', given);

  const settings: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(settingSchemas)) {
    const fallback = v.getDefault(schema.pipe[0]);
    const result = v.safeParse(schema, given.get(name));
    settings[name] = result.success ? result.output : fallback;
    if (!result.success) {
      const [issue] = result.issues;
      const item = v.getDotPath(issue);
      const problem = item === null ? mismatch(expectedOf(schema), issue.input) : mismatch('a string', issue.input);
      const where = item === null ? name : `${name}[${item}]`;
      problems.push(`cursorcore.${where}: ${problem}; the default ${JSON.stringify(fallback)} is used`);
    }
    given.delete(name);
  }
  for (const [name, unused] of given) problems.push(`cursorcore.${name}: ${uselessness(name, unused)}; it is ignored`);
  return { settings: settings as Settings, problems };
}

/** Every setting at its default. */
export const defaultSettings: Settings = readSettings(undefined).settings;

/** What a setting may be, in words that go on from "expected": `a whole number, 0 to 5000`. */
export function expectedOf(schema: (typeof settingSchemas)[SettingName]): string {
  return v.getMetadata(schema).expected;
}

/** What is wrong with a value, in words for the user. */
export function mismatch(expected: string, received: unknown): string {
  return `expected ${expected}, but received ${brief(received)}`;
}

function uselessness(name: string, value: unknown): string {
  const members = Object.keys(settingSchemas).filter((setting) => setting.startsWith(`${name}.`));
  if (members.length === 0) return 'there is no such setting';
  return mismatch(`an object, for it is the group of ${members.join(', ')}`, value);
}

/** Whether `name` is a setting, or a group of them. */
export function isSettingOrGroup(name: string): boolean {
  return Object.keys(settingSchemas).some((setting) => setting === name || setting.startsWith(`${name}.`));
}

function flatten(section: Record<string, unknown>, prefix: string, into: Map<string, unknown>): void {
  for (const [key, value] of Object.entries(section)) {
    const name = prefix + key;
    const isGroup = !Object.hasOwn(settingSchemas, name) && isSettingOrGroup(name);
    if (isRecord(value) && isGroup) flatten(value, `${name}.`, into);
    else if (!isNothing(value) || (Array.isArray(value) && !isGroup)) into.set(name, value);
  }
}

/** Clients that cannot say "absent" say null, and those that cannot tell an empty object from an empty list say `[]`. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function brief(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
