import { adapterChoice } from '../../models/adapter/adapterChoice.ts';
import { importModel } from '../../models/importModel.ts';
import type { ModelManifest } from '../../models/manifest.ts';
import { memoryNeeded, memoryWarning } from '../../models/needs.ts';
import { ModelStore } from '../../models/store.ts';
import { sizeOnDisk, summary } from './describe.ts';
import { DownloadProgress } from './downloadProgress.ts';
import { gpuMemory } from './gpuMemory.ts';
import { parseFormat, parsePrecision } from './importOptions.ts';
import { interruptible, reported } from './interruptible.ts';

export interface ImportCommandOptions {
  readonly name?: string;
  readonly precision?: string;
  /** The prompt format, as the manifest names it. */
  readonly format?: string;
  /** The folder of a LoRA adapter, or the name of one that comes with this package. */
  readonly adapter?: string;
  readonly force?: boolean;
}

/** `model import`: installs weights that lie on this machine. Returns the exit code. */
export function importCommand(place: string, options: ImportCommandOptions): Promise<number> {
  return reported('import', async () => {
    const precision = parsePrecision(options.precision);
    const promptFormat = parseFormat(options.format);
    const adapter = options.adapter === undefined ? undefined : await adapterChoice(options.adapter);
    const memory = precision === undefined ? await gpuMemory() : undefined;
    const progress = new DownloadProgress();
    try {
      const manifest = await interruptible('interrupted; nothing was installed', (signal) =>
        importModel(new ModelStore(), place, {
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(precision === undefined ? {} : { precision }),
          ...(promptFormat === undefined ? {} : { promptFormat }),
          ...(memory === undefined ? {} : { gpuMemory: memory }),
          ...(adapter === undefined ? {} : { adapter }),
          ...(options.force ? { force: true } : {}),
          onProgress: (done, total) => progress.update('converted', done, total),
          signal,
        }),
      );
      progress.clear();
      announce(manifest);
      return 0;
    } finally {
      progress.clear();
    }
  });
}

/** Says what was installed, and whether this machine is likely to run it. */
export function announce(manifest: ModelManifest): void {
  process.stdout.write(`Installed ${manifest.name}: ${summary(manifest)}.\n`);
  const warning = memoryWarning(memoryNeeded(sizeOnDisk(manifest), manifest.precision, manifest.decoder));
  if (warning !== undefined) process.stderr.write(`Note on ${manifest.name}: ${warning}.\n`);
}
