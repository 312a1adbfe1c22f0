import { DidChangeConfigurationNotification } from 'vscode-languageserver';
import { errorText } from '../../shared/errors.ts';
import { isRecord } from '../../shared/isRecord.ts';
import { defaultSettings, isSettingOrGroup, readSettings, type Settings } from '../settings/settings.ts';
import type { LanguageServer } from './server.ts';

const section = 'cursorcore';
/** What next-edit clients send in `initializationOptions` about themselves; not settings of ours. */
const clientOptions = new Set(['editorInfo', 'editorPluginInfo']);

/** The settings in force. */
export class Configuration {
  #settings: Settings = defaultSettings;
  readonly #listeners: ((settings: Settings, previous: Settings) => void)[] = [];

  get settings(): Settings {
    return this.#settings;
  }

  /** Calls `listener` after each change of a setting. */
  onChange(listener: (settings: Settings, previous: Settings) => void): void {
    this.#listeners.push(listener);
  }

  set(settings: Settings): void {
    const previous = this.#settings;
    if (JSON.stringify(previous) === JSON.stringify(settings)) return;
    this.#settings = settings;
    for (const listener of this.#listeners) listener(settings, previous);
  }
}

/**
 * Settings from `initializationOptions`, `workspace/configuration` and `workspace/didChangeConfiguration`. Later values
 * replace the settings that they name; the others stay as in `initializationOptions`.
 */
export function registerConfiguration(server: LanguageServer): Configuration {
  const configuration = new Configuration();
  let initial: unknown;
  let problems: readonly string[] = [];
  let canPull = false;
  let canRegister = false;

  const apply = (later: unknown) => {
    const read = readSettings(mergeSettings(initial, later));
    problems = isRecord(later) ? read.problems : [...readSettings(later).problems, ...read.problems];
    configuration.set(read.settings);
  };
  const report = () => {
    for (const problem of problems) server.log.warn(problem);
    if (problems.length > 0) server.warnOnce(problems.join('\n'));
  };
  const pull = async () => {
    try {
      apply(await server.connection.workspace.getConfiguration(section));
      report();
    } catch (error) {
      server.log.warn(`workspace/configuration: ${errorText(error)}`);
    }
  };

  /** Some clients report changes only to servers that registered (LSP 3.18, `workspace/didChangeConfiguration`). */
  const register = async () => {
    try {
      await server.connection.client.register(DidChangeConfigurationNotification.type, { section });
    } catch (error) {
      server.log.warn(`client/registerCapability: ${errorText(error)}`);
    }
  };

  server.onInitialize(({ initializationOptions, capabilities }) => {
    canPull = capabilities.workspace?.configuration === true;
    canRegister = capabilities.workspace?.didChangeConfiguration?.dynamicRegistration === true;
    initial = ownSection(initializationOptions) ?? withoutClientOptions(initializationOptions);
    apply(undefined);
  });
  server.onInitialized(() => {
    report();
    if (canPull) void pull();
    if (canRegister) void register();
  });
  server.connection.onDidChangeConfiguration(({ settings }) => {
    const own = ownSection(settings);
    const pushed = own ?? (isRecord(settings) && Object.keys(settings).some(isSettingOrGroup) ? settings : undefined);
    if (pushed === undefined && canPull) {
      void pull();
      return;
    }
    apply(pushed);
    report();
  });
  return configuration;
}

/** Our settings in `value` under `cursorcore`, nested or as dotted keys; undefined where there are none. */
function ownSection(value: unknown): unknown {
  if (!isRecord(value)) return value === null ? undefined : value;
  if (section in value) return value[section] ?? undefined;
  const dotted = Object.entries(value).filter(([key]) => key.startsWith(`${section}.`));
  if (dotted.length === 0) return undefined;
  return Object.fromEntries(dotted.map(([key, setting]) => [key.slice(section.length + 1), setting]));
}

function withoutClientOptions(value: unknown): unknown {
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !clientOptions.has(key)));
}

/** The settings of both; `later` wins if it is an object of settings. */
function mergeSettings(earlier: unknown, later: unknown): unknown {
  if (!isRecord(later)) return earlier;
  if (!isRecord(earlier)) return later;
  const merged: Record<string, unknown> = { ...earlier };
  for (const [key, value] of Object.entries(later)) {
    merged[key] = isRecord(merged[key]) && isRecord(value) ? mergeSettings(merged[key], value) : value;
  }
  return merged;
}
