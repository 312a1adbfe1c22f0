import * as v from 'valibot';
import { isRecord } from '../../shared/isRecord.ts';
import { engineAliases, engineKinds, engineNames } from '../engines/kinds.ts';
import { flag, oneOf, setting, strings, wholeNumber } from './setting.ts';

type Union<T> = (T extends unknown ? (each: T) => void : never) extends (all: infer All) => void ? All : never;

/** The settings of all engines, each in the group with the engine's name. */
const engineSettingSchemas = Object.assign({}, ...engineKinds.map(({ settings }) => settings)) as Union<
  (typeof engineKinds)[number]['settings']
>;

/**
 * Every setting, by its dotted name under `cursorcore`. Flat here, so that each has its own validation, default and
 * documentation; clients send nested objects. README's table is generated from this by `npm run docs`.
 */
export const settingSchemas = {
  enable: setting(flag, true, 'Whether predictions are made at all.'),
  engine: setting(
    oneOf(['auto', ...engineNames], engineAliases),
    'auto',
    `What predicts: ${engineKinds.map(({ name, summary }) => `\`${name}\` is ${summary}`).join(', ')}; \`auto\` asks the embedded engine first and then the others that there are.`,
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
  ...engineSettingSchemas,
  'explain.enable': setting(
    flag,
    false,
    'Answer `cursorcore/explain`: what the engines thought of, for whoever tunes one or doubts a prediction.',
  ),
  'record.enable': setting(
    flag,
    false,
    'Record edits and what becomes of predictions, in a folder on this machine that nothing else reads (`cursorcore-lsp record`).',
  ),
  'record.maxMegabytes': setting(
    wholeNumber(1, 10_000),
    64,
    'How much the recordings take at most, in megabytes; the oldest are removed.',
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
    strings,
    [],
    'Further files to keep out of history, prompts and predictions, as gitignore patterns; `!` in front lets a file in again.',
  ),
  'exclude.gitignored': setting(flag, true, 'Keep files that git ignores out.'),
  'exclude.maxFileSize': setting(
    // A thread that runs out of memory may end the whole process, and with four times as much the embedded engine's
    // thread can run out.
    // engine's can.
    wholeNumber(1024, 4 * 1024 * 1024),
    1024 * 1024,
    'Keep documents longer than this many UTF-16 code units out.',
  ),
  'exclude.minified': setting(flag, true, 'Keep minified and generated-looking files out.'),
} as const;

/** The settings that engines need. */
export type EngineSettings = Pick<Settings, 'engine' | keyof typeof engineSettingSchemas>;

/** The names of the settings from which engines are created. */
export const engineSettingNames: readonly (keyof EngineSettings)[] = [
  'engine',
  ...(Object.keys(engineSettingSchemas) as (keyof typeof engineSettingSchemas)[]),
];

export type SettingName = keyof typeof settingSchemas;
export type Settings = { readonly [K in SettingName]: v.InferOutput<(typeof settingSchemas)[K]> };

/** Settings as read from a client, and the problems in its values, each as a sentence for the user. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly problems: readonly string[];
}

/**
 * Reads settings that come as nested objects, dotted keys or both. An invalid setting gets its default and a problem
 * that names it; an unknown name is a problem, too. Never throws.
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

/** The allowed values of a setting, in words that follow "expected": `a whole number, 0 to 5000`. */
export function expectedOf(schema: (typeof settingSchemas)[SettingName]): string {
  return v.getMetadata(schema).expected;
}

/** The problem with a value, in words for the user. */
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

/**
 * Clients that cannot omit a value send null, and those that cannot distinguish an empty object from an empty list send
 * `[]`.
 */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function brief(value: unknown): string {
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 40 ? `${text.slice(0, 40)}…` : text;
}
