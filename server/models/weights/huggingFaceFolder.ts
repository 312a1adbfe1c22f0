import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { beginningOfSequenceId, highestTokenId, tokenIdOf } from '../tokenizer/tokenizerFacts.ts';
import type { TokenizerFiles } from '../tokenizer/tokenizerFiles.ts';
import { readTokenizerFolder } from '../tokenizer/tokenizerFolder.ts';
import { type ModelConfig, ModelFileError, type TensorInfo, type WeightSource } from '../weightSource.ts';
import { checkVocabulary } from './checkVocabulary.ts';
import { dequantize } from './dequantize.ts';
import { endOfSequenceIds, parseHuggingFaceConfig } from './huggingFaceConfig.ts';
import { readOptionalJson } from './jsonFile.ts';
import { ModelFile } from './modelFile.ts';
import type { StoredTensor } from './safetensors.ts';
import { readTensors } from './shards.ts';
import { rowsAndColumns } from './storedTypes.ts';

/**
 * What the small files of a model's folder tell of it, which is everything but the weights.
 */
export interface FolderDescription {
  readonly config: ModelConfig;
  readonly tokenizer: TokenizerFiles;
  readonly displayName: string;
}

/**
 * Reads config.json and the tokenizer's files.
 * @throws ModelFileError for what cannot be run, with whatever weights.
 */
export async function describeFolder(folder: string): Promise<FolderDescription> {
  const configPath = join(folder, 'config.json');
  const config = await readOptionalJson(folder, 'config.json');
  if (!config) {
    throw new ModelFileError(
      `${folder} has no config.json; name a folder with config.json, tokenizer.json and safetensors, or a GGUF file.`,
    );
  }
  const parsed = parseHuggingFaceConfig(config, configPath);
  const tokenizer = await readTokenizerFolder(folder, parsed.architecture);
  const endOfSequence = await endOfSequenceOf(folder, config, tokenizer);
  const beginning = beginningOfSequenceId(tokenizer);
  const modelConfig: ModelConfig = {
    ...parsed,
    endOfSequence,
    ...(beginning !== undefined && { beginningOfSequence: beginning }),
  };
  checkVocabulary(folder, modelConfig, new Map(), highestTokenId(tokenizer));
  return { config: modelConfig, tokenizer, displayName: displayName(folder, config) };
}

/** The weights of a folder, with the files they lie in. */
export interface FolderWeights extends WeightSource {
  /** Paths. */
  readonly files: ReadonlySet<string>;
}

/**
 * A folder as transformers saves it: config.json, tokenizer.json and safetensors.
 * @param open how a file of weights is opened
 * @param names the names of the folder's files; those that lie there without it
 * @throws ModelFileError
 */
export async function openHuggingFaceFolder(
  folder: string,
  open: (path: string) => Promise<ModelFile> = (path) => ModelFile.open(path),
  names?: ReadonlySet<string>,
): Promise<FolderWeights> {
  const { config, tokenizer, displayName } = await describeFolder(folder);
  const files: ModelFile[] = [];
  try {
    const there = names ?? (await namesIn(folder));
    const tensors = await readTensors(folder, config, there, async (path) => {
      const file = await open(path);
      files.push(file);
      return file;
    });
    checkVocabulary(folder, config, tensors, highestTokenId(tokenizer));
    return {
      config,
      tensors,
      tokenizer,
      displayName,
      files: new Set([...tensors.values()].map(({ file }) => file.path)),
      readRows: async (tensor, first, last) => dequantize(tensor.type, await readRawRows(tensors, tensor, first, last)),
      readRawRows: (tensor, first, last) => readRawRows(tensors, tensor, first, last),
      close: () => closeAll(files),
    };
  } catch (error) {
    await closeAll(files);
    throw error;
  }
}

async function closeAll(files: readonly ModelFile[]): Promise<void> {
  await Promise.all(files.map((file) => file.close()));
}

function displayName(folder: string, config: Record<string, unknown>): string {
  const named = config._name_or_path;
  const fromFolder = basename(resolve(folder));
  // A snapshot in the hub's cache is named by its commit, which is not a useful name.
  return /^[0-9a-f]{40}$/.test(fromFolder) && typeof named === 'string' && named !== '' ? named : fromFolder;
}

/** All end tokens in the model's files: a tuned model often keeps its base's in config.json. */
async function endOfSequenceOf(
  folder: string,
  config: Record<string, unknown>,
  tokenizer: WeightSource['tokenizer'],
): Promise<number[]> {
  const generation = await readOptionalJson(folder, 'generation_config.json');
  const fromTokenizer = tokenIdOf(tokenizer, 'eos_token');
  const ids = new Set([
    ...(fromTokenizer === undefined ? [] : [fromTokenizer]),
    ...endOfSequenceIds(generation),
    ...endOfSequenceIds(config),
  ]);
  if (ids.size === 0) {
    throw new ModelFileError(
      `${folder}: nothing tells which token ends an answer; add eos_token_id to generation_config.json.`,
    );
  }
  return [...ids];
}

async function namesIn(folder: string): Promise<ReadonlySet<string>> {
  const names = await readdir(folder).catch(() => {
    throw new ModelFileError(`${folder} may not be read; check its permissions.`);
  });
  return new Set(names);
}

async function readRawRows(
  tensors: ReadonlyMap<string, StoredTensor>,
  { name }: TensorInfo,
  first: number,
  last: number,
): Promise<Uint8Array> {
  const tensor = tensors.get(name);
  if (!tensor) throw new RangeError(`No tensor ${name}`);
  const { rows } = rowsAndColumns(tensor.shape);
  if (!(first >= 0 && first <= last && last <= rows)) throw new RangeError(`Rows ${first} to ${last} of ${rows}`);
  const rowBytes = rows === 0 ? 0 : tensor.bytes / rows;
  return tensor.file.read(tensor.offset + first * rowBytes, (last - first) * rowBytes);
}
