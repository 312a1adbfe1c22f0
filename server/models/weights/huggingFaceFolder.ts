import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isRecord } from '../../../shared/isRecord.ts';
import { beginningOfSequenceId, highestTokenId, tokenIdOf } from '../tokenizer/tokenizerFacts.ts';
import { readTokenizerFolder } from '../tokenizer/tokenizerFolder.ts';
import { type ModelConfig, ModelFileError, type TensorInfo, type WeightSource } from '../weightSource.ts';
import { checkVocabulary } from './checkVocabulary.ts';
import { dequantize } from './dequantize.ts';
import { endOfSequenceIds, parseHuggingFaceConfig } from './huggingFaceConfig.ts';
import { readOptionalJson } from './jsonFile.ts';
import { ModelFile } from './modelFile.ts';
import { readSafetensorsHeader, type StoredTensor } from './safetensors.ts';
import { rowsAndColumns } from './storedTypes.ts';

const singleFile = 'model.safetensors';
const indexFile = 'model.safetensors.index.json';

/**
 * A folder as transformers saves it: config.json, tokenizer.json and safetensors.
 * @throws ModelFileError
 */
export async function openHuggingFaceFolder(folder: string): Promise<WeightSource> {
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

  const files: ModelFile[] = [];
  try {
    const tensors = await readTensors(folder, files);
    checkVocabulary(folder, modelConfig, tensors, highestTokenId(tokenizer));
    return {
      config: modelConfig,
      tensors,
      tokenizer,
      displayName: displayName(folder, config),
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
  // A snapshot in the hub's cache is named by its commit, which tells a person nothing.
  return /^[0-9a-f]{40}$/.test(fromFolder) && typeof named === 'string' && named !== '' ? named : fromFolder;
}

/** All that the model's files name as ends: a tuned model often leaves its base's in config.json. */
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

async function readTensors(folder: string, files: ModelFile[]): Promise<Map<string, StoredTensor>> {
  const shards = await findShards(folder);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, wanted] of shards) {
    const file = await ModelFile.open(join(folder, name));
    files.push(file);
    const found = new Set<string>();
    for (const tensor of await readSafetensorsHeader(file)) {
      found.add(tensor.name);
      if (!wanted || wanted.has(tensor.name)) tensors.set(tensor.name, tensor);
    }
    const missing = wanted && [...wanted].find((tensor) => !found.has(tensor));
    if (missing !== undefined) {
      throw new ModelFileError(
        `${file.path} has no tensor ${missing}, which ${indexFile} says it has; download the model again.`,
      );
    }
  }
  return tensors;
}

/** Each safetensors file of the model, with the tensors that are to be taken from it (all of a single file's). */
async function findShards(folder: string): Promise<Map<string, Set<string> | undefined>> {
  const names = new Set(
    await readdir(folder).catch(() => {
      throw new ModelFileError(`${folder} may not be read; check its permissions.`);
    }),
  );
  if (names.has(indexFile)) return shardsOfIndex(folder, await readOptionalJson(folder, indexFile));
  if (names.has(singleFile)) return new Map([[singleFile, undefined]]);
  const pickle = [...names].find((name) => /^pytorch_model.*\.bin$|\.pth?$/.test(name));
  if (pickle !== undefined) {
    throw new ModelFileError(
      `${join(folder, pickle)} is a pickle, which can run code when it is loaded and is not read; take the model's ` +
        'safetensors, or convert it with transformers (save_pretrained with safe_serialization).',
    );
  }
  throw new ModelFileError(`${folder} has no ${singleFile} and no ${indexFile}; download the model's safetensors.`);
}

function shardsOfIndex(folder: string, index: Record<string, unknown> | undefined): Map<string, Set<string>> {
  const path = join(folder, indexFile);
  const weightMap = index?.weight_map;
  if (!isRecord(weightMap) || Object.keys(weightMap).length === 0) {
    throw new ModelFileError(`${path} has no weight_map; download it again.`);
  }
  const shards = new Map<string, Set<string>>();
  for (const [tensor, shard] of Object.entries(weightMap)) {
    if (typeof shard !== 'string' || !/^[\w-][\w.-]*\.safetensors$/.test(shard)) {
      throw new ModelFileError(
        `${path} places ${tensor} in ${JSON.stringify(shard)}, which is no safetensors file of this folder; download it again.`,
      );
    }
    const wanted = shards.get(shard) ?? new Set();
    shards.set(shard, wanted.add(tensor));
  }
  return shards;
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
