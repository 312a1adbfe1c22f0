import { type PromptFormatName, promptFormatNames } from '../../../shared/conversation/formats.ts';
import { type Precision, precisions } from '../../models/manifest.ts';
import { UsageError } from '../../models/store/storeError.ts';
import { mismatch } from '../../settings/settings.ts';

export function parsePrecision(value: string | undefined): Precision | undefined {
  return oneOf('--precision', precisions, value);
}

export function parseFormat(value: string | undefined): PromptFormatName | undefined {
  return oneOf('--format', promptFormatNames, value);
}

function oneOf<T extends string>(option: string, choices: readonly T[], value: string | undefined): T | undefined {
  if (value === undefined) return undefined;
  const chosen = choices.find((choice) => choice === value);
  if (chosen !== undefined) return chosen;
  throw new UsageError(`${option}: ${mismatch(`one of ${choices.map((choice) => `"${choice}"`).join(', ')}`, value)}`);
}
