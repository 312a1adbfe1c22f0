import { readFileSync, type Stats, statSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { systemErrorWords } from '../../shared/errors.ts';
import { Exclusion } from '../history/exclusion.ts';
import { defaultSettings } from '../settings/settings.ts';

/** A file that cannot be used; the message is a sentence for the user that names it. */
export class FileError extends Error {}

/** A UTF-16 code unit takes at most this many bytes of UTF-8. */
const maxBytesPerUnit = 3;

/**
 * The text of a regular file in UTF-8, with its byte order mark if it has one. A file that is named here is wanted though
 * git ignores it; a secret is not shown to an engine, so it is not even read. Throws a FileError.
 */
export function readText(file: string): string {
  const bytes = statOf(file).size;
  const uri = pathToFileURL(path.resolve(file)).href;
  const exclusion = new Exclusion({ ...defaultSettings, 'exclude.gitignored': false });
  const max = defaultSettings['exclude.maxFileSize'];
  const kept =
    exclusion.nameReason(uri) ?? (bytes > max * maxBytesPerUnit ? `longer than ${max} characters` : undefined);
  if (kept !== undefined) throw new FileError(`${file} is kept out of predictions: ${kept}`);
  const text = decode(
    file,
    tried(file, () => readFileSync(file)),
  );
  const reason = exclusion.reason(uri, text);
  if (reason !== undefined) throw new FileError(`${file} is kept out of predictions: ${reason}`);
  return text;
}

function statOf(file: string): Stats {
  const stats = tried(file, () => statSync(file));
  if (stats.isDirectory()) throw new FileError(`${file} cannot be read: it is a folder`);
  // A device or a pipe may never end.
  if (!stats.isFile()) throw new FileError(`${file} cannot be read: it is not a regular file`);
  return stats;
}

function decode(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    // A diff of what a lenient decoder makes of it would not apply.
    throw new FileError(`${file} cannot be read: it is not UTF-8`);
  }
}

function tried<T>(file: string, access: () => T): T {
  try {
    return access();
  } catch (error) {
    throw new FileError(`${file} cannot be read: ${systemErrorWords(error)}`);
  }
}
