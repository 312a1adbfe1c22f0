import { adapterChoice } from '../../models/adapter/adapterChoice.ts';
import { architecturesInWords } from '../../models/architectures.ts';
import { precisionForFloats } from '../../models/defaultPrecision.ts';
import { type HubSpec, parseHubSpec } from '../../models/hub/hubSpec.ts';
import { type PullPlan, pullModel } from '../../models/hub/pullModel.ts';
import type { Precision } from '../../models/manifest.ts';
import { diskNeeded, memoryNeeded, memoryWarning } from '../../models/needs.ts';
import { downloadBytes, publishedModel, publishedModels, publishedNeeds } from '../../models/publishedModels.ts';
import { cacheFolder } from '../../models/store/cacheFolder.ts';
import { formatBytes } from '../../models/store/files.ts';
import { ModelStore } from '../../models/store.ts';
import { confirmed } from './confirm.ts';
import { columnsOf, formatParameters } from './describe.ts';
import { DownloadProgress } from './downloadProgress.ts';
import { gpuMemory } from './gpuMemory.ts';
import { announce } from './import.ts';
import { parseFormat, parsePrecision } from './importOptions.ts';
import { interruptible, reported } from './interruptible.ts';

export interface PullCommandOptions {
  readonly revision?: string;
  /** The GGUF file of the repository to take. */
  readonly file?: string;
  readonly name?: string;
  readonly precision?: string;
  readonly format?: string;
  /** The folder of a LoRA adapter, or the name of one that comes with this package. */
  readonly adapter?: string;
  readonly force?: boolean;
  /** Do not ask before downloading. */
  readonly yes?: boolean;
  readonly keepDownload?: boolean;
}

/**
 * `model pull`: downloads a model from the hub and installs it; without a name, lists what has a short one. Returns the
 * exit code.
 */
export function pullCommand(spec: string | undefined, options: PullCommandOptions): Promise<number> {
  return reported('pull', async () => {
    if (spec === undefined) {
      process.stdout.write(listing());
      return 0;
    }
    const precision = parsePrecision(options.precision);
    const promptFormat = parseFormat(options.format);
    const hubSpec = parseHubSpec(spec, {
      ...(options.file === undefined ? {} : { file: options.file }),
      ...(options.revision === undefined ? {} : { revision: options.revision }),
    });
    const adapter = options.adapter === undefined ? undefined : await adapterChoice(options.adapter);
    const root = cacheFolder();
    const memory = precision === undefined ? await gpuMemory() : undefined;
    const progress = new DownloadProgress();
    const rate = new Rate();
    const note = 'interrupted; nothing was installed, and the same command goes on with the download where it stopped';
    try {
      const manifest = await interruptible(note, (signal) =>
        pullModel(new ModelStore(root), root, hubSpec, {
          ...(options.name === undefined ? {} : { name: options.name }),
          ...(precision === undefined ? {} : { precision }),
          ...(promptFormat === undefined ? {} : { promptFormat }),
          ...(memory === undefined ? {} : { gpuMemory: memory }),
          ...(adapter === undefined ? {} : { adapter }),
          ...(options.force ? { force: true } : {}),
          ...(options.keepDownload ? { keepDownload: true } : {}),
          env: process.env,
          confirm: (plan) => {
            process.stderr.write(announced(hubSpec, plan, precision ?? precisionForFloats(plan.bytes / 2, memory)));
            return confirmed('Download it?', options.yes ?? false, signal);
          },
          onDownload: (done, total) =>
            progress.update(`downloaded of ${formatBytes(total)}`, done, total, rate.words(done, total)),
          onImport: (done, total) => progress.update('converted', done, total),
          signal,
        }),
      );
      progress.clear();
      if (manifest) announce(manifest);
      else process.stderr.write('Nothing was downloaded.\n');
      return manifest ? 0 : 1;
    } finally {
      progress.clear();
    }
  });
}

/** What is about to be downloaded, and what it will need, as far as that can be told before it is here. */
function announced(spec: HubSpec, { repo, commit, files, bytes }: PullPlan, precision: Precision): string {
  const ours = spec.adapter === undefined ? '' : `, to be merged with our adapter ${spec.adapter}`;
  const head = `${repo} at ${commit.slice(0, 12)}: ${files.length} files, ${formatBytes(bytes)} to download${ours}.\n`;
  const published = publishedModel(spec.adapter ?? repo);
  const gguf = files.some((file) => file.path.endsWith('.gguf'));
  // Nearly all weights are published in 2 bytes a number; how large the cache gets is not known yet.
  const disk = gguf ? bytes : diskNeeded(bytes / 2, precision);
  const known = { disk, memory: memoryNeeded(disk, precision, { layers: 0, kvHeads: 0, headSize: 0 }) };
  const { disk: taken, memory } = published && !gguf ? publishedNeeds(published, precision) : known;
  const as = gguf ? 'Installed' : `As ${precision}`;
  const warning = memoryWarning(memory);
  const note = warning === undefined ? '' : `Note: ${warning}.\n`;
  return `${head}${as} it takes about ${formatBytes(taken)} on the disk and ${formatBytes(memory)} of memory.\n${note}`;
}

function listing(): string {
  const rows = publishedModels.map((model) => [
    model.alias ?? model.name,
    model.adapter ? `${model.repo} and our adapter` : model.repo,
    model.licence ?? 'see its page',
    formatParameters(model.parameters),
    formatBytes(downloadBytes(model)),
    ...(['int4', 'int8', 'fp16'] as const).map((precision) => formatBytes(publishedNeeds(model, precision).memory)),
  ]);
  const ours = publishedModels.flatMap(({ name, adapter }) => (adapter ? [name] : []));
  const head = ['NAME', 'MODEL', 'LICENCE', 'PARAMETERS', 'DOWNLOAD', 'MEMORY: INT4', 'INT8', 'FP16'];
  return `${columnsOf([head, ...rows])}
${ours.join(', ')}: our own, trained to predict next edits on machines without a GPU. Its adapter comes with cursorcore-lsp and is merged into what is downloaded.
CursorCore models ending in -sr answer with search and replace, those in -lc with locations and changes, the others with the whole file.
Pull one with \`cursorcore-lsp model pull NAME\`, or any ${architecturesInWords()} model of the hub with \`cursorcore-lsp model pull OWNER/NAME\`.
`;
}

/** Bytes a second over the whole download, and the time that is left, in words. */
class Rate {
  #first: { readonly at: number; readonly done: number } | undefined;

  words(done: number, total: number): string {
    const now = Date.now();
    // What is there from an earlier try comes at once and says nothing of the network.
    this.#first ??= { at: now, done };
    const seconds = (now - this.#first.at) / 1000;
    const rate = (done - this.#first.done) / seconds;
    if (seconds < 1 || rate <= 0) return '';
    const left = Math.round((total - done) / rate);
    const time = left < 60 ? `${left} s` : `${Math.round(left / 60)} min`;
    return `${formatBytes(rate)}/s, ${time} left`;
  }
}
