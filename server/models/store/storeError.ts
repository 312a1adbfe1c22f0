import path from 'node:path';
import { systemErrorWords } from '../../../shared/errors.ts';

/** Something the store cannot do, in one sentence that says what is wrong and what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}

/** What the user got wrong on the command line, in one sentence. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

const elsewhere = 'set CURSORCORE_CACHE to a folder on another disk';

/**
 * A failure to write below `folder` as a StoreError; any other error as it is. Errors of an open file name no path, so
 * those that only writing can give are taken for the store's.
 */
export function writeFailure(error: unknown, folder: string): unknown {
  const code = codeOf(error);
  const at = error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StoreError(
        `the disk that holds ${folder} is full and nothing was installed; free some space or ${elsewhere}`,
      );
    case 'EFBIG':
      return new StoreError(
        `a file in ${folder} would get larger than this system allows (see \`ulimit -f\`) and nothing was installed; raise the limit or ${elsewhere}`,
      );
    case 'EROFS':
      return new StoreError(`${folder} is on a disk that is read-only; ${elsewhere}`);
    case 'EACCES':
    case 'EPERM':
    case 'ENOTDIR':
    case 'EEXIST':
      // Folders above it may have to be made first.
      if (at === undefined || !(isInside(at, folder) || isInside(folder, at))) return error;
      return new StoreError(
        `${at} cannot be written: ${code === 'EEXIST' ? 'it is not a folder' : systemErrorWords(error)}; make it writable or set CURSORCORE_CACHE to another folder`,
      );
    default:
      return error;
  }
}

function isInside(file: string, folder: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || !(relative.startsWith('..') || path.isAbsolute(relative));
}
