import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { settingsTable, withSettingsTable } from '../../scripts/settings-table.ts';
import { settingSchemas } from '../../server/settings/settings.ts';

it('README.md has the table that `npm run docs` writes', () => {
  const readme = readFileSync('README.md', 'utf8');
  expect(readme).toBe(withSettingsTable(readme));
});

it('has a row with values, default and description for every setting', () => {
  const rows = settingsTable().split('\n').slice(2);
  expect(rows).toHaveLength(Object.keys(settingSchemas).length);
  for (const row of rows) {
    expect(row).toMatch(/^\| `[\w.]+` \| .+ \| `.+` \| .+\.? \|$/);
    expect(row).not.toContain('undefined');
  }
  expect(rows).toContainEqual(expect.stringMatching(/`debounceMs` \| whole number, 0 to 5000 \| `30` \|/));
});

it('wants the markers', () => {
  expect(() => withSettingsTable('# README')).toThrow('README.md needs');
});
