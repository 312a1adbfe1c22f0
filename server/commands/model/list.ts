import { printable } from '../../../shared/printable.ts';
import { downloadedBytes, downloadsFolder } from '../../models/hub/downloads.ts';
import { cacheFolder } from '../../models/store/cacheFolder.ts';
import { formatBytes } from '../../models/store/files.ts';
import { ModelStore } from '../../models/store.ts';
import { jsonText } from '../jsonText.ts';
import { columnsOf, formatParameters, sizeOnDisk } from './describe.ts';
import { reported } from './interruptible.ts';

/** `model list`: the installed models, those that are damaged with why. Returns the exit code. */
export function listModels({ json = false }: { readonly json?: boolean }): Promise<number> {
  return reported('list', async () => {
    const root = cacheFolder();
    const entries = await new ModelStore(root).list();
    if (json) {
      const values = entries.map((entry) =>
        'problem' in entry
          ? entry
          : {
              name: entry.name,
              folder: entry.folder,
              architecture: entry.manifest.architecture,
              parameters: entry.manifest.parameters,
              precision: entry.manifest.precision,
              promptFormat: entry.manifest.promptFormat,
              bytes: sizeOnDisk(entry.manifest),
              source: entry.manifest.source,
            },
      );
      process.stdout.write(jsonText(values));
      return 0;
    }
    const whole = entries.flatMap((entry) => ('manifest' in entry ? [entry.manifest] : []));
    if (whole.length > 0) {
      const rows = whole.map((manifest) => [
        manifest.name,
        formatParameters(manifest.parameters),
        manifest.precision,
        formatBytes(sizeOnDisk(manifest)),
        manifest.promptFormat,
      ]);
      process.stdout.write(columnsOf([['NAME', 'PARAMETERS', 'PRECISION', 'SIZE', 'PROMPT FORMAT'], ...rows]));
    }
    for (const entry of entries) if ('problem' in entry) process.stdout.write(`${printable(entry.problem)}\n`);
    if (entries.length === 0) {
      process.stdout.write('No model is installed. `cursorcore-lsp model pull` lists what can be downloaded.\n');
    }
    const downloaded = await downloadedBytes(root);
    if (downloaded > 0) {
      process.stdout.write(
        `Downloads that were not finished, or kept, take ${formatBytes(downloaded)}: pull them again to go on, or delete ${downloadsFolder(root)}.\n`,
      );
    }
    return 0;
  });
}
