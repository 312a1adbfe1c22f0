import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';
import * as v from 'valibot';
import { systemErrorWords } from '../../../shared/errors.ts';
import { type ModelManifest, manifestSchema } from '../manifest.ts';
import { StoreError } from './storeError.ts';

export const manifestName = 'model.json';
const version = manifestSchema.entries.manifestVersion.literal;
const anyVersion = v.object({ manifestVersion: v.number() });

/** A manifest has some kB. */
const largest = 2 ** 20;

/** The text of a small file; what only looks like one, such as a pipe or a device, may never end. */
async function readText(file: string): Promise<string> {
  const handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const stats = await handle.stat();
    if (stats.isDirectory()) throw new Error('it is a folder');
    if (!stats.isFile()) throw new Error('it is no file');
    if (stats.size > largest) throw new Error(`it has ${stats.size} bytes`);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** Reads and checks the manifest of the model `name` in `folder`. Throws a StoreError. */
export async function readManifest(folder: string, name: string): Promise<ModelManifest> {
  const again = `import or pull it again with --force, or run \`cursorcore-lsp model remove ${name}\``;
  let value: unknown;
  try {
    value = JSON.parse(await readText(path.join(folder, manifestName)));
  } catch (error) {
    const why = error instanceof SyntaxError ? 'is not JSON' : `cannot be read: ${systemErrorWords(error)}`;
    throw new StoreError(`the model ${name} is damaged: its ${manifestName} ${why}; ${again}`);
  }
  const known = v.safeParse(anyVersion, value);
  if (known.success && known.output.manifestVersion > version) {
    throw new StoreError(
      `the model ${name} was installed by a newer cursorcore-lsp (manifest version ${known.output.manifestVersion}, this one reads ${version}); update cursorcore-lsp, or ${again}`,
    );
  }
  const checked = v.safeParse(manifestSchema, value);
  if (!checked.success) {
    const [issue] = checked.issues;
    const where = v.getDotPath(issue);
    throw new StoreError(
      `the model ${name} is damaged: its ${manifestName} is not as it should be${where ? ` at \`${where}\`` : ''} (${issue.message}); ${again}`,
    );
  }
  const manifest = checked.output;
  const listed = new Set(manifest.files.map((file) => file.name));
  const { files, inPlaceFiles = {}, scoringFiles = {} } = manifest.decoder;
  const decoder = [files.cpu, files.cuda, inPlaceFiles.cpu, scoringFiles.cpu, scoringFiles.cuda].filter(
    (file) => file !== undefined,
  );
  const missing = decoder.find((file) => !listed.has(file));
  if (missing !== undefined || decoder.length === 0) {
    throw new StoreError(
      `the model ${name} is damaged: its ${manifestName} lists no ${missing ?? 'decoder'}; ${again}`,
    );
  }
  // The folder's name is what the user goes by, and may rename.
  return { ...manifest, name };
}
