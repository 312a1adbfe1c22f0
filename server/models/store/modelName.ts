import { UsageError } from './storeError.ts';

const maxLength = 80;

/** Names that Windows keeps for devices, also with an extension. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i;

/**
 * Checks that `name` can be a folder's name on every platform and cannot lead out of the store. Throws a UsageError.
 */
export function checkModelName(name: string): void {
  const problem = problemOf(name);
  if (problem === undefined) return;
  throw new UsageError(
    `${JSON.stringify(name)} cannot be a model's name: ${problem}; use letters, digits, '.', '_' and '-', such as cursorcore-1.5b`,
  );
}

function problemOf(name: string): string | undefined {
  if (name === '') return 'it is empty';
  if (name.length > maxLength) return `it is longer than ${maxLength} characters`;
  if (/[/\\]/.test(name)) return 'it is a path';
  if (!/^[A-Za-z0-9]/.test(name)) return 'it does not begin with a letter or digit';
  if (!/^[\w.-]+$/.test(name)) return 'it has characters that do not belong in one';
  if (name.endsWith('.')) return 'it ends with a dot';
  if (reserved.test(name)) return 'Windows keeps it for a device';
  return undefined;
}

/** A name for a model that calls itself `title`, e.g. `TechxGenus/CursorCore-QW2.5-1.5B` → `cursorcore-qw2.5-1.5b`. */
export function nameFrom(title: string): string {
  const last = title.split(/[/\\]/).filter(Boolean).at(-1) ?? '';
  const name = last
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, maxLength)
    .replace(/[^a-z0-9]+$/, '');
  return problemOf(name) === undefined ? name : 'model';
}

/** Names that differ in case alone would be one folder on some disks, so they are one everywhere. */
export function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
