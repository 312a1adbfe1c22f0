/** Writes the table of settings in README.md, between its markers, from the schema. `npm run docs`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import * as v from 'valibot';
import { settingSchemas } from '../server/settings/settings.ts';

const begin = '<!-- settings -->';
const end = '<!-- /settings -->';

/** What a setting may be, in the words of messages about it: `0 to 5000`, a list of alternatives. */
function values({
  expected,
  alternatives,
}: {
  expected: string;
  alternatives?: readonly unknown[] | undefined;
}): string {
  if (alternatives) return alternatives.map((value) => `\`${JSON.stringify(value)}\``).join(', ');
  return expected.replace(/^an? /, '');
}

/** The table in Markdown, one row a setting. */
export function settingsTable(): string {
  const rows = Object.entries(settingSchemas).map(([name, schema]) => {
    const fallback = JSON.stringify(v.getDefault(schema));
    return `| \`${name}\` | ${values(v.getMetadata(schema))} | \`${fallback}\` | ${v.getDescription(schema)} |`;
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
