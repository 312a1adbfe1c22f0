import { isRecord } from '../../shared/isRecord.ts';
import { isSettingOrGroup, readSettings, type Settings } from '../settings/settings.ts';

/**
 * The settings that `--setting NAME=VALUE` options give, others at their defaults. A value is JSON, or else a string as
 * it stands. The problem is a sentence for the user.
 */
export function givenSettings(
  options: readonly string[] = [],
): { readonly settings: Settings } | { readonly settings?: undefined; readonly problem: string } {
  const given: Record<string, unknown> = {};
  for (const option of options) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(option) ?? [];
    if (name === '') return { problem: `--setting: expected NAME=VALUE, but received ${JSON.stringify(option)}` };
    if (!isSettingOrGroup(name)) return { problem: `--setting: there is no setting ${name}` };
    given[name] = read(value);
  }
  const { settings, problems } = readSettings(given);
  const [problem] = problems;
  return problem === undefined ? { settings } : { problem: `--setting: ${problem.replace(/; the default .*/s, '')}` };
}

function read(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    // A group is given by its settings; and null is for clients that cannot leave something out.
    return isRecord(value) || value === null ? text : value;
  } catch {
    return text;
  }
}
