import { open } from 'node:fs/promises';
import path from 'node:path';
import { systemErrorWords } from '../../../shared/errors.ts';
import { EngineError } from '../engine.ts';

/** Where the key is. Settings are logged and synchronised, so it is never one of them. */
export interface KeySource {
  /** The name of an environment variable, or empty. */
  readonly variable: string;
  /** The absolute path of a file, or empty. */
  readonly file: string;
}

/** Maximum length of a key, in bytes. */
const maxLength = 8192;
const topic = 'remote: key';

/**
 * Why the settings lead to no key, a sentence. No setting's value is repeated: it may be the key,
 * put there by mistake.
 */
export function keySourceProblem({ variable, file }: KeySource): string | undefined {
  if (variable !== '' && file !== '')
    return 'the settings remote.keyVariable and remote.keyFile are both given: leave one out.';
  if (variable !== '' && !/^[A-Za-z_]\w*$/.test(variable)) {
    return 'the setting remote.keyVariable is no name of an environment variable. It names the one that holds the key, and is not the key itself.';
  }
  if (file !== '' && !path.isAbsolute(file)) return 'the setting remote.keyFile is no absolute path of a file.';
  return undefined;
}

/**
 * The key, or undefined if none is named. Read each time, so a replaced key is used at once. Rejects
 * with an EngineError.
 */
export async function readKey(
  { variable, file }: KeySource,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string | undefined> {
  if (variable === '' && file === '') return undefined;
  const [found, where] =
    file === ''
      ? [env[variable] ?? '', 'the environment variable that remote.keyVariable names']
      : [await readStart(file), 'the file that remote.keyFile names'];
  const key = found.trim();
  if (key === '') {
    const what = file === '' ? 'is not set where the server was started' : 'is empty';
    throw new EngineError(`${where} ${what}`, { topic });
  }
  // The characters allowed in a header (RFC 9110, field values), on one line.
  if (key.length > maxLength || !/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(key)) {
    throw new EngineError(`${where} holds no key: it has several lines, or characters that no key has`, { topic });
  }
  return key;
}

async function readStart(file: string): Promise<string> {
  try {
    const handle = await open(file);
    try {
      // Reading a device or a pipe may never end, or never begin.
      if (!(await handle.stat()).isFile()) throw new Error('it is no regular file');
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxLength + 1), 0, maxLength + 1, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new EngineError(`the file that remote.keyFile names cannot be read: ${systemErrorWords(error)}`, { topic });
  }
}
