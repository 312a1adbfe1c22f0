import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../../../shared/isRecord.ts';
import { ModelFileError } from '../weightSource.ts';
import { ModelFile } from './modelFile.ts';

/** tokenizer.json is the largest that a model comes with: about 20 MB for the vocabularies of today. */
const largestTextFile = 256 * 2 ** 20;

/** Ten times the nesting of any real model's file. A deeper one would overflow the stack of code that walks it. */
const deepest = 100;

/** The text of a file in a model's folder; undefined when there is none. */
export async function readOptionalText(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name);
  if (!(await exists(path))) return undefined;
  const file = await ModelFile.open(path);
  try {
    if (file.size > largestTextFile) {
      throw new ModelFileError(`${path} has ${file.size} bytes, too many for such a file; download it again.`);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.read(0, file.size));
  } catch (error) {
    if (error instanceof ModelFileError) throw error;
    throw new ModelFileError(`${path} is not valid UTF-8; download it again.`);
  } finally {
    await file.close();
  }
}

/** The JSON object in a file of a model's folder; undefined when there is none. */
export async function readOptionalJson(folder: string, name: string): Promise<Record<string, unknown> | undefined> {
  const text = await readOptionalText(folder, name);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ModelFileError(`${join(folder, name)} is not JSON; download it again.`);
  }
  if (!isShallow(value, deepest)) {
    throw new ModelFileError(`${join(folder, name)} is nested deeper than ${deepest}; download it again.`);
  }
  if (!isRecord(value)) throw new ModelFileError(`${join(folder, name)} is not a JSON object; download it again.`);
  return value;
}

function isShallow(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return levels > 0 && Object.values(value).every((inner) => isShallow(inner, levels - 1));
}

/** A dangling link exists too, so that reading it says what is wrong. */
async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch {
    return false;
  }
}
