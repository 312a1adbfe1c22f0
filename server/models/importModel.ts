import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { PromptFormatName } from '../../shared/conversation/formats.ts';
import type { AdapterChoice } from './adapter/adapterChoice.ts';
import { withAdapter } from './adapter/withAdapter.ts';
import { architectureOf } from './architectures.ts';
import { convertModel } from './convert.ts';
import { defaultPrecision } from './defaultPrecision.ts';
import type { ModelManifest, Precision } from './manifest.ts';
import { diskNeeded } from './needs.ts';
import { isOnnxFolder, openOnnxFolder } from './onnxFolder.ts';
import { promptFormatOf } from './promptFormatOf.ts';
import { checkModelName, nameFrom } from './store/modelName.ts';
import { UsageError } from './store/storeError.ts';
import type { ModelStore } from './store.ts';
import { outerTensor } from './tensorNames.ts';
import type { TokenizerFiles } from './tokenizer/tokenizerFiles.ts';
import { checkUsable } from './tokenizer/usableTokenizer.ts';
import { ModelFileError, type WeightSource } from './weightSource.ts';
import { openWeights } from './weights/openWeights.ts';
import { withSharedVocabulary } from './weights/sharedVocabulary.ts';

export interface ImportOptions {
  /** The model's name in the store; by default derived from its own name. */
  readonly name?: string;
  readonly precision?: Precision;
  readonly promptFormat?: PromptFormatName;
  /** A LoRA adapter to be merged into the weights. One that comes with this package brings a name and a prompt format. */
  readonly adapter?: AdapterChoice;
  /** Replace a model of the same name. */
  readonly force?: boolean;
  /** Bytes of memory of the GPU that the model will run on, for the default precision. */
  readonly gpuMemory?: number;
  /** The source of the weights, for the manifest and for guesses; by default their path. */
  readonly source?: string;
  readonly onProgress?: (done: number, total: number) => void;
  readonly signal?: AbortSignal;
}

/**
 * Installs weights or an exported decoder: a Hugging Face folder, a GGUF file, or a folder or file of ONNX. Rejects
 * with a ModelFileError for what cannot be imported and a StoreError for what cannot be stored; the store is then
 * unchanged.
 */
export async function importModel(store: ModelStore, place: string, options: ImportOptions): Promise<ModelManifest> {
  if (options.name !== undefined) checkModelName(options.name);
  if (place === '') throw new UsageError('no path is given; name a folder, a GGUF file or an ONNX file');
  if (!(await isOnnxFolder(place))) return await importWeights(store, place, options);
  if (options.adapter === undefined) return await importOnnx(store, place, options);
  throw new ModelFileError(
    `${place} was exported to ONNX, and an adapter cannot be merged into that; name the model's safetensors or a GGUF file of it.`,
  );
}

async function importWeights(store: ModelStore, place: string, options: ImportOptions): Promise<ModelManifest> {
  const base = await openWeights(place);
  let source: WeightSource = base;
  try {
    // What an adapter changes is no longer stored in blocks, and is to be as precise as the rest.
    const precision = options.precision ?? defaultPrecision(base, options.gpuMemory);
    if (options.adapter) source = await withAdapter(base, options.adapter.folder);
    if (hasVocabularyOf(base, source)) source = await withSharedVocabulary(source);
    let parameters = 0;
    for (const { shape } of source.tensors.values()) parameters += shape.reduce((size, n) => size * n, 1);
    return await store.install(
      options.name ?? options.adapter?.bundled?.name ?? nameFrom(source.displayName),
      async (folder) => {
        await writeTokenizer(folder, source.tokenizer);
        const converted = await convertModel(source, folder, { precision, ...passed(options) });
        const { displayName, tokenizer } = source;
        return { ...converted, ...described(place, { displayName, tokenizer, parameters }, options) };
      },
      { ...installOptions(options), bytes: diskNeeded(parameters, precision) },
    );
  } finally {
    await source.close();
  }
}

/** Whether embedding and head are the base's. What an adapter does to one of them may be less than what rounding did. */
function hasVocabularyOf(base: WeightSource, source: WeightSource): boolean {
  const architecture = architectureOf(base.config.architecture);
  return (['embedding', 'head'] as const)
    .map((part) => outerTensor(architecture, part))
    .every((name) => source.tensors.get(name) === base.tensors.get(name));
}

async function importOnnx(store: ModelStore, place: string, options: ImportOptions): Promise<ModelManifest> {
  const opened = await openOnnxFolder(place, options.precision);
  return await store.install(
    options.name ?? nameFrom(opened.displayName),
    async (folder) => {
      await writeTokenizer(folder, opened.tokenizer);
      await opened.copyTo(folder, passed(options));
      return { ...opened.model, ...described(place, opened, options) };
    },
    { ...installOptions(options), bytes: opened.bytes },
  );
}

async function writeTokenizer(folder: string, { tokenizer, config }: TokenizerFiles): Promise<void> {
  checkUsable({ tokenizer, config });
  await writeFile(path.join(folder, 'tokenizer.json'), JSON.stringify(tokenizer), { flag: 'wx' });
  await writeFile(path.join(folder, 'tokenizer_config.json'), JSON.stringify(config), { flag: 'wx' });
}

function described(
  place: string,
  { displayName, tokenizer, parameters }: { displayName: string; tokenizer: TokenizerFiles; parameters?: number },
  { name, source, promptFormat, adapter }: ImportOptions,
): Pick<ModelManifest, 'source' | 'promptFormat'> {
  const names = [displayName, name, source?.replace(/@[^@]*$/, '')].filter((item) => item !== undefined);
  const merged = adapter === undefined ? '' : ` with ${adapter.bundled?.name ?? path.resolve(adapter.folder)}`;
  return {
    source: `${source ?? path.resolve(place)}${merged}`,
    promptFormat: promptFormat ?? adapter?.bundled?.promptFormat ?? promptFormatOf(tokenizer, names, parameters),
  };
}

function passed({ onProgress, signal }: ImportOptions): Pick<ImportOptions, 'onProgress' | 'signal'> {
  return { ...(onProgress ? { onProgress } : {}), ...(signal ? { signal } : {}) };
}

function installOptions({ force, signal }: ImportOptions): Pick<ImportOptions, 'force' | 'signal'> {
  return { ...(force ? { force } : {}), ...(signal ? { signal } : {}) };
}
