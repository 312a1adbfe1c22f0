/** Writes the table of settings in README.md, between its markers, from the schema. `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { settingSchemas } from '../shared/settings.ts';

const begin = '<!-- settings -->';
const end = '<!-- /settings -->';

interface SettingSchema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: SettingSchema;
  readonly default?: unknown;
  readonly description?: string;
}

/** What a setting may be, in words: `true or false`, `0 to 5000`, a list of alternatives. */
function values({ type, enum: alternatives, minimum, maximum, items }: SettingSchema): string {
  if (alternatives) return alternatives.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  if (type === 'boolean') return '`true`, `false`';
  if (type === 'array') return `list of ${items?.type ?? 'value'}s`;
  const kind = type === 'integer' ? 'whole number' : (type ?? 'any');
  return minimum === undefined || maximum === undefined ? kind : `${kind}, ${minimum} to ${maximum}`;
}

/** The table in Markdown, one row a setting. */
export function settingsTable(): string {
  const rows = Object.entries(settingSchemas).map(([name, schema]) => {
    const json = toJsonSchema(schema, { errorMode: 'ignore' }) as SettingSchema;
    return `| \`${name}\` | ${values(json)} | \`${JSON.stringify(json.default)}\` | ${json.description} |`;
  });
  return ['| Setting | Values | Default | |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

/** `readme` with the table between its markers. Throws when the markers are missing. */
export function withSettingsTable(readme: string): string {
  const [from, to] = [readme.indexOf(begin), readme.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`README.md needs the lines ${begin} and ${end}`);
  return `${readme.slice(0, from + begin.length)}\n${settingsTable()}\n${readme.slice(to)}`;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync('README.md', withSettingsTable(readFileSync('README.md', 'utf8')));
}
