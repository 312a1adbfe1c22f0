import { formatBytes } from '../../models/store/files.ts';
import { readManifest } from '../../models/store/manifestFile.ts';
import { ModelStore } from '../../models/store.ts';
import { jsonText } from '../jsonText.ts';
import { columnsOf, formatParameters, sizeOnDisk } from './describe.ts';
import { fail, interruptible, reported } from './interruptible.ts';

export interface InspectOptions {
  readonly json?: boolean;
  /** Hash every file again and compare. */
  readonly verify?: boolean;
}

/** `model inspect`: what the store knows of a model. Returns the exit code: 1 where it is not there or damaged. */
export function inspectModel(name: string, { json = false, verify = false }: InspectOptions): Promise<number> {
  return reported('inspect', async () => {
    const store = new ModelStore();
    const { folder, name: found } = await store.find(name);
    const manifest = await readManifest(folder, found);
    const damaged = verify
      ? await interruptible('interrupted', (signal) => store.verify(folder, manifest, signal))
      : undefined;
    if (json) {
      const checked = damaged === undefined ? {} : { damaged };
      const value = { ...manifest, folder, bytes: sizeOnDisk(manifest), ...checked };
      process.stdout.write(jsonText(value));
    } else {
      const { decoder } = manifest;
      process.stdout.write(
        columnsOf([
          ['name', found],
          ['source', manifest.source],
          ['architecture', manifest.architecture],
          ['parameters', formatParameters(manifest.parameters)],
          ['precision', manifest.precision],
          ['prompt format', manifest.promptFormat],
          ['context', `${manifest.contextLength} tokens`],
          ['vocabulary', `${decoder.vocabularySize} tokens`],
          ['decoder', `${decoder.layout}, for ${Object.keys(decoder.files).join(' and ')}`],
          ['layers', `${decoder.layers}, ${decoder.kvHeads} key-value heads of ${decoder.headSize}`],
          ['size', formatBytes(sizeOnDisk(manifest))],
          ['folder', folder],
        ]),
      );
      const state = (file: string) => (damaged === undefined ? [] : [damaged.includes(file) ? 'damaged' : 'verified']);
      process.stdout.write(
        `\n${columnsOf(manifest.files.map((file) => [file.name, formatBytes(file.size), `sha256:${file.sha256}`, ...state(file.name)]))}`,
      );
    }
    if (damaged === undefined || damaged.length === 0) return 0;
    return fail(
      'inspect',
      `the model ${found} is damaged: ${damaged.join(', ')} ${damaged.length === 1 ? 'is' : 'are'} not what was installed; import or pull it again with --force`,
    );
  });
}
